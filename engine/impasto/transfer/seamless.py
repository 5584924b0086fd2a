"""Paintings that tile without a seam: what lies beyond an edge is what lies at the opposite one."""

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from .canvas import Canvas
from .optimise import Evaluate, Losses

_FADE = 8
"""Towards an edge, the layer fades into what lies at the opposite one, within this part of its side."""


@dataclass(frozen=True)
class Wrap:
    """Which pairs of opposite edges meet."""

    across: bool
    """Left and right."""
    down: bool
    """Top and bottom."""

    @classmethod
    def of(cls, seamless: str) -> "Wrap | None":
        """By the setting's value."""
        return None if seamless == "no" else cls(seamless in ("across", "both"), seamless in ("down", "both"))

    def faded(self, layer: Tensor) -> Tensor:
        """A layer ``(1, C, H, W)`` whose edges meet: near each it is mixed with its mirror image, half and half at the
        edge itself."""
        for axis, meets in ((-1, self.across), (-2, self.down)):
            if meets:
                length = layer.shape[axis]
                place = torch.arange(length, device=layer.device)
                reach = torch.minimum(place, length - 1 - place) / max(1, length // _FADE)
                share = (0.5 * (1 - reach)).clamp_min(0)
                layer = layer.lerp(layer.flip(axis), share if axis == -1 else share[:, None])
        return layer

    def around(self, canvas: Canvas, margin: int) -> Canvas:
        """The canvas with that many more pixels beyond each edge, which count nothing."""
        weights = torch.ones_like(canvas.content[:, :1]) if canvas.weights is None else canvas.weights
        left, right, top, bottom = self._margins(canvas.content, margin)
        inside = F.pad(weights, (left, right, top, bottom))
        padded = canvas.mapped(lambda tensor: self.padded(tensor, margin))
        return replace(padded, weights=inside)

    def padded(self, picture: Tensor, margin: int) -> Tensor:
        """``(1, C, H, W)`` with that many more pixels beyond each edge, at most its own size."""
        return F.pad(picture, self._margins(picture, margin), mode="circular")

    def folded(self, gradient: Tensor, height: int, width: int, margin: int) -> Tensor:
        """The gradient by the picture of that size, of that by the padded picture."""
        for axis, length, meets in ((-1, width, self.across), (-2, height, self.down)):
            if meets:
                edge = min(margin, length)
                before, inside, after = torch.split(gradient, [edge, length, edge], dim=axis)
                gradient = inside.clone(memory_format=torch.contiguous_format)
                gradient.narrow(axis, length - edge, edge).add_(before)
                gradient.narrow(axis, 0, edge).add_(after)
        return gradient

    def _margins(self, picture: Tensor, margin: int) -> tuple[int, int, int, int]:
        height, width = picture.shape[-2:]
        across, down = (min(margin, width) if self.across else 0), (min(margin, height) if self.down else 0)
        return across, across, down, down


def wrapped(wrap: Wrap, margin: int, evaluate: Evaluate) -> Evaluate:
    """The evaluation of a picture, by one of the picture with a margin of what lies at its opposite edges."""

    def evaluate_wrapped(picture: Tensor) -> tuple[Losses, Tensor]:
        losses, gradient = evaluate(wrap.padded(picture, margin))
        height, width = picture.shape[-2:]
        return losses, wrap.folded(gradient, height, width, margin)

    return evaluate_wrapped
