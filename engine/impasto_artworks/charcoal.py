"""Charcoal: birches in snow, in sweeps and hatchings of black and a little white chalk on buff laid paper."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .drawing import Cover, Mark, Paper, cover_of
from .noise import fractal_noise
from .pigments import reflectance_of
from .scenes.birches import birches

PAPER, BLACK, CHALK = "cdbfa6", "16130f", "fbf7ec"
# How firmly each mass is drawn over, where it is dark and where it is light.
BLACKS: Cover = {
    "sky": (0.75, 0.02),
    "thicket": (1.05, 0.30),
    "far trunk": (1.2, 0.25),
    "snow": (0.75, 0.03),
    "shadow": (0.85, 0.20),
    "track": (0.9, 0.2),
    "birch": (0.95, 0.0),
    "scar": (1.3, 0.6),
    "twig": (1.3, 0.5),
    "bush": (1.25, 0.4),
}
WHITES: Cover = {"sky": (-0.6, 0.75), "snow": (-1.0, 0.95), "birch": (-0.7, 1.15), "far trunk": (-0.5, 0.8)}
# The angle in which a right hand hatches, radians, y downwards.
HAND = -0.95
SWEEP = Mark(0.034, 0.15, 0.027, patch=4, coverage=1.6, unsteady=0.12, pressure=0.55, streaks=0.7, soft=0.14, bend=0.0)
HATCH = Mark(0.0085, 0.085, 0.0125, patch=9, coverage=1.5, unsteady=0.10, pressure=0.80, streaks=0.5, bend=0.05)
STICK = Mark(0.0110, 0.070, 0.0130, patch=5, coverage=1.0, pressure=0.80, streaks=0.5, unsteady=0.2)
POINT = Mark(0.0045, 0.050, 0.0085, patch=6, coverage=1.0, pressure=1.05, streaks=0.4, sharp=True, unsteady=0.2)
FINE = Mark(0.0032, 0.030, 0.0060, patch=6, coverage=1.8, pressure=1.1, streaks=0.3, sharp=True, only_focus=True)


def charcoal(long_side: int, seed: int) -> NDArray[np.uint8]:
    """The picture, ``(H, W, 3)``."""
    scene = birches()
    by_hand = replace(scene, flow=np.full_like(scene.flow, HAND))
    paper = Paper(scene.size_at(long_side), PAPER, seed, laid=210)
    uneven = 0.08 * fractal_noise(scene.tone.shape, seed + 3, 7, 60)
    black, white = (np.clip(cover_of(scene, cover) + uneven, 0, None) for cover in (BLACKS, WHITES))
    ink, chalk = reflectance_of(BLACK), reflectance_of(CHALK)
    paper.rub(ndimage.gaussian_filter(0.60 * np.clip(black, 0, 1) ** 1.3, 3), ink)
    for plan, mark in ((by_hand, SWEEP), (by_hand, HATCH), (scene, STICK), (scene, POINT), (scene, FINE)):
        paper.hatch(plan, black, mark, ink, seed)
    for plan, mark in ((by_hand, HATCH), (scene, POINT)):
        paper.hatch(plan, white, mark, chalk, seed + 1)
    return paper.picture()
