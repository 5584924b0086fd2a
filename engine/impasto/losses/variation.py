"""What keeps the picture paintable: smooth where nothing asks for noise, and inside the box that 8 bits can hold."""

from torch import Tensor


def variation_loss(picture: Tensor) -> Tensor:
    """Mean squared difference between neighbouring pixels (Mahendran and Vedaldi 2015, with beta = 2)."""
    across = (picture[..., :, 1:] - picture[..., :, :-1]).square().mean()
    down = (picture[..., 1:, :] - picture[..., :-1, :]).square().mean()
    return across + down


def box_loss(picture: Tensor) -> Tensor:
    """Mean squared distance to 0..1, so that clipping at the end takes nothing away that was optimised."""
    return (picture - picture.clamp(0, 1)).square().mean()
