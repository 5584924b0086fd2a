"""The artworks by name: each is a scene, a palette and a medium, painted at any size."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .batik import batik
from .block_print import block_print
from .charcoal import charcoal
from .chiaroscuro import chiaroscuro
from .coloured_pencil import coloured_pencil
from .dry_brush import dry_brush
from .embroidery import embroidery
from .expressionist import expressionist
from .impression import impression
from .ink_wash import ink_wash
from .mosaic import mosaic
from .night_oil import night_oil
from .palette_knife import palette_knife
from .pastel import pastel
from .pen import pen
from .pointillist import pointillist
from .risograph import risograph
from .stained_glass import stained_glass
from .watercolour import watercolour
from .woodcut import woodcut

PaintArtwork = Callable[[int, int], NDArray[np.uint8]]

SMALLEST, LARGEST = 64, 8192
ARTWORKS: dict[str, PaintArtwork] = {
    "impasto-night": night_oil,
    "granulating-watercolour": watercolour,
    "woodcut": woodcut,
    "mosaic": mosaic,
    "pointillist": pointillist,
    "expressionist": expressionist,
    "risograph": risograph,
    "pen-hatching": pen,
    "ink-wash": ink_wash,
    "embroidery": embroidery,
    "palette-knife": palette_knife,
    "pastel": pastel,
    "charcoal": charcoal,
    "stained-glass": stained_glass,
    "batik": batik,
    "coloured-pencil": coloured_pencil,
    "block-print": block_print,
    "impression": impression,
    "chiaroscuro": chiaroscuro,
    "dry-brush": dry_brush,
}


class ArtworkMissing(LookupError):
    """No artwork of that name, or none of that size."""


def paint(name: str, long_side: int, seed: int = 1) -> NDArray[np.uint8]:
    """The artwork as 8-bit sRGB, ``(H, W, 3)``; the same name, size and seed give the same pixels.

    Strokes are defined relative to the picture: a larger one has the same strokes with more bristles. The shipped
    pictures have seed 1. Raises `ArtworkMissing`.
    """
    if name not in ARTWORKS:
        raise ArtworkMissing(f"there is no artwork {name!r}; choose one of: {', '.join(ARTWORKS)}")
    if not SMALLEST <= long_side <= LARGEST:
        raise ArtworkMissing(f"size is {long_side}; it must lie in {SMALLEST}..{LARGEST} pixels")
    return ARTWORKS[name](long_side, seed)
