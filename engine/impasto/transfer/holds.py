"""What holds a picture while it is optimised, beside the objective: the selection, the frame before, broad strokes.

Each takes an evaluation and gives one that adds its own to the losses and the gradient.
"""

from dataclasses import replace

import torch
from torch import Tensor

from .canvas import Canvas
from .optimise import Evaluate, Losses, Space
from .pyramid import add_doubled, halved

_HOLD = 2000.0
"""What the mean squared distance to the frame before counts."""


def selected(canvas: Canvas, evaluate: Evaluate) -> Evaluate:
    """A pixel that isn't selected is context: it shows the layer, whatever the iterate holds."""
    free = canvas.free
    if free is None:
        return evaluate

    def evaluate_free(picture: Tensor) -> tuple[Losses, Tensor]:
        losses, gradient = evaluate(canvas.content + free * (picture - canvas.content))
        return losses, gradient * free

    return evaluate_free


def held(canvas: Canvas, evaluate: Evaluate) -> Evaluate:
    """What fits of the frame before holds the picture: the squared distance to it (Ruder et al. 2016, eq. 7)."""
    before, trust = canvas.before, canvas.trust
    if before is None or trust is None:
        return evaluate

    def evaluate_held(picture: Tensor) -> tuple[Losses, Tensor]:
        losses, gradient = evaluate(picture)
        difference = trust * (picture - before)
        gradient = gradient + (2 * _HOLD / difference.numel()) * difference
        distance = _HOLD / difference.numel() * (difference * (picture - before)).sum()
        return replace(losses, total=losses.total + distance), gradient

    return evaluate_held


def seen_from_afar(picture: Tensor) -> Tensor:
    """What of a picture its broad strokes are, in half precision: of a large one it is kept all the while."""
    return halved(picture).half()


def kept_from_afar(far: Tensor, share: float, space: Space, evaluate: Evaluate) -> Evaluate:
    """Broad strokes hold the picture: `share` times the summed squared distance to them, `far`. Finer strokes may be
    added to them, and not replace them. Of a picture that several share, each counts its own rows of what it sees."""

    def evaluate_keeping(picture: Tensor) -> tuple[Losses, Tensor]:
        losses, gradient = evaluate(picture)
        difference = torch.zeros_like(far, dtype=picture.dtype)
        space.own(difference, 2).copy_(space.own(halved(picture), 2)).sub_(space.own(far, 2))
        distance = 4 * share * space.dot(difference, difference)
        add_doubled(gradient, difference, 2 * share)
        return replace(losses, total=losses.total + distance), gradient

    return evaluate_keeping
