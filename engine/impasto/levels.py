"""Feature maps and their gradients in 8-bit levels, all levels of a map worth the same."""

from dataclasses import dataclass

import torch
from torch import Tensor

LARGEST = 255
"""The largest level of a map, which has no number below 0."""
MIDDLE = 128
"""What is added to the levels of a gradient where a kernel takes none below 0."""
MOST = 127
"""The largest level of a gradient, above and below 0."""


@dataclass(frozen=True)
class Levels:
    """A feature map without numbers below 0, in a border of one cell."""

    padded: Tensor
    """Of uint8, ``(1, C, H + 2, W + 2)``, channels last."""
    scale: float
    """What a level is worth."""
    replicates: bool
    """Is the border what is beside it? If not, it is 0."""

    @classmethod
    def of(cls, maps: Tensor, replicates: bool) -> "Levels":
        """Maps ``(1, C, H, W)``, none below 0, rounded to levels of which the largest number is the largest."""
        scale = max(maps.amax().item() / LARGEST, 1e-12)
        return cls.around(torch.add(torch.tensor(0.5), maps, alpha=1 / scale), scale, replicates)

    @classmethod
    def around(cls, levels: Tensor, scale: float, replicates: bool) -> "Levels":
        """Levels ``(1, C, H, W)`` in a border; what they have beside whole numbers is cut off."""
        padded = _empty(torch.uint8, *_with_border(levels.shape, 1))
        padded[..., 1:-1, 1:-1] = levels
        if replicates:
            padded[..., 0], padded[..., -1] = padded[..., 1], padded[..., -2]
            padded[..., 0, :], padded[..., -1, :] = padded[..., 1, :], padded[..., -2, :]
        else:
            _clear_border(padded, 1)
        return cls(padded, scale, replicates)

    @property
    def inside(self) -> Tensor:
        """Without the border, ``(1, C, H, W)``."""
        return self.padded[..., 1:-1, 1:-1]

    def even(self, keeps_rest: bool) -> Tensor:
        """The levels with even sides, for windows of two cells: the last cells of an odd side are repeated, or left
        out."""
        levels = self.inside
        for axis in (-2, -1):
            side = levels.shape[axis]
            if side % 2 and keeps_rest:
                levels = torch.cat([levels, levels.narrow(axis, side - 1, 1)], dim=axis)
            else:
                levels = levels.narrow(axis, 0, side - side % 2)
        return levels

    def maps(self) -> Tensor:
        """The numbers that the levels stand for, in float32."""
        return self.inside.float().mul_(self.scale)


@dataclass(frozen=True)
class SignedLevels:
    """A gradient in levels on both sides of 0."""

    inside: Tensor
    """Of int8, ``(1, C, H, W)``, from -127 to 127."""
    scale: float

    @classmethod
    def of(cls, gradient: Tensor, most: int = MOST) -> "SignedLevels":
        """A gradient ``(1, C, H, W)``, rounded to levels; that of the largest number is `most`."""
        scale = max(largest_of(gradient) / most, 1e-30)
        raised = _empty(torch.uint8, *gradient.shape[1:])
        raised.copy_(torch.add(torch.tensor(MIDDLE + 0.5), gradient, alpha=1 / scale))
        return cls(signed(raised), scale)

    def numbers(self) -> Tensor:
        """What the levels stand for, in float32."""
        return self.inside.float().mul_(self.scale)

    def unpadded(self, replicates: bool, most: int) -> "SignedLevels":
        """The gradient of maps from that of the padded maps: that of a repeated border is added to what it repeats, as
        far as that has levels."""
        levels = self.inside
        if replicates:
            for axis in (-2, -1):
                for edge, beside in ((0, 1), (-1, -2)):
                    add_as_far(levels.select(axis, beside), levels.select(axis, edge), most)
        return SignedLevels(levels[..., 1:-1, 1:-1], self.scale)

    def raised(self, maps: Levels, border: int) -> Tensor:
        """The gradient of rectified maps before they were: nothing where they are 0. The levels plus `MIDDLE`, of
        uint8, in a border of so many cells that stand for 0."""
        padded = _empty(torch.int8, *_with_border(self.inside.shape, border))
        _clear_border(padded, border)
        is_above_0 = maps.inside.clamp_max(1).view(torch.int8)
        torch.mul(self.inside, is_above_0, out=padded[..., border:-border, border:-border])
        return padded.view(torch.uint8).bitwise_xor_(MIDDLE)  # the same bits as the sum's


def _empty(dtype: torch.dtype, channels: int, height: int, width: int) -> Tensor:
    """Memory for ``(1, C, H, W)``, channels last, also where a side is 1."""
    return torch.empty(1, height, width, channels, dtype=dtype).permute(0, 3, 1, 2)


def add_as_far(levels: Tensor, more: Tensor, most: int) -> None:
    """Add to levels of int8 in place, as far as `most` above and below 0."""
    levels.copy_(more.to(torch.int16).add_(levels).clamp_(-most, most))


def largest_of(numbers: Tensor) -> float:
    """The largest number, above or below 0."""
    return max(numbers.amax().item(), -numbers.amin().item())  # in one, they take ten times as long


def signed(raised: Tensor) -> Tensor:
    """Levels to which `MIDDLE` was added, as what they were, in the same memory."""
    return raised.bitwise_xor_(MIDDLE).view(torch.int8)


def _clear_border(padded: Tensor, border: int) -> None:
    for edge in (slice(None, border), slice(-border, None)):
        padded[..., edge, :] = 0
        padded[..., edge] = 0


def _with_border(shape: torch.Size, border: int) -> tuple[int, int, int]:
    _, channels, height, width = shape
    return channels, height + 2 * border, width + 2 * border
