"""Coloured pencil: orchard hills hatched in veils of seven pencils, one over another, on the tooth of white paper."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .drawing import Cover, Mark, Paper, cover_of
from .noise import fractal_noise
from .pigments import reflectance_of
from .scenes.orchard import orchard

PAPER = "fbf8f1"
# Of each pencil how firmly it lies on each mass, where that is dark and where it is light.
YELLOW: Cover = {
    "sun": (1.1, 1.1),
    "sky": (0.1, 0.75),
    "stubble": (0.9, 0.9),
    "field": (0.5, 0.8),
    "tree": (0.4, 0.9),
    "roof": (0.5, 0.5),
    "cloud": (0.0, 0.15),
    "barn": (0.2, 0.2),
}
APRICOT: Cover = {
    "sun": (0.9, 0.8),
    "stubble": (1.0, 0.45),
    "roof": (0.9, 0.9),
    "sky": (0.35, 0.35),
    "far hill": (0.3, 0.4),
    "barn": (0.3, 0.25),
    "trunk": (0.6, 0.9),
    "field": (0.15, 0.2),
}
ROSE: Cover = {
    "roof": (1.1, 0.8),
    "far hill": (0.75, 0.35),
    "trunk": (0.8, 0.5),
    "sky": (0.65, 0.0),
    "stubble": (0.7, 0.1),
    "cloud": (0.35, 0.05),
    "tree": (0.2, 0.0),
}
OLIVE: Cover = {"field": (1.0, 0.55), "tree": (1.1, 0.6), "stubble": (0.25, 0.0), "far hill": (0.2, 0.05)}
BLUE: Cover = {
    "sky": (1.05, -0.35),
    "far hill": (0.95, 0.45),
    "tree": (0.8, 0.0),
    "field": (0.7, 0.1),
    "cloud": (0.75, -0.15),
    "barn": (0.7, 0.05),
}
BROWN: Cover = {
    "trunk": (1.2, 0.5),
    "barn": (1.0, 0.0),
    "roof": (0.8, 0.2),
    "stubble": (0.8, -0.1),
    "field": (0.6, -0.2),
    "tree": (0.5, -0.1),
}
INDIGO: Cover = {
    "tree": (1.3, -0.4),
    "trunk": (1.3, 0.0),
    "field": (1.15, -0.5),
    "barn": (1.3, -0.2),
    "bird": (1.3, 1.3),
    "roof": (0.9, -0.3),
    "far hill": (0.7, 0.0),
    "sky": (0.65, -0.5),
    "stubble": (0.7, -0.3),
}
# Each pencil's colour and its turn against the flow, radians.
PENCILS: tuple[tuple[str, float, Cover], ...] = (
    ("f0c24a", 0.30, YELLOW),
    ("e3905a", -0.25, APRICOT),
    ("c2566a", 0.12, ROSE),
    ("7f8f4c", -0.12, OLIVE),
    ("4a78b4", 0.35, BLUE),
    ("7a4f36", -0.35, BROWN),
    ("26264a", 0.05, INDIGO),
)
SIDE = Mark(
    0.0120, 0.075, 0.0100, patch=4, coverage=1.3, pressure=0.60, streaks=0.5, soft=0.40, tooth=0.6, veil=0.9,
    opacity=0.40, bend=0.5,
)  # fmt: skip
POINT = Mark(
    0.0044, 0.055, 0.0072, patch=6, coverage=1.1, pressure=0.95, streaks=0.3, soft=0.25, tooth=0.45, unsteady=0.10,
    bend=0.4, veil=0.85, opacity=0.85, sharp=True,
)  # fmt: skip
FINE = Mark(
    0.0032, 0.028, 0.0050, patch=6, coverage=1.5, pressure=1.0, streaks=0.3, soft=0.20, tooth=0.4, bend=0.5,
    veil=0.8, opacity=0.9, sharp=True, only_focus=True,
)  # fmt: skip


def coloured_pencil(long_side: int, seed: int) -> NDArray[np.uint8]:
    """The picture, ``(H, W, 3)``."""
    scene = orchard()
    paper = Paper(scene.size_at(long_side), PAPER, seed, cells=700)
    uneven = 0.10 * fractal_noise(scene.tone.shape, seed + 3, 9, 60)
    for number, (colour, turn, masses) in enumerate(PENCILS):
        cover = np.clip(cover_of(scene, masses) * (1 + uneven), 0, None)
        for mark in (SIDE, POINT, FINE):
            paper.hatch(scene, cover, replace(mark, turn=turn), reflectance_of(colour), seed + 10 * number)
    return paper.picture()
