"""How far a feature map is from that of the layer."""

import torch
from torch import Tensor


def squared_difference(features: Tensor, target: Tensor, weights: Tensor | None = None) -> Tensor:
    """Sum of squared differences of feature maps ``(1, C, H, W)``, each position times its weight ``(1, 1, H, W)``.

    Twice what Gatys et al. 2016, eq. 1, have. Divided by the target's `squared_size` it has no unit; divided by its
    `samples` it is the mean squared difference.
    """
    difference = (features.float() - target.float()).square()
    return (difference if weights is None else difference * weights).sum()


def squared_size(target: Tensor, weights: Tensor | None = None) -> Tensor:
    """Sum of the squares of a feature map, each position times its weight."""
    squares = target.float().square()
    return (squares if weights is None else squares * weights).sum()


def samples(target: Tensor, weights: Tensor | None = None) -> Tensor:
    """How many numbers a feature map holds, each position counted as its weight."""
    if weights is None:
        return target.new_full((), target.numel(), dtype=torch.float32)
    return weights.sum() * target.shape[1]
