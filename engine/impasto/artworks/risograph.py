"""Risograph: fluorescent pink, blue and yellow, each through its own screen of dots, a little out of register."""

import numpy as np
from numpy.typing import NDArray

from .noise import Field, grid
from .print import Press
from .scenes import Scene
from .scenes.lighthouse import lighthouse

# Of each mass, how much of each drum's ink prints where the tone is 0 and where it is 1.
INKS = {"yellow": "ffd800", "pink": "ff3d7f", "blue": "1d4fb4"}
SCREEN_ANGLES = {"yellow": 0.0, "pink": 1.31, "blue": 0.26}
COVER: dict[str, dict[str, tuple[float, float]]] = {
    "sky": {"yellow": (0.0, 0.0), "pink": (0.60, 0.05), "blue": (0.85, 0.02)},
    "halo": {"yellow": (0.35, 1.0), "pink": (0.75, 0.15), "blue": (0.15, 0.0)},
    "light": {"yellow": (1.0, 0.35), "pink": (0.1, 0.0), "blue": (0.0, 0.0)},
    "shore": {"yellow": (0.10, 0.5), "pink": (0.85, 0.7), "blue": (0.95, 0.05)},
    "window": {"yellow": (1.0, 1.0), "pink": (0.0, 0.0), "blue": (0.0, 0.0)},
    "sea": {"yellow": (0.15, 0.0), "pink": (0.15, 0.0), "blue": (1.0, 0.10)},
    "glitter": {"yellow": (0.7, 0.9), "pink": (0.5, 0.1), "blue": (0.0, 0.0)},
    "rock": {"yellow": (0.3, 0.8), "pink": (1.0, 0.85), "blue": (1.0, 0.10)},
    "tower": {"yellow": (0.2, 0.0), "pink": (1.0, 0.0), "blue": (0.7, 0.0)},
}
# Distance of the screen's dots, in artwork units.
PITCH = 0.0088


def risograph(long_side: int, seed: int) -> NDArray[np.uint8]:
    """The picture, ``(H, W, 3)``."""
    scene = lighthouse()
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
