"""Grain: noise as strong as a painting's finest marks, from which its texture grows where the layer is flat.

In a flat place the gradient differs between pixels only by the network's own lattice of pooling cells, so that the
strokes would become a regular mesh. A little noise prevents that: De Bonet 1997 and Heeger and Bergen 1995 begin a
texture from noise at every scale, too.
"""

from functools import lru_cache
from itertools import product

import torch
import torch.nn.functional as F
from torch import Tensor

from .areas import Area
from .pyramid import resize

_SIDE = 1024
"""The noise repeats itself after so many pixels."""
_MEDIAN_OF_NOISE = 0.6745
"""The median of a normal variable's distance to its mean, divided by its standard deviation."""


def grain_of(style: Tensor) -> float:
    """How strong a style picture's finest marks are: the standard deviation of the finest octave of its lightness.

    `style` is ``(1, 3, h, w)``, or ``(1, 4, h, w)`` with its opacity. It is measured by the median, so that the few
    pixels along contours don't count: flat areas have no grain, even with black lines between them.
    """
    lightness = style[:, :3].mean(dim=1, keepdim=True)
    height, width = lightness.shape[-2:]
    octave = (lightness - resize(resize(lightness, width // 2, height // 2), width, height)).abs()
    if style.shape[1] == 4:
        octave = octave[style[:, 3:] > 0.5]
    return octave.median().item() / _MEDIAN_OF_NOISE if octave.numel() else 0.0


def add_grain(picture: Tensor, amount: float, seed: int, area: Area, share: Tensor | None = None) -> None:
    """Add grey noise of that standard deviation to a picture ``(1, 3, H, W)``, in place.

    The picture is the `area` of a larger one, and gets the noise that the larger one gets there. Each pixel's noise is
    multiplied by its `share` ``(1, 1, H, W)``.
    """
    tile = _noise(seed).to(picture)
    height, width = picture.shape[-2:]
    for top, left in product(_edges(area.top, height), _edges(area.left, width)):
        rows = slice(max(0, top), min(height, top + _SIDE))
        columns = slice(max(0, left), min(width, left + _SIDE))
        noise = tile[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        strength = amount if share is None else amount * share[..., rows, columns]
        picture[..., rows, columns] += strength * noise


def _edges(start: int, length: int) -> range:
    """Where the tiles of noise begin that cover `length` pixels from `start` on, counted from there."""
    return range(-(start % _SIDE), length, _SIDE)


@lru_cache(maxsize=2)
def _noise(seed: int) -> Tensor:
    """A tile ``(s, s)`` of noise without its coarser octaves, of standard deviation 1; it repeats without a seam."""
    white = torch.randn(1, 1, _SIDE, _SIDE, generator=torch.Generator().manual_seed(seed))
    fine = white - F.avg_pool2d(F.pad(white, (1, 1, 1, 1), mode="circular"), 3, stride=1)
    noise: Tensor = (fine / fine.std())[0, 0]
    return noise
