"""Losses of the picture itself: it should be smooth where nothing asks for noise, and its colours lie in 0..1.

Their gradients are written out: autograd would take more memory for them than for anything else of a large picture.
"""

from torch import Tensor


def variation_loss(picture: Tensor, weight: float, gradient: Tensor, axes: tuple[int, ...] = (-1, -2)) -> Tensor:
    """`weight` times the mean squared difference between neighbouring pixels of ``(1, 3, H, W)``, for each of the axes
    (Mahendran and Vedaldi 2015, with beta = 2). Its gradient is added to `gradient`."""
    loss = picture.new_zeros(())
    for axis in axes:
        length = picture.shape[axis] - 1
        difference = picture.narrow(axis, 1, length) - picture.narrow(axis, 0, length)
        share = weight / difference.numel()
        loss += share * difference.square().sum()
        gradient.narrow(axis, 1, length).add_(difference, alpha=2 * share)
        gradient.narrow(axis, 0, length).sub_(difference, alpha=2 * share)
    return loss


def box_loss(picture: Tensor, weight: float, gradient: Tensor) -> Tensor:
    """`weight` times the mean squared distance of the samples to 0..1, so that little is lost when they are clipped at
    the end. Its gradient is added to `gradient`."""
    excess = picture - picture.clamp(0, 1)
    share = weight / excess.numel()
    gradient.add_(excess, alpha=2 * share)
    return share * excess.square().sum()
