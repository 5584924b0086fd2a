"""Losses of the picture itself: it should be smooth where nothing asks for noise, and its colours lie in 0..1.

Their gradients are written out: autograd would take more memory for them than for anything else of a large picture.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

_PIECE = 1 << 20
"""How many numbers are looked at at a time: what is computed of them would else be as large as the picture."""


def variation_loss(picture: Tensor, weight: float, gradient: Tensor, axes: tuple[int, ...] = (-1, -2)) -> Tensor:
    """`weight` times the mean squared difference between neighbouring pixels of ``(1, 3, H, W)``, for each of the axes
    (Mahendran and Vedaldi 2015, with beta = 2). Its gradient is added to `gradient`."""
    loss = picture.new_zeros(())
    for axis in axes:
        length = picture.shape[axis] - 1
        neighbours = [part.narrow(axis, first, length) for part in (picture, gradient) for first in (1, 0)]
        share = weight / neighbours[0].numel()
        for later, earlier, later_gradient, earlier_gradient in _pieces(*neighbours):
            difference = later - earlier
            loss += share * difference.square().sum()
            later_gradient.add_(difference, alpha=2 * share)
            earlier_gradient.sub_(difference, alpha=2 * share)
    return loss


def box_loss(picture: Tensor, weight: float, gradient: Tensor) -> Tensor:
    """`weight` times the mean squared distance of the samples to 0..1, so that little is lost when they are clipped at
    the end. Its gradient is added to `gradient`."""
    loss, share = picture.new_zeros(()), weight / picture.numel()
    for piece, piece_gradient in _pieces(picture, gradient):
        excess = piece - piece.clamp(0, 1)
        piece_gradient.add_(excess, alpha=2 * share)
        loss += share * excess.square().sum()
    return loss


def _pieces(*pictures: Tensor) -> Iterator[tuple[Tensor, ...]]:
    """Pictures of the same size, some rows at a time."""
    rows = max(1, _PIECE // max(1, pictures[0][..., :1, :].numel()))
    return zip(*(torch.split(picture, rows, dim=-2) for picture in pictures), strict=True)
