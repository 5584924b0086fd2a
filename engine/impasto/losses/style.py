"""How far a feature map's statistics are from the painting's."""

from torch import Tensor

from .gram import Moments, Statistics

_FLOOR = 0.1


def style_loss(found: Statistics, target: Statistics, layer: Statistics, mean_weight: float) -> Tensor:
    """How far the statistics of one feature map are from the target's: relative for moments, absolute for a Gram.

    `mean_weight` is what the means of moments count beside their covariances.
    """
    if isinstance(found, Moments):
        assert isinstance(target, Moments)
        assert isinstance(layer, Moments)
        return _relative_loss(found, target, layer, mean_weight)
    # Gatys et al. 2016, eq. 4 and 5, but for constants, which the layers' weights take in.
    return (found[0] - target[0]).square().mean()


def _relative_loss(found: Moments, target: Moments, layer: Moments, mean_weight: float) -> Tensor:
    """Squared distance of covariances, and of means, each over the target's squared norm: dimensionless.

    Gatys et al. 2016, eq. 4 and 5, take the squared distance of Gram matrices, whose size depends on layer and network.
    Split into mean and covariance, and relative, no weight depends on layer, size or network. A style that is all but
    flat in some feature must not outweigh everything else: the norm is at least a tenth of the layer's own.
    """
    covariance = (found.covariance - target.covariance).square().sum() / _size(target.covariance, layer.covariance)
    mean = (found.mean - target.mean).square().sum() / _size(target.mean, layer.mean)
    return covariance + mean_weight * mean


def _size(target: Tensor, layer: Tensor) -> Tensor:
    return target.square().sum().maximum(_FLOOR * layer.square().sum()).clamp_min(1e-8)
