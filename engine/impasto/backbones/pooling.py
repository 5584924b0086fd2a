"""Feature maps brought to half their size."""

from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.limited import is_limited

from .maxima import blurred_maxima, maxima, spread_to_blurred_maxima, spread_to_maxima

Pooling = Literal["max", "average", "blurred"]
"""`blurred` is the mean of the maxima of windows one cell apart (Zhang, "Making Convolutional Networks Shift-Invariant
Again", 2019): with plain maxima the grid of windows becomes visible in a painting."""


def pool(maps: Tensor, side: int, pooling: Pooling, keeps_rest: bool) -> Tensor:
    """The maps at half their size, from windows of `side` cells; an incomplete window at the end is kept or dropped."""
    if pooling == "blurred" and side == 2:  # larger windows overlap anyway
        height, width = maps.shape[-2:]
        if height % 2 or width % 2:
            maps = F.pad(maps, (0, width % 2, 0, height % 2), mode="replicate")
        blurred: Tensor = _BlurredMaxima.apply(maps)
        return blurred
    function = F.avg_pool2d if pooling == "average" else F.max_pool2d
    pooled: Tensor = function(maps, side, 2, ceil_mode=keeps_rest)
    if is_limited(maps.device):
        pooled = _InOrder.apply(pooled)
    return pooled


def pool_levels(levels: Tensor, pooling: Pooling) -> Tensor:
    """Levels with even sides, of uint8, at half their size, from windows of two cells."""
    if pooling == "average":
        return F.avg_pool2d(levels.float(), 2).add_(0.5).to(torch.uint8)
    return maxima(levels) if pooling == "max" else blurred_maxima(levels)


def spread_levels(gradient: Tensor, levels: Tensor, pooling: Pooling) -> tuple[Tensor, float]:
    """The gradient of pooled levels, of int8 -> that of the levels, and what its scale must be multiplied by. None is
    above 63 or below -63, for windows overlap, but those of maxima."""
    if pooling == "average":
        return gradient.repeat_interleave(2, dim=-1).repeat_interleave(2, dim=-2), 0.25
    if pooling == "max":
        return spread_to_maxima(gradient, levels), 1.0
    return spread_to_blurred_maxima(gradient, levels), 0.5


class _InOrder(torch.autograd.Function):
    """The same maps; their gradient is brought into the one memory order that limited devices can pool it in."""

    @staticmethod
    def forward(ctx: Any, maps: Tensor) -> Tensor:
        return maps.view_as(maps)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return gradients[0].contiguous()


class _BlurredMaxima(torch.autograd.Function):
    """The blurred maxima of maps with even sides.

    Where each maximum was is computed again for the gradient: kept, these places would take more memory than the maps.
    """

    @staticmethod
    def forward(ctx: Any, maps: Tensor) -> Tensor:
        ctx.save_for_backward(maps)
        if maps.device.type == "cpu":
            return blurred_maxima(maps)
        here, _ = _maxima(maps, 0)
        behind, _ = _maxima(maps, 1)
        return here.add_(behind[..., 1:, 1:]).div_(2)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        (maps,) = ctx.saved_tensors
        half = gradients[0] / 2
        if maps.device.type == "cpu":
            return spread_to_blurred_maxima(half, maps)
        if is_limited(half.device):
            half = half.contiguous()
        # With one cell of padding, the windows begin one cell earlier; without the first, one cell later.
        return _spread(half, maps, 0).add_(_spread(F.pad(half, (1, 0, 1, 0)), maps, 1))


def _maxima(maps: Tensor, padding: int) -> tuple[Tensor, Tensor]:
    maxima, places = torch.ops.aten.max_pool2d_with_indices(maps, (2, 2), (2, 2), (padding, padding))
    return maxima, places


def _spread(gradient: Tensor, maps: Tensor, padding: int) -> Tensor:
    """Each window's gradient, put where its maximum was."""
    _, places = _maxima(maps, padding)
    spread: Tensor = torch.ops.aten.max_pool2d_with_indices_backward(
        gradient, maps, (2, 2), (2, 2), (padding, padding), (1, 1), False, places
    )
    return spread
