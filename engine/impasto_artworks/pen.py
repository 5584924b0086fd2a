"""Pen and ink: a street after rain in sepia, outlined by a quick nib, hatched along the forms, crossed in the darks."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .brushwork import along_contours
from .drawing import Mark, Paper
from .noise import fractal_noise
from .pigments import reflectance_of
from .scenes.street import street

PAPER, INK = "f3e8d0", "2e1c12"
# How much darker or lighter than planned a mass is drawn.
SHADE = {"sky": -0.02, "wall": -0.08, "glow": 0.10, "roof": -0.12, "figure": -0.25, "post": -0.3, "road": -0.05}
# The angle in which a right hand hatches, radians, y downwards.
HAND = -0.95
NIB = Mark(
    0.0032, 0.085, 0.0080, patch=12, uneven=0.10, pressure=1.0, fading=0.15, streaks=0.2, soft=0.06, tooth=0.25,
    unsteady=0.03, bend=0.0, heavy_tail=0.15, sharp=True, opacity=0.93,
)  # fmt: skip
OUTLINE = replace(
    NIB, width=0.0036, length=0.060, spacing=0.0016, patch=2, coverage=0.60, unsteady=0.04, bend=0.9, only_focus=True
)
# Whether lines follow the forms, their turn (radians), the tone below which they begin, and their nib.
HATCHINGS: tuple[tuple[bool, float, float, Mark], ...] = (
    (False, 0.0, 1.05, NIB),
    (False, 0.10, 0.70, replace(NIB, length=0.06)),
    (True, 0.0, 0.58, replace(NIB, length=0.05, patch=7, bend=0.4)),
    (False, 1.35, 0.42, replace(NIB, length=0.06)),
    (True, -0.4, 0.60, replace(NIB, width=0.0024, spacing=0.0050, length=0.025, coverage=1.2, only_focus=True)),
)


def pen(long_side: int, seed: int) -> NDArray[np.uint8]:
    """The picture, ``(H, W, 3)``."""
    scene = street()
    by_hand = replace(scene, flow=np.full_like(scene.flow, HAND))
    paper, ink = Paper(scene.size_at(long_side), PAPER, seed), reflectance_of(INK)
    tone = scene.tone + sum(shade * scene.where(name) for name, shade in SHADE.items())
    tone = tone + 0.05 * fractal_noise(scene.tone.shape, seed + 8, 10, 60)
    for number, (follows, turn, begins, nib) in enumerate(HATCHINGS):
        cover = np.clip((begins - tone) / begins, 0, 1) ** 0.5
        paper.hatch(scene if follows else by_hand, cover, replace(nib, turn=turn), ink, seed + 20 * number)
    contours = along_contours(scene, 0.004)
    lost = np.clip(0.95 + 0.35 * fractal_noise(scene.tone.shape, seed + 70, 8, 40), 0, 1)
    paper.hatch(contours, lost * (0.15 + contours.focus), OUTLINE, ink, seed)
    return paper.picture()
