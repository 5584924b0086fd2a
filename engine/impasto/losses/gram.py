"""First and second moments of a feature map: what of a style survives when every position is forgotten."""

from typing import NamedTuple

import torch
from torch import Tensor


class Moments(NamedTuple):
    """Mean ``(C,)`` and covariance ``(C, C)`` of the channels. Gram matrix = covariance + mean mean^T."""

    mean: Tensor
    covariance: Tensor


def gram_matrix(features: Tensor, weights: Tensor | None = None) -> Tensor:
    """Channel correlations of a feature map, averaged over its positions.

    ``(1, C, H, W)``, weights ``(1, 1, H, W)`` or none -> ``(C, C)``. Gatys et al. 2016, eq. 3 and 5, divide inside the
    loss by 4 C^2 (H W)^2 instead; dividing by the positions here keeps one style weight good at every scale.
    """
    flat = features.flatten(2)[0].float()
    if weights is None:
        return flat @ flat.T / flat.shape[1]
    share = weights.flatten() / weights.sum().clamp_min(1e-6)
    return (flat * share) @ flat.T


def moments(features: Tensor, weights: Tensor | None = None) -> Moments:
    """Mean and covariance of a feature map's channels over its positions, each position by its weight."""
    flat = features.flatten(2)[0].float()
    mean = flat.mean(dim=1) if weights is None else flat @ (weights.flatten() / weights.sum().clamp_min(1e-6))
    return Moments(mean, gram_matrix(features, weights) - torch.outer(mean, mean))


def mix(parts: list[tuple[Moments, float]]) -> Moments:
    """The moments of several styles, each by its share."""
    total = sum(share for _, share in parts)
    mean = sum((part.mean * (share / total) for part, share in parts), torch.zeros_like(parts[0][0].mean))
    covariance = sum(
        (part.covariance * (share / total) for part, share in parts), torch.zeros_like(parts[0][0].covariance)
    )
    return Moments(mean, covariance)
