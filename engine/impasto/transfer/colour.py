"""Lightness and colour of a picture, apart from each other."""

import torch
from torch import Tensor

_LUMA = (0.2126, 0.7152, 0.0722)
"""What red, green and blue add to the lightness: ITU-R BT.709, on perceptually encoded channels."""


def luma(picture: Tensor) -> Tensor:
    """The lightness of ``(1, 3, H, W)``, as ``(1, 1, H, W)``."""
    weights = torch.tensor(_LUMA).view(1, 3, 1, 1).to(picture)
    return (picture * weights).sum(1, keepdim=True)


def mix_chroma(picture: Tensor, original: Tensor, share: Tensor) -> Tensor:
    """The picture's lightness with its own colours (`share` 0), those of the original (1), or a mix of both; one share,
    or one for each pixel: ``(1, 1, H, W)``."""
    own = luma(picture)
    colours = (picture - own).lerp(original - luma(original), share)
    return own + colours
