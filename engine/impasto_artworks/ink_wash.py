"""Ink wash: mountains in a few greys of one ink, bled into damp paper, with a vermilion sun."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .noise import fractal_noise
from .scenes.mountains import mountains
from .wash import Sheet, Wash

INK = {"payne's grey": 3, "ivory black": 3}
# Each mass's washes, light to dark; each is laid where the tone is below its number.
WASHES: dict[str, tuple[tuple[float, Wash], ...]] = {
    "sky": ((0.86, Wash(INK, load=0.045, soft=0.05, bloom=0.8, granulation=0.3)),),
    "sun": ((1.1, Wash({"vermilion": 4, "cadmium red": 1}, load=0.55, edge=0.5, bloom=0.5)),),
    "mist": ((0.5, Wash(INK, load=0.02, soft=0.03)),),
    "far ridge": (
        (0.85, Wash(INK, load=0.10, soft=0.012, bloom=0.6)),
        (0.55, Wash(INK, load=0.10, edge=0.5, bloom=0.6)),
    ),
    "ridge": (
        (0.88, Wash(INK, load=0.13, soft=0.016, bloom=0.6)),
        (0.60, Wash(INK, load=0.14, edge=0.4, bloom=0.6)),
        (0.30, Wash(INK, load=0.20, edge=0.4, dry=0.5)),
    ),
    "near ridge": (
        (0.88, Wash(INK, load=0.16, soft=0.016, bloom=0.6)),
        (0.55, Wash(INK, load=0.24, edge=0.5, bloom=0.7)),
        (0.22, Wash(INK, load=0.34, edge=0.4, dry=0.5)),
    ),
    "water": ((0.80, Wash(INK, load=0.09, dry=0.6, bloom=0.5)), (0.60, Wash(INK, load=0.14, dry=0.7))),
    "rock": (
        (0.80, Wash(INK, load=0.13, bloom=0.8, edge=0.8)),
        (0.45, Wash(INK, load=0.30, bloom=0.7, edge=0.7, dry=0.5)),
        (0.22, Wash(INK, load=0.65, edge=0.4, dry=0.75)),
    ),
    "trunk": ((1.1, Wash(INK, load=0.35)), (0.3, Wash(INK, load=0.7, dry=0.4))),
    "needles": ((1.1, Wash(INK, load=0.40, bloom=0.6, edge=0.5)), (0.36, Wash(INK, load=0.75, dry=0.3))),
    "hut": ((0.6, Wash(INK, load=0.55)), (1.1, Wash({"raw sienna": 2, "payne's grey": 1}, load=0.12))),
    "ferry": ((1.1, Wash(INK, load=0.75)),),
}


def ink_wash(long_side: int, seed: int) -> NDArray[np.uint8]:
    """The picture, ``(H, W, 3)``."""
    scene = mountains()
    sheet = Sheet(scene.size_at(long_side), "f4eddd", seed, tooth=0.8)
    tone = scene.tone + 0.06 * fractal_noise(scene.tone.shape, seed + 3, 9, 80)
    for name in scene.masses:
        grown = ndimage.binary_dilation(scene.where(name), iterations=1)
        for darkest, wash in WASHES[name]:
            sheet.lay(grown & (tone < darkest), wash)
    return sheet.picture()
