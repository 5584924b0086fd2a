"""A picture cut into tiles whose sums and gradients are exactly those of the whole.

Statistics add up over tiles, and a gradient needs the picture only as far as the network sees: Galerne et al.,
"Scaling Painting Style Transfer", 2022.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

STRIDE = 16
"""Pixels behind one cell of the deepest feature map: tiles begin and end on its multiples."""
HALO = 112
"""Pixels around a tile that go through the network with it, because its features depend on them: VGG's relu5_1 sees 85
pixels to each side, 100 where pooling blurs; SqueezeNet's conv8_1 fewer. A multiple of the stride."""

USUAL_SIDE = 640
"""Side of a tile's core, where nothing else is said."""
WHOLE_PIXELS = 720_000
"""Pictures up to so many pixels aren't cut where tiles have that side: about as many as a tile with its halo has."""
SMALLEST_TILE = 128
"""The smallest side of a tile's core: a smaller tile would be nearly all halo."""

LARGE_PIXELS = 8_000_000
_SIDE_OF_CUT, _SIDE_OF_LARGE = 512, 320
"""Where a picture must be cut, tiles get this smaller side. In large ones the pictures themselves fill the memory, and
tiles get the smallest, which costs little time where the halo is narrow."""


def usual_side(height: int, width: int) -> int:
    """The side of the tiles of a layer of that size where nobody says how much memory there is."""
    if height * width <= WHOLE_PIXELS:
        return USUAL_SIDE
    return _SIDE_OF_CUT if height * width <= LARGE_PIXELS else _SIDE_OF_LARGE


def tile_side(height: int, width: int, side: int = USUAL_SIDE) -> int:
    """The side of the tiles that a picture of that size is cut into, where `side` is asked for.

    A picture that is small enough isn't cut: the side is its own, rounded up to a multiple of the stride.
    """
    whole_pixels = WHOLE_PIXELS * (side + 2 * HALO) ** 2 // (USUAL_SIDE + 2 * HALO) ** 2
    return -(-max(height, width) // STRIDE) * STRIDE if height * width <= whole_pixels else side


def smallest_side_of_whole(pixels: int) -> int:
    """Below that side, a picture of so many pixels is cut into tiles."""
    return max(0, math.isqrt(pixels * (USUAL_SIDE + 2 * HALO) ** 2 // WHOLE_PIXELS) - 2 * HALO)


def largest_window(height: int, width: int, side: int, halo: int = HALO) -> int:
    """Pixels of the largest window that goes through the network at once, where tiles of that side are asked for."""
    return Tiling.of(height, width, side, halo).largest


@dataclass(frozen=True)
class Tiling:
    """What the tiles of a picture add up to, without a list of them: a forecast may be of a gigapixel."""

    count: int
    pixels: int
    """Of all their windows together: what lies in several halos counts several times."""
    largest: int
    """Pixels of the largest window."""

    @classmethod
    def of(cls, height: int, width: int, side: int, halo: int = HALO) -> "Tiling":
        """The tiles that a picture of that size is cut into, where tiles of that side are asked for."""
        step = _step(tile_side(height, width, side))
        rows, columns = _Windows.along(height, step, halo), _Windows.along(width, step, halo)
        return cls(rows.count * columns.count, rows.total * columns.total, rows.longest * columns.longest)


@dataclass(frozen=True)
class _Windows:
    """The windows along one side of a picture: how many, and their lengths, which differ near the two ends alone."""

    count: int
    total: int
    longest: int

    @classmethod
    def along(cls, length: int, step: int, halo: int) -> "_Windows":
        count, cut = -(-length // step), halo // step + 2
        ends = range(count) if count <= 2 * cut else (*range(cut), *range(count - cut, count))
        lengths = [min(length, (place + 1) * step + halo) - max(0, place * step - halo) for place in ends]
        whole, between = step + 2 * halo, count - len(lengths)
        return cls(count, sum(lengths) + between * whole, max(*lengths, whole) if between else max(lengths))


def smaller_side(height: int, width: int, side: int) -> int | None:
    """The first side of tiles, halving again and again, that makes the windows smaller; None if there is none."""
    now, half = largest_window(height, width, side), min(side, max(height, width))
    while half > SMALLEST_TILE:
        half = max(SMALLEST_TILE, half // 2 // STRIDE * STRIDE)
        if largest_window(height, width, half) < now:
            return half
    return None


@dataclass(frozen=True)
class Tile:
    """One tile: the window that goes through the network, and the core of it that counts. Edges in pixels."""

    top: int
    bottom: int
    left: int
    right: int
    core: tuple[int, int, int, int]
    """Top, bottom, left, right of the core, within the picture."""

    def cut(self, picture: Tensor) -> Tensor:
        """The tile's window of ``(1, C, H, W)``."""
        return picture[..., self.top : self.bottom, self.left : self.right]

    def moved_up(self, rows: int) -> "Tile":
        """The same tile in the picture without its first `rows` rows."""
        top, bottom, left, right = self.core
        return Tile(
            self.top - rows, self.bottom - rows, self.left, self.right, (top - rows, bottom - rows, left, right)
        )

    def core_mask(self, features: Tensor, cell: int) -> Tensor:
        """1 where a cell of the window's feature map ``(1, C, h, w)`` lies in the core, else 0: ``(1, 1, h, w)``.

        Each cell stands for a square of `cell` pixels.
        """
        height, width = features.shape[-2:]
        top, bottom, left, right = self.core
        rows = torch.arange(height, device=features.device) * cell + self.top
        columns = torch.arange(width, device=features.device) * cell + self.left
        inside_rows = (rows >= top) & (rows < bottom)
        inside_columns = (columns >= left) & (columns < right)
        mask: Tensor = (inside_rows[:, None] & inside_columns[None, :]).float()
        return mask[None, None]


def cut_tiles(height: int, width: int, side: int, halo: int = HALO, rows: tuple[int, int] | None = None) -> list[Tile]:
    """The tiles of a picture, or of some of its rows; cores have at most `side` pixels, rounded down to the stride.

    Windows include the halo, as far as there is picture.
    """
    start, end = rows or (0, height)
    step = _step(side)
    tiles = []
    for top in range(start, end, step):
        for left in range(0, width, step):
            bottom, right = min(top + step, end), min(left + step, width)
            tiles.append(
                Tile(
                    max(0, top - halo),
                    min(height, bottom + halo),
                    max(0, left - halo),
                    min(width, right + halo),
                    (top, bottom, left, right),
                )
            )
    return tiles


def _step(side: int) -> int:
    """Pixels from one tile's core to the next."""
    return max(STRIDE, side // STRIDE * STRIDE)
