"""The maxima of maps on a CPU, blurred or not, by comparing neighbours; of floating-point numbers or of 8-bit levels.

The maxima are those of torch's own pooling, and gradients go where it sends them. It also writes down, in eight bytes,
where each maximum was: with the maps in bfloat16 that took a third of a painting's time, and this takes half of it.
"""

import torch
from torch import Tensor


def maxima(maps: Tensor) -> Tensor:
    """The maxima of 2x2 windows: ``(N, C, H, W)`` with even sides -> ``(N, C, H / 2, W / 2)``."""
    found = _larger_of_columns(maps)
    return torch.maximum(found[..., 0::2, :], found[..., 1::2, :])


def blurred_maxima(maps: Tensor) -> Tensor:
    """The mean of the maxima of 2x2 windows and of those one cell below and to the right, which end at the border:
    ``(N, C, H, W)`` with even sides -> ``(N, C, H / 2, W / 2)``. The mean of levels is rounded up."""
    found = _larger_of_columns(maps)
    here = torch.maximum(found[..., 0::2, :], found[..., 1::2, :])
    found = _larger_of_later_columns(maps, into=found)
    _average(here[..., :-1, :], torch.maximum(found[..., 1:-1:2, :], found[..., 2::2, :]))
    _average(here[..., -1:, :], found[..., -1:, :])
    return here


def spread_to_maxima(gradient: Tensor, maps: Tensor) -> Tensor:
    """Each window's gradient ``(N, C, H / 2, W / 2)``, put where its maximum was in the maps ``(N, C, H, W)``. Of equal
    cells the first in reading order gets it. The gradient of levels is int8."""
    found = _larger_of_columns(maps)
    of_columns, spread = (torch.empty_like(like, dtype=gradient.dtype) for like in (found, maps))
    _divide(gradient, found[..., 0::2, :], found[..., 1::2, :], of_columns[..., 0::2, :], of_columns[..., 1::2, :])
    _divide(of_columns, maps[..., 0::2], maps[..., 1::2], spread[..., 0::2], spread[..., 1::2])
    return spread


def spread_to_blurred_maxima(gradient: Tensor, maps: Tensor) -> Tensor:
    """The same for blurred maxima, whose windows overlap: a cell gets the gradients of two windows at most."""
    spread = spread_to_maxima(gradient, maps)
    found = _larger_of_later_columns(maps, into=torch.empty_like(maps[..., 0::2]))
    of_columns = torch.empty_like(found, dtype=gradient.dtype)
    of_columns[..., :1, :] = 0
    _divide(
        gradient[..., :-1, :],
        found[..., 1:-1:2, :],
        found[..., 2::2, :],
        of_columns[..., 1:-1:2, :],
        of_columns[..., 2::2, :],
    )
    of_columns[..., -1:, :] = gradient[..., -1:, :]
    first, second = (torch.empty_like(of_columns[..., :-1]) for _ in range(2))
    _divide(of_columns[..., :-1], maps[..., 1:-1:2], maps[..., 2::2], first, second)
    spread[..., 1:-1:2] += first
    spread[..., 2::2] += second
    spread[..., -1:] += of_columns[..., -1:]
    return spread


def _larger_of_columns(maps: Tensor) -> Tensor:
    """The larger of the first and the second column, of the third and the fourth, ...: half as many columns."""
    return torch.maximum(maps[..., 0::2], maps[..., 1::2])


def _larger_of_later_columns(maps: Tensor, into: Tensor) -> Tensor:
    """The larger of the second and the third column, of the fourth and the fifth, ...; the last one stands alone."""
    torch.maximum(maps[..., 1:-1:2], maps[..., 2::2], out=into[..., :-1])
    into[..., -1:] = maps[..., -1:]
    return into


def _average(one: Tensor, other: Tensor) -> None:
    """Replace the one by the mean of both."""
    if one.dtype is torch.uint8:
        half_of_rest = torch.bitwise_xor(one, other).bitwise_right_shift_(1)
        one.bitwise_or_(other).sub_(half_of_rest)
    else:
        one.add_(other).div_(2)


def _divide(gradient: Tensor, first: Tensor, second: Tensor, of_first: Tensor, of_second: Tensor) -> None:
    """Write a gradient to `of_first` where the first is at least as large as the second, else to `of_second`; 0 to the
    other."""
    if gradient.dtype is torch.int8:
        torch.mul(gradient, torch.gt(second, first).view(torch.int8), out=of_second)
    else:
        torch.ops.aten.threshold_backward.grad_input(gradient, second - first, 0, grad_input=of_second)
    torch.sub(gradient, of_second, out=of_first)
