"""How far a feature map is from the layer's own."""

from torch import Tensor


def content_loss(features: Tensor, target: Tensor, weights: Tensor | None = None) -> Tensor:
    """Squared distance of feature maps over the target's squared norm: dimensionless.

    ``(1, C, H, W)`` both, weights ``(1, 1, H, W)``. Gatys et al. 2016, eq. 1, relative to the target.
    """
    difference = (features.float() - target.float()).square()
    size = target.float().square()
    if weights is not None:
        difference, size = difference * weights, size * weights
    return difference.sum() / size.sum().clamp_min(1e-8)
