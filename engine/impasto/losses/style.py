"""How far a feature map's statistics are from those of the style."""

from torch import Tensor

from .gram import Moments, Statistics

_FLOOR = 0.1
"""A target's squared norm counts as at least this share of the layer's."""


def style_loss(found: Statistics, target: Statistics, layer: Statistics, mean_weight: float) -> Tensor:
    """How far the statistics of one feature map are from the target: relative for moments, absolute for a Gram matrix.

    `layer` are the statistics of the layer itself. `mean_weight` multiplies the loss of the means, where there are
    moments.
    """
    if isinstance(found, Moments):
        assert isinstance(target, Moments)
        assert isinstance(layer, Moments)
        return _relative_loss(found, target, layer, mean_weight)
    # Gatys et al. 2016, eq. 4 and 5, without their constants, which the layers' weights contain.
    return (found[0] - target[0]).square().mean()


def _relative_loss(found: Moments, target: Moments, layer: Moments, mean_weight: float) -> Tensor:
    """Squared distance of covariances, and of means, each divided by the target's squared norm: it has no unit.

    Gatys et al. 2016, eq. 4 and 5, take the squared distance of Gram matrices, whose size depends on layer and network.
    Split into mean and covariance, and relative, no weight depends on layer, size or network. A style that hardly
    varies in some feature must not count more than everything else: the divisor is at least a tenth of what it would be
    for the layer itself.
    """
    covariance = (found.covariance - target.covariance).square().sum() / _size(target.covariance, layer.covariance)
    mean = (found.mean - target.mean).square().sum() / _size(target.mean, layer.mean)
    return covariance + mean_weight * mean


def _size(target: Tensor, layer: Tensor) -> Tensor:
    return target.square().sum().maximum(_FLOOR * layer.square().sum()).clamp_min(1e-8)
