"""A walk through a network in 8-bit levels: what lies between two layers never becomes float32.

The gradient is written out, for it stays in levels as well, but where that of a layer that was asked for is added.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from impasto.int8 import QuantisedConvolution, are_few
from impasto.levels import MOST, Levels, SignedLevels, add_as_far

from .padding import unpadded
from .pooling import Pooling, pool_levels, spread_levels


@dataclass(frozen=True)
class Stage:
    """A convolution that is rectified, or a pooling by 2."""

    convolution: QuantisedConvolution | None
    pooling: Pooling
    """How it is pooled, where there is no convolution."""
    is_wanted: bool = False
    """Is its map asked for? Never that of a pooling."""

    def forward(self, maps: Levels) -> Levels:
        """What it makes of maps."""
        if self.convolution:
            return self.convolution.rectified(maps)
        return Levels.around(pool_levels(self.windows(maps), self.pooling), maps.scale, maps.replicates)

    def windows(self, maps: Levels) -> Tensor:
        """The levels that a pooling sees, with even sides."""
        return maps.even(keeps_rest=maps.replicates or self.pooling == "blurred")


def walk_in_int8(maps: Tensor, stages: Sequence[Stage], replicates: bool) -> tuple[Tensor, ...]:
    """Maps ``(1, C, H, W)`` of float32, none below 0 -> those of the stages that are wanted, the last of all stages
    among them. `replicates`: borders are padded by what is beside them, not by 0."""
    found: tuple[Tensor, ...] = _Walk.apply(maps, stages, replicates)
    return found


class _Walk(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, maps: Tensor, stages: Sequence[Stage], replicates: bool) -> tuple[Tensor, ...]:
        seen = [Levels.of(maps, replicates)]
        for stage in stages:
            seen.append(stage.forward(seen[-1]))
        ctx.save_for_backward(*(levels.padded for levels in seen))
        ctx.scales, ctx.stages, ctx.replicates = [levels.scale for levels in seen], stages, replicates
        return tuple(levels.maps() for levels, stage in zip(seen[1:], stages, strict=True) if stage.is_wanted)

    @staticmethod
    def backward(ctx: Any, *pulls: Tensor) -> tuple[Tensor, None, None]:
        seen = [
            Levels(padded, scale, ctx.replicates) for padded, scale in zip(ctx.saved_tensors, ctx.scales, strict=True)
        ]
        left = list(pulls)
        gradient: Tensor | SignedLevels = left.pop()
        for index in reversed(range(len(ctx.stages))):
            below = ctx.stages[index - 1] if index else None
            gradient = _carried_back(ctx.stages[index], gradient, seen[index], seen[index + 1], below)
            if below and below.is_wanted:
                numbers = gradient if isinstance(gradient, Tensor) else gradient.numbers()
                gradient = numbers.add_(left.pop())
        assert isinstance(gradient, Tensor)
        return gradient, None, None


def _carried_back(
    stage: Stage, gradient: Tensor | SignedLevels, maps: Levels, found: Levels, below: Stage | None
) -> Tensor | SignedLevels:
    """From the gradient of what a stage found to that of the maps that it saw; in levels, if nothing is to be added
    to it. `below` is the stage that made those maps."""
    if stage.convolution is None:
        assert isinstance(gradient, SignedLevels)
        return _spread(stage, gradient, maps)
    levels = gradient if isinstance(gradient, SignedLevels) else SignedLevels.of(gradient)
    is_rounded = below is not None and not below.is_wanted
    # Other windows than those of maxima overlap: a cell is in two at most.
    most = MOST if below is None or below.convolution or below.pooling == "max" else MOST // 2
    if is_rounded and not are_few(found.inside):
        return stage.convolution.carried_back_in_levels(levels, found, most).unpadded(maps.replicates, most)
    numbers = unpadded(stage.convolution.carried_back(levels, found), "replicate" if maps.replicates else "zeros")
    return SignedLevels.of(numbers, most) if is_rounded else numbers


def _spread(stage: Stage, gradient: SignedLevels, maps: Levels) -> SignedLevels:
    """From the gradient of what was pooled to that of the maps. Of an odd side the last cells were repeated, or in no
    window."""
    levels, share = spread_levels(gradient.inside, stage.windows(maps), stage.pooling)
    height, width = maps.inside.shape[-2:]
    for axis, side in ((-2, height), (-1, width)):
        if levels.shape[axis] > side:
            add_as_far(levels.select(axis, side - 1), levels.select(axis, side), MOST)
            levels = levels.narrow(axis, 0, side)
    missing = width - levels.shape[-1], height - levels.shape[-2]
    if any(missing):
        levels = torch.nn.functional.pad(levels, (0, missing[0], 0, missing[1]))
    return SignedLevels(levels, gradient.scale * share)
