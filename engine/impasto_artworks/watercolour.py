"""Granulating watercolour: an estuary in a few transparent washes, dark at their rims, on rough paper."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .noise import fractal_noise
from .pigments import PaintMix
from .scenes.estuary import estuary
from .wash import Sheet, Wash

# Each mass's washes, light to dark; each is laid where the tone is below its number.
WASHES: dict[str, tuple[tuple[float, Wash], ...]] = {
    "sky": (
        (0.93, Wash({"cobalt blue": 3, "rose": 0.25}, load=0.11, granulation=0.7, bloom=0.5)),
        (0.52, Wash({"cobalt blue": 4, "ultramarine": 2}, load=0.22, granulation=0.9, edge=0.7, bloom=0.5)),
        (0.30, Wash({"ultramarine": 4, "burnt sienna": 0.6}, load=0.15, granulation=1.1, edge=0.3, soft=0.03)),
    ),
    "far hill": (
        (1.1, Wash({"cobalt blue": 3, "rose": 1.4}, load=0.20, granulation=0.8)),
        (0.72, Wash({"ultramarine": 3, "rose": 1.2}, load=0.17, granulation=1.0)),
    ),
    "hill": (
        (1.1, Wash({"ultramarine": 2, "raw sienna": 1.5, "viridian": 0.4}, load=0.22, granulation=0.9)),
        (0.55, Wash({"ultramarine": 3, "viridian": 1.2}, load=0.28, granulation=1.0)),
    ),
    "wood": (
        (1.1, Wash({"sap green": 2, "raw sienna": 3}, load=0.25, edge=1.0)),
        (0.55, Wash({"sap green": 3, "ultramarine": 1.5}, load=0.33, granulation=0.9, edge=1.0)),
        (0.30, Wash({"ultramarine": 3, "burnt sienna": 2}, load=0.40, granulation=1.1)),
    ),
    "field": ((1.1, Wash({"raw sienna": 3, "naples yellow": 2}, load=0.20, bloom=0.5)),),
    "river": (
        (0.93, Wash({"cobalt blue": 3, "viridian": 0.5}, load=0.15, granulation=0.8, dry=0.5)),
        (0.70, Wash({"ultramarine": 3, "viridian": 0.6}, load=0.20, granulation=1.0, dry=0.25)),
    ),
    "reflection": (
        (1.1, Wash({"sap green": 2, "ultramarine": 2, "raw sienna": 1}, load=0.28, granulation=0.9)),
        (0.38, Wash({"ultramarine": 3, "burnt sienna": 1}, load=0.30, granulation=1.0)),
    ),
    "bank": (
        (1.1, Wash({"raw sienna": 4, "sap green": 2}, load=0.24, bloom=0.6, edge=1.0)),
        (0.60, Wash({"raw sienna": 3, "sap green": 3}, load=0.26, granulation=0.9, bloom=0.5, edge=1.1)),
        (0.34, Wash({"burnt sienna": 3, "ultramarine": 3}, load=0.34, granulation=1.3, edge=1.0)),
    ),
    "boat": (
        (1.1, Wash({"burnt sienna": 3, "vermilion": 1.5}, load=0.40)),
        (0.40, Wash({"ultramarine": 3, "burnt sienna": 2}, load=0.59, granulation=0.9)),
    ),
    "sail": ((1.1, Wash({"vermilion": 2, "raw sienna": 2}, load=0.28)), (0.65, Wash({"burnt sienna": 3}, load=0.33))),
    "roof": ((1.1, Wash({"vermilion": 2, "burnt sienna": 2}, load=0.33)), (0.5, Wash({"burnt sienna": 3}, load=0.33))),
    "wall": (
        (0.9, Wash({"cobalt blue": 2, "rose": 1}, load=0.20)),
        (0.2, Wash({"ultramarine": 2, "burnt sienna": 2}, load=0.66)),
    ),
}
UNDERWASH: PaintMix = {"raw sienna": 4, "rose": 1}


def watercolour(long_side: int, seed: int) -> NDArray[np.uint8]:
    """The picture, ``(H, W, 3)``."""
    scene = estuary()
    sheet = Sheet(scene.size_at(long_side), "fbf6ea", seed)
    sheet.lay(np.ones_like(scene.tone), Wash(UNDERWASH, load=0.04, granulation=0.4, bloom=0.6, edge=0.2))
    tone = scene.tone + 0.05 * fractal_noise(scene.tone.shape, seed + 3, 9, 80)
    for name in scene.masses:
        place = scene.where(name)
        grown = ndimage.binary_dilation(place, iterations=2)
        for darkest, wash in WASHES[name]:
            sheet.lay(grown & (tone < darkest), wash)
    sheet.lift(_spatter(scene.tone.shape, seed), 0.75)
    return sheet.picture()


def _spatter(shape: tuple[int, int], seed: int) -> NDArray[np.float32]:
    """A few drops of clean water, flung: most are small."""
    rng = np.random.default_rng([seed, 9])
    y, x = np.indices(shape, dtype=np.float32)
    drops = np.zeros(shape, dtype=np.float32)
    for _ in range(50):
        row, column, radius = rng.uniform(0.45, 1) * shape[0], rng.uniform(0, 1) * shape[1], 0.8 + 0.6 * rng.pareto(3)
        drops[np.hypot(x - column, y - row) < radius] = 1
    return drops
