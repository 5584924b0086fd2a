"""The scales at which a picture is painted, and pictures brought to a scale."""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.limited import where_it_works

SMALLEST_SCALE = 16
"""The shortest side of a scale: the network halves it four times, and a pixel must be left."""

_MOST_TIMES_SMALLER = 32
"""A picture is shrunk by at most this factor at once: a GPU has no room for the filter of more than 46, 190 pixels."""


def scale_sizes(width: int, height: int, coarsest: int, smallest: int = SMALLEST_SCALE) -> list[tuple[int, int]]:
    """``(width, height)`` of each scale, coarse to fine, the last one the picture's own.

    Each halves the next until the long side would fall below `coarsest` or the short side below `smallest`.
    """
    sizes = [(width, height)]
    while max(sizes[0]) / 2 >= coarsest * 0.8 and min(sizes[0]) / 2 >= smallest:
        divisor = 2 ** len(sizes)
        sizes.insert(0, (round(width / divisor), round(height / divisor)))
    return sizes


Resampling = Literal["bicubic", "bilinear"]
"""How a picture is brought to another size, antialiased. Bilinear is as Pillow does it, in 8 bits."""


def resize(picture: Tensor, width: int, height: int, by: Resampling = "bicubic") -> Tensor:
    """``(1, C, H, W)`` brought to ``(1, C, height, width)``, antialiased."""
    if picture.shape[-2:] == (height, width):
        return picture
    if max(picture.shape[-2] / height, picture.shape[-1] / width) > _MOST_TIMES_SMALLER:
        return resize(halved(picture), width, height, by)
    shrinks = width < picture.shape[-1]

    def resample(samples: Tensor) -> Tensor:
        return F.interpolate(samples, size=(height, width), mode=by, align_corners=False, antialias=shrinks)

    resized = where_it_works(resample, picture)
    return resized if by == "bicubic" else (resized * 255).round() / 255


def refine(picture: Tensor, detailed: Tensor, share: Tensor | None = None) -> Tensor:
    """A coarse picture at the size of a detailed one, with the fine detail that the coarse scale could not hold.

    `share` ``(1, 1, H, W)`` is how much of that detail each pixel gets.

    What is added is the detailed picture's finest Laplacian level (Burt and Adelson 1983): a coarse painting that is
    only enlarged is blurred, and its first steps would be spent on detail that the layer has already.
    """
    height, width = detailed.shape[-2:]
    coarse = resize(detailed, picture.shape[-1], picture.shape[-2])
    detail = detailed - resize(coarse, width, height)
    return resize(picture, width, height) + (detail if share is None else share * detail)


def halved(picture: Tensor) -> Tensor:
    """``(1, C, H, W)`` at half its size, rounded up: as it looks from twice as far away.

    Each pixel depends on a fixed set of pixels: a part of a picture, cut at even rows, is halved as the whole is.
    """
    return where_it_works(_halved, picture)


def _halved(picture: Tensor) -> Tensor:
    height, width = picture.shape[-2:]
    halves = []
    for channel in torch.split(picture, 1, dim=1):  # one at a time, for the memory
        even = F.pad(channel, (0, width % 2, 0, height % 2), mode="replicate")
        halves.append(F.interpolate(even, scale_factor=0.5, mode="bilinear", antialias=True))
    return torch.cat(halves, dim=1)


def cell_means(maps: Tensor, side: int) -> Tensor:
    """The means of square cells of that side, those of incomplete ones at the end included."""
    return where_it_works(lambda all_: F.avg_pool2d(all_, side, ceil_mode=True, count_include_pad=False), maps)


def add_doubled(picture: Tensor, coarse: Tensor, share: float = 1.0) -> None:
    """Add a picture of half the size, doubled, to another, in place: four times the transpose of `halved`."""
    height, width = picture.shape[-2:]
    for channel in range(picture.shape[1]):  # one at a time, for the memory
        doubled = F.interpolate(coarse[:, channel, None], scale_factor=2, mode="bilinear")
        picture[:, channel, None].add_(doubled[..., :height, :width], alpha=share)
