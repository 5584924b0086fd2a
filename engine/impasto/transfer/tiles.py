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
HALO = 96
"""Pixels around a tile that its features see, at least: relu5_1 sees 85 to each side; a multiple of the stride."""

SIDE = 640
"""Side of a tile's core, when there must be tiles."""
WHOLE_PIXELS = 720_000
"""Pictures up to this size are run whole: about what a tile with its halo holds."""


def tile_side(height: int, width: int) -> int:
    """The side of the tiles that a picture of that size is cut into; its own, where it is small enough to be whole."""
    return max(height, width) if height * width <= WHOLE_PIXELS else SIDE


@dataclass(frozen=True)
class Tile:
    """One tile: the window that is run through the network, and the core of it that counts. Edges in pixels."""

    top: int
    bottom: int
    left: int
    right: int
    core: tuple[int, int, int, int]
    """Top, bottom, left, right of the core, within the picture."""

    def cut(self, picture: Tensor) -> Tensor:
        """The tile's window of ``(1, C, H, W)``."""
        return picture[..., self.top : self.bottom, self.left : self.right]

    def is_whole(self, picture: Tensor) -> bool:
        """Does this tile hold the whole picture?"""
        return self.cut(picture).shape == picture.shape

    def cell_side(self, features: Tensor) -> int:
        """Pixels behind one cell of the window's feature map; the last cell at a border may hold fewer."""
        height, width = features.shape[-2:]
        down, across = (self.bottom - self.top) / height, (self.right - self.left) / width
        return int(2 ** math.ceil(math.log2(max(down, across))))

    def core_mask(self, features: Tensor) -> Tensor:
        """1 where a cell of the window's feature map ``(1, C, h, w)`` lies in the core, else 0: ``(1, 1, h, w)``."""
        cell = self.cell_side(features)
        height, width = features.shape[-2:]
        top, bottom, left, right = self.core
        rows = torch.arange(height, device=features.device) * cell + self.top
        columns = torch.arange(width, device=features.device) * cell + self.left
        inside_rows = (rows >= top) & (rows < bottom)
        inside_columns = (columns >= left) & (columns < right)
        mask: Tensor = (inside_rows[:, None] & inside_columns[None, :]).float()
        return mask[None, None]


def cut_tiles(height: int, width: int, side: int) -> list[Tile]:
    """Tiles with cores of at most `side` pixels (rounded down to the stride), halos included where there is picture."""
    step = max(STRIDE, side // STRIDE * STRIDE)
    tiles = []
    for top in range(0, height, step):
        for left in range(0, width, step):
            bottom, right = min(top + step, height), min(left + step, width)
            tiles.append(
                Tile(
                    max(0, top - HALO),
                    min(height, bottom + HALO),
                    max(0, left - HALO),
                    min(width, right + HALO),
                    (top, bottom, left, right),
                )
            )
    return tiles
