"""Grain: noise as strong as a painting's finest marks, from which its texture grows where the layer is flat.

There the gradient is the same at every pixel but for the network's own lattice of pooling cells, and so are the strokes
that it draws: a mesh. A little noise breaks it, as De Bonet 1997 and Heeger and Bergen 1995 begin a texture from noise
at every scale.
"""

from functools import lru_cache
from itertools import product

import torch
import torch.nn.functional as F
from torch import Tensor

from .areas import Area
from .pyramid import resize

_SIDE = 1024
"""The noise repeats after so many pixels."""
_MEDIAN_OF_NOISE = 0.6745
"""The median of a normal variable's distance to its mean, over its standard deviation."""


def grain_of(style: Tensor) -> float:
    """How strong a style picture's finest marks are, as the standard deviation of its lightness's finest octave.

    `style` is ``(1, 3, h, w)``, or ``(1, 4, h, w)`` with its opacity. Measured by the median, for which the few pixels
    along contours don't count: panes of flat colour have no grain, however black the lead between them is.
    """
    lightness = style[:, :3].mean(dim=1, keepdim=True)
    height, width = lightness.shape[-2:]
    octave = (lightness - resize(resize(lightness, width // 2, height // 2), width, height)).abs()
    if style.shape[1] == 4:
        octave = octave[style[:, 3:] > 0.5]
    return octave.median().item() / _MEDIAN_OF_NOISE if octave.numel() else 0.0


def add_grain(picture: Tensor, amount: float, seed: int, area: Area, share: Tensor | None = None) -> None:
    """Add the seed's noise, grey and of that standard deviation, to a picture ``(1, 3, H, W)``, in place.

    The noise lies still: a part of a picture, `area` at its scale, gets what the whole gets there. `share`
    ``(1, 1, H, W)`` is how much of it, place by place.
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
    """Where tiles begin that cover a picture of that length, in its own pixels."""
    return range(-(start % _SIDE), length, _SIDE)


@lru_cache(maxsize=2)
def _noise(seed: int) -> Tensor:
    """A tile ``(s, s)`` of noise without its coarser octaves, of standard deviation 1; it joins itself at its edges."""
    white = torch.randn(1, 1, _SIDE, _SIDE, generator=torch.Generator().manual_seed(seed))
    fine = white - F.avg_pool2d(F.pad(white, (1, 1, 1, 1), mode="circular"), 3, stride=1)
    noise: Tensor = (fine / fine.std())[0, 0]
    return noise
