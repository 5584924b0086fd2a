"""First and second moments of a feature map: what remains of a style when it is forgotten where each feature was."""

from typing import Any, NamedTuple, TypeVar

import torch
from torch import Tensor


class Moments(NamedTuple):
    """Mean ``(C,)`` and covariance ``(C, C)`` of the channels; the Gram matrix is covariance + mean mean^T."""

    mean: Tensor
    covariance: Tensor


class Gram(NamedTuple):
    """The Gram matrix ``(C, C)`` alone: what Gatys et al. 2016 take for the style."""

    matrix: Tensor


Statistics = Moments | Gram
_ROWS_AT_ONCE = 2048
"""A CPU multiplies a tall matrix several times as fast in blocks of so many rows, all of them in one call; sums in
bfloat16 stay exact enough, too."""
_ROWS_OF_A_SUM = 128
"""On a CPU, rows in bfloat16 are added up so many at a time, and these sums in float32, which leaves an error of a
thousandth: added up in float32 from the start they take ten times as long."""
_FEW = 0.75
"""Where fewer positions than that share count, they are copied together and the others left out: a small region of a
picture costs little, and not as much as all of it."""
_Statistics = TypeVar("_Statistics", Moments, Gram, Statistics)


class Sums(NamedTuple):
    """Weighted sums over positions: of 1, of the channels ``(C,)``, of their products ``(C, C)``.

    The sums of a picture are the sums of its tiles: that makes tiles exact.
    """

    weight: Tensor
    first: Tensor
    second: Tensor

    def __add__(self, other: "Sums") -> "Sums":  # type: ignore[override]
        return Sums(self.weight + other.weight, self.first + other.first, self.second + other.second)

    def moments(self) -> Moments:
        """Mean and covariance over all the positions summed."""
        weight = self.weight.clamp_min(1e-6)
        mean = self.first / weight
        return Moments(mean, self.second / weight - torch.outer(mean, mean))

    def gram(self, divisor: float = 1) -> Gram:
        """The Gram matrix divided by the number of positions, and by `divisor`.

        Gatys et al. 2016, eq. 3 and 5, divide inside the loss by 4 C^2 (H W)^2 instead; divided by the positions here,
        one style weight is good at every scale.
        """
        return Gram(self.second / self.weight.clamp_min(1e-6) / divisor)


def feature_sums(features: Tensor, weights: Tensor | None = None) -> Sums:
    """The sums over a feature map ``(1, C, H, W)``, each position by its weight ``(1, 1, H, W)``.

    Maps in bfloat16 are multiplied in bfloat16, and added up in float32.
    """
    # Channels last, which is the maps' order in memory: nothing is copied.
    flat = features.permute(0, 2, 3, 1).flatten(0, 2)
    if flat.dtype is not torch.bfloat16:
        flat = flat.float()  # sums in half precision would overflow
    if weights is None:
        first, second = _SummedProducts.apply(flat, None)
        return Sums(first.new_full((), len(flat)), first, second)
    each = weights.flatten()[:, None]
    counting = each[:, 0].nonzero()[:, 0] if flat.device.type == "cpu" else None  # a GPU would have to wait for it
    if counting is not None and len(counting) < _FEW * len(flat):
        flat, each = flat.index_select(0, counting), each[counting]
    first, second = _SummedProducts.apply(flat, each)
    return Sums(each.sum(), first, second)


def _summed(rows: Tensor) -> Tensor:
    """The sum ``(C,)`` of rows ``(N, C)``."""
    if rows.dtype is not torch.bfloat16 or rows.device.type != "cpu":
        return rows.sum(dim=0, dtype=torch.float32)
    whole = len(rows) // _ROWS_OF_A_SUM * _ROWS_OF_A_SUM
    parts = rows[:whole].view(-1, _ROWS_OF_A_SUM, rows.shape[1]).sum(dim=1)
    return parts.sum(dim=0, dtype=torch.float32) + rows[whole:].sum(dim=0, dtype=torch.float32)


class _SummedProducts(torch.autograd.Function):
    """``(N, C)`` and weights ``(N, 1)`` or none -> sums over N of the rows ``(C,)`` and of their outer products
    ``(C, C)``, in float32.

    Its gradient is written out: autograd would do everything in float32, which takes up to a third of a step.
    """

    @staticmethod
    def forward(ctx: Any, flat: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(flat, weights)
        weighted = flat if weights is None else flat * weights.to(flat.dtype)
        rows = _ROWS_AT_ONCE if flat.device.type == "cpu" else max(1, len(flat))
        whole = len(flat) // rows * rows
        blocks, weighted_blocks = (part[:whole].view(-1, rows, flat.shape[1]) for part in (flat, weighted))
        second = torch.bmm(weighted_blocks.transpose(1, 2), blocks).sum(0, dtype=torch.float32)
        return _summed(weighted), second + weighted[whole:].T @ flat[whole:]

    @staticmethod
    def backward(ctx: Any, *pulls: Tensor) -> tuple[Tensor, None]:
        flat, weights = ctx.saved_tensors
        first, second = (pull.to(flat.dtype) for pull in (pulls[0], pulls[1] + pulls[1].T))
        gradient = torch.addmm(first, flat, second)
        return gradient if weights is None else gradient.mul_(weights.to(flat.dtype)), None


def mix(parts: list[tuple[_Statistics, float]]) -> _Statistics:
    """The mean of several styles' statistics, weighted by their shares."""
    total = sum(share for _, share in parts)
    mixed = [
        torch.stack([part[index] * (share / total) for part, share in parts]).sum(0)
        for index in range(len(parts[0][0]))
    ]
    return type(parts[0][0])(*mixed)
