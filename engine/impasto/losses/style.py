"""How far a feature map's statistics are from the painting's."""

from torch import Tensor

from .gram import Moments

_FLOOR = 0.1


def style_loss(found: Moments, target: Moments, layer: Moments) -> Tensor:
    """Squared distance of covariances, and of means, each over the target's squared norm: dimensionless.

    Gatys et al. 2016, eq. 4 and 5, take the squared distance of Gram matrices, whose size depends on layer and network.
    Split into mean and covariance, and relative, no weight depends on layer, size or network. A style that is all but
    flat in some feature must not outweigh everything else: the norm is at least a tenth of the layer's own.
    """
    covariance = (found.covariance - target.covariance).square().sum() / _size(target.covariance, layer.covariance)
    mean = (found.mean - target.mean).square().sum() / _size(target.mean, layer.mean)
    return covariance + mean


def _size(target: Tensor, layer: Tensor) -> Tensor:
    return target.square().sum().maximum(_FLOOR * layer.square().sum()).clamp_min(1e-8)
