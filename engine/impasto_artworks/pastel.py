"""Soft pastel: peonies and cornflowers in rose, peach, slate and cream, hatched stick over stick on warm grey."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .brushwork import Brush, jitter
from .drawing import Mark, Paper, drags_of
from .noise import fractal_noise
from .pigments import PaintMix, Palette, reflectance
from .scenes.bouquet import bouquet

PAPER = "9c8b7c"
PALETTE = Palette("titanium white", "naples yellow", "cadmium orange", "rose", "ultramarine", "burnt umber", "viridian")
RECIPES: Mapping[str, Sequence[PaintMix]] = {
    "wall": (
        {"ultramarine": 3, "burnt umber": 2, "titanium white": 2},
        {"ultramarine": 2, "rose": 0.6, "burnt umber": 0.6, "titanium white": 4},
        {"rose": 0.6, "naples yellow": 1.5, "titanium white": 5},
        {"naples yellow": 2.5, "cadmium orange": 0.25, "titanium white": 6},
    ),
    "shade": (
        {"ultramarine": 4, "burnt umber": 4},
        {"ultramarine": 4, "burnt umber": 2, "rose": 0.4, "titanium white": 1},
        {"ultramarine": 3, "rose": 0.8, "burnt umber": 0.6, "titanium white": 3},
    ),
    "cloth": (
        {"ultramarine": 3, "rose": 0.8, "burnt umber": 1, "titanium white": 2.5},
        {"rose": 1, "ultramarine": 0.6, "naples yellow": 1, "titanium white": 5},
        {"naples yellow": 1.2, "titanium white": 7},
    ),
    "fold": (
        {"ultramarine": 3, "rose": 1, "titanium white": 2.5},
        {"naples yellow": 2, "rose": 0.4, "titanium white": 5},
    ),
    "shadow": ({"ultramarine": 4, "burnt umber": 3}, {"ultramarine": 3, "rose": 1.2, "titanium white": 2}),
    "jug": (
        {"burnt umber": 6, "ultramarine": 2},
        {"burnt umber": 4, "cadmium orange": 1.5, "rose": 0.5},
        {"cadmium orange": 2, "burnt umber": 1, "naples yellow": 3, "titanium white": 1},
        {"titanium white": 7, "naples yellow": 2},
    ),
    "glaze": (
        {"ultramarine": 6, "burnt umber": 3},
        {"ultramarine": 5, "viridian": 0.8, "titanium white": 1.5},
        {"ultramarine": 2, "viridian": 0.5, "titanium white": 5},
        {"titanium white": 8},
    ),
    "leaf": (
        {"ultramarine": 3, "burnt umber": 5},
        {"burnt umber": 3, "viridian": 1, "naples yellow": 1.5},
        {"viridian": 0.8, "burnt umber": 1.2, "naples yellow": 5, "titanium white": 1},
        {"naples yellow": 6, "viridian": 0.4, "titanium white": 3},
    ),
    "stem": ({"burnt umber": 4, "viridian": 1, "naples yellow": 2},),
    "peony": (
        {"rose": 3, "burnt umber": 3, "ultramarine": 0.6},
        {"rose": 3, "burnt umber": 1, "cadmium orange": 0.5, "titanium white": 1.5},
        {"rose": 2, "cadmium orange": 0.4, "naples yellow": 1, "titanium white": 4},
        {"rose": 0.7, "naples yellow": 1.5, "titanium white": 6},
        {"titanium white": 8, "naples yellow": 1},
    ),
    "daisy": (
        {"ultramarine": 2, "rose": 0.6, "burnt umber": 0.5, "titanium white": 3},
        {"naples yellow": 1, "titanium white": 6},
        {"titanium white": 9},
    ),
    "heart": ({"burnt umber": 4, "cadmium orange": 3}, {"cadmium orange": 4, "naples yellow": 3}),
    "cornflower": (
        {"ultramarine": 6, "burnt umber": 2},
        {"ultramarine": 5, "rose": 0.4, "titanium white": 1.5},
        {"ultramarine": 2, "titanium white": 5},
    ),
}
# The angle in which a right hand hatches, radians, y downwards.
HAND = -0.95
SIDE = Mark(
    0.034, 0.10, 0.028, patch=4, coverage=1.7, pressure=0.62, streaks=0.7, soft=0.12, unsteady=0.25, fading=0.15
)
STICK = Mark(0.0125, 0.060, 0.0125, patch=6, coverage=1.5, pressure=0.80, streaks=0.55, unsteady=0.12, bend=0.1)
EDGE = Mark(0.0070, 0.042, 0.0085, patch=6, coverage=1.3, pressure=0.92, streaks=0.45, bend=0.5)
POINT = Mark(
    0.0045, 0.024, 0.0060, patch=5, coverage=1.9, pressure=1.05, streaks=0.3, bend=0.5, sharp=True, only_focus=True
)
MIXTURE = Brush(0.01, 0.01, 1.0, colour_jitter=0.55, divided=0.10)


def pastel(long_side: int, seed: int) -> NDArray[np.uint8]:
    """The picture, ``(H, W, 3)``."""
    scene = bouquet()
    by_hand = replace(scene, flow=(0.65 * HAND + 0.35 * scene.flow).astype(np.float32))
    paper = Paper(scene.size_at(long_side), PAPER, seed, cells=420)
    parts = scene.paint_parts(PALETTE, RECIPES)
    cover = 1 + 0.12 * fractal_noise(scene.tone.shape, seed + 3, 8, 80)
    for number, (plan, mark) in enumerate(((scene, SIDE), (by_hand, STICK), (scene, EDGE), (scene, POINT))):
        rng = np.random.default_rng([seed, 300 + number])
        for stroke in drags_of(plan, cover, mark, seed):
            amounts = parts[scene.index(stroke.path[len(stroke.path) // 3])]
            colour = reflectance(PALETTE.mix(jitter(amounts[None], MIXTURE, rng)))[0]
            paper.drag(stroke, colour, mark)
    return paper.picture()
