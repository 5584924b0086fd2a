"""First and second moments of a feature map: what of a style survives when every position is forgotten."""

from typing import NamedTuple, TypeVar

import torch
from torch import Tensor


class Moments(NamedTuple):
    """Mean ``(C,)`` and covariance ``(C, C)`` of the channels. Gram matrix = covariance + mean mean^T."""

    mean: Tensor
    covariance: Tensor


class Gram(NamedTuple):
    """The Gram matrix ``(C, C)`` alone: what Gatys et al. 2016 take for the style."""

    matrix: Tensor


Statistics = Moments | Gram
_Statistics = TypeVar("_Statistics", Moments, Gram, Statistics)


class Sums(NamedTuple):
    """Weighted sums over positions: of 1, of the channels ``(C,)``, of their products ``(C, C)``.

    They add up over the tiles of a picture, which is what makes tiles exact.
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
        """The Gram matrix over the number of positions, and over `divisor`."""
        return Gram(self.second / self.weight.clamp_min(1e-6) / divisor)


def feature_sums(features: Tensor, weights: Tensor | None = None) -> Sums:
    """The sums over a feature map ``(1, C, H, W)``, each position by its weight ``(1, 1, H, W)``."""
    # Channels last, as the maps lie in memory: then nothing is copied.
    flat = features.permute(0, 2, 3, 1).flatten(0, 2).float()
    if weights is None:
        return Sums(flat.new_tensor(len(flat)), flat.sum(dim=0), flat.T @ flat)
    weighted = flat * weights.flatten()[:, None]
    return Sums(weights.sum(), weighted.sum(dim=0), weighted.T @ flat)


def gram_matrix(features: Tensor, weights: Tensor | None = None) -> Tensor:
    """Channel correlations of a feature map, averaged over its positions.

    ``(1, C, H, W)``, weights ``(1, 1, H, W)`` or none -> ``(C, C)``. Gatys et al. 2016, eq. 3 and 5, divide inside the
    loss by 4 C^2 (H W)^2 instead; dividing by the positions here keeps one style weight good at every scale.
    """
    return feature_sums(features, weights).gram().matrix


def moments(features: Tensor, weights: Tensor | None = None) -> Moments:
    """Mean and covariance of a feature map's channels over its positions, each position by its weight."""
    return feature_sums(features, weights).moments()


def mix(parts: list[tuple[_Statistics, float]]) -> _Statistics:
    """The statistics of several styles, each by its share: a picture of such statistics has something of each."""
    total = sum(share for _, share in parts)
    mixed = [
        torch.stack([part[index] * (share / total) for part, share in parts]).sum(0)
        for index in range(len(parts[0][0]))
    ]
    return type(parts[0][0])(*mixed)
