"""Risograph: a bouquet in fluorescent pink, blue and yellow, each screened in dots, a little out of register."""

import numpy as np
from numpy.typing import NDArray

from .noise import Field, grid
from .print import Press
from .scenes import Scene
from .scenes.bouquet import bouquet

# Of each mass, how much of each drum's ink prints where the tone is 0 and where it is 1.
INKS = {"yellow": "ffd800", "pink": "ff3d7f", "blue": "1d4fb4"}
SCREEN_ANGLES = {"yellow": 0.0, "pink": 1.31, "blue": 0.26}
COVER: dict[str, dict[str, tuple[float, float]]] = {
    "wall": {"yellow": (0.20, 0.55), "pink": (0.70, 0.22), "blue": (0.45, -0.05)},
    "shade": {"yellow": (0.0, 0.10), "pink": (0.75, 0.40), "blue": (1.0, 0.45)},
    "cloth": {"yellow": (0.0, 0.10), "pink": (0.40, 0.05), "blue": (0.75, 0.02)},
    "fold": {"yellow": (0.0, 0.0), "pink": (0.45, 0.10), "blue": (0.75, 0.15)},
    "shadow": {"yellow": (0.0, 0.0), "pink": (0.75, 0.60), "blue": (1.0, 0.70)},
    "jug": {"yellow": (0.60, 0.15), "pink": (0.95, 0.10), "blue": (1.0, 0.0)},
    "glaze": {"yellow": (0.0, 0.0), "pink": (0.30, 0.0), "blue": (1.0, 0.30)},
    "leaf": {"yellow": (0.70, 0.95), "pink": (0.70, 0.05), "blue": (1.0, 0.35)},
    "stem": {"yellow": (0.9, 0.9), "pink": (0.2, 0.2), "blue": (0.8, 0.8)},
    "peony": {"yellow": (0.40, 0.05), "pink": (1.0, 0.20), "blue": (0.75, -0.45)},
    "daisy": {"yellow": (0.10, 0.0), "pink": (0.35, -0.1), "blue": (0.35, -0.1)},
    "heart": {"yellow": (1.0, 1.0), "pink": (0.85, 0.35), "blue": (0.4, 0.0)},
    "cornflower": {"yellow": (0.0, 0.0), "pink": (0.75, 0.20), "blue": (1.0, 0.45)},
}
# Distance of the screen's dots, in artwork units.
PITCH = 0.0086


def risograph(long_side: int, seed: int) -> NDArray[np.uint8]:
    """The picture, ``(H, W, 3)``."""
    scene = bouquet()
    press = Press(scene.size_at(long_side), "f7f3e8", seed)
    for drum, (name, ink) in enumerate(INKS.items()):
        cover = press.enlarged(_cover(scene, name)) + press.rough_edge(0.02)
        dots = screen(press.size, SCREEN_ANGLES[name])
        press.ink(cover - dots, ink, 0.88, grain=0.30, salt=0.55, shift=(0.0, 0.0022, -0.0016)[drum])
    return press.picture()


def _cover(scene: Scene, ink: str) -> Field:
    """How much of an ink lies where, 0..1."""
    cover = np.zeros_like(scene.tone)
    tone = np.clip(scene.tone, 0, 1)
    for name in scene.masses:
        dark, light = COVER[name][ink]
        here = scene.where(name)
        cover[here] = dark + (light - dark) * tone[here]
    return cover


def screen(size: tuple[int, int], angle: float) -> Field:
    """Thresholds in 0..1 of a halftone screen: round dots in the lights, round holes in the darks."""
    x, y = grid(size)
    u = (x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / PITCH
    v = (y * np.cos(angle) - x * np.sin(angle)) * 2 * np.pi / PITCH
    return np.asarray(0.5 - 0.25 * (np.cos(u) + np.cos(v)) * 0.98 + 0.01, dtype=np.float32)
