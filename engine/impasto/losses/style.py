"""How far a feature map's statistics are from the painting's."""

from torch import Tensor

from .gram import Moments


def style_loss(found: Moments, target: Moments) -> Tensor:
    """Squared distance of covariances, and of means, each over the target's squared norm: dimensionless.

    Gatys et al. 2016, eq. 4 and 5, take the squared distance of Gram matrices, whose size depends on layer and network.
    Split into mean and covariance, and relative, no weight depends on layer, size or network.
    """
    covariance = (found.covariance - target.covariance).square().sum() / _norm(target.covariance)
    mean = (found.mean - target.mean).square().sum() / _norm(target.mean)
    return covariance + mean


def _norm(tensor: Tensor) -> Tensor:
    return tensor.square().sum().clamp_min(1e-8)
