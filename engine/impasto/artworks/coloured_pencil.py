"""Coloured pencil: orchard hills hatched in layers of six pencils over the tooth of white paper."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .flowlines import flow_lines
from .noise import Field, fractal_noise
from .print import Press
from .scenes import Scene
from .scenes.orchard import orchard

# Each pencil's colour, its turn against the flow (radians), and how dark it lies where the tone is 0 and where it is 1.
Cover = dict[str, tuple[float, float]]
YELLOW: Cover = {"sun": (0.9, 0.9), "sky": (0.0, 0.45), "stubble": (0.5, 0.8), "field": (0.2, 0.6), "tree": (0.2, 0.7)}
ORANGE: Cover = {"sun": (0.5, 0.5), "stubble": (0.8, 0.1), "roof": (0.6, 0.6), "sky": (0.15, 0.0), "barn": (0.2, 0.2)}
RED: Cover = {"roof": (0.9, 0.5), "far hill": (0.45, 0.2), "trunk": (0.5, 0.4), "sky": (0.35, 0.0), "cloud": (0.2, 0.0)}
GREEN: Cover = {"field": (0.9, 0.25), "tree": (0.9, 0.35), "far hill": (0.2, 0.0)}
BLUE: Cover = {
    "sky": (0.75, 0.0),
    "far hill": (0.7, 0.3),
    "tree": (0.6, 0.0),
    "field": (0.45, 0.0),
    "cloud": (0.5, 0.0),
    "barn": (0.4, 0.0),
}
VIOLET: Cover = {
    "tree": (0.75, 0.0),
    "trunk": (0.9, 0.2),
    "field": (0.5, 0.0),
    "barn": (0.9, 0.0),
    "bird": (1.0, 1.0),
    "roof": (0.5, 0.0),
    "stubble": (0.35, 0.0),
}
PENCILS: tuple[tuple[str, float, Cover], ...] = (
    ("f2c230", 0.35, YELLOW),
    ("e8862e", -0.30, ORANGE),
    ("d1495b", 0.10, RED),
    ("3f8f4f", -0.15, GREEN),
    ("2f6fb5", 0.22, BLUE),
    ("3a2a4d", -0.45, VIOLET),
)
PERIOD = 0.0060


def coloured_pencil(long_side: int, seed: int) -> NDArray[np.uint8]:
    """The picture, ``(H, W, 3)``."""
    scene = orchard()
    press = Press(scene.size_at(long_side), "faf7f0", seed)
    tooth = fractal_noise(press.size, seed + 300, 300, rough=0.75)
    for number, (colour, turn, cover) in enumerate(PENCILS):
        lines = press.enlarged(_hatching(scene, turn, cover, seed + number))
        press.ink(lines + 0.16 * tooth, colour, 0.78, grain=0.0, salt=0.0)
    return press.picture()


def _hatching(scene: Scene, turn: float, cover: Cover, seed: int) -> Field:
    """One pencil's lines, above 0 where it touched the paper."""
    turned = Scene(scene.masses, scene.mass, scene.tone, (scene.flow + turn).astype(np.float32), scene.focus)
    wave = flow_lines(turned, PERIOD, seed, length=0.03, rounds=3)
    share = np.zeros_like(scene.tone)
    for name, (dark, light) in cover.items():
        here = scene.where(name)
        share[here] = dark + (light - dark) * np.clip(scene.tone[here], 0, 1)
    share = share * (1 + 0.12 * fractal_noise(share.shape, seed + 40, 9, 40))
    enlarged = np.asarray(Image.fromarray(share.astype(np.float32)).resize(wave.shape[::-1], Image.Resampling.BILINEAR))
    return np.asarray(np.where(enlarged > 0.04, enlarged - wave, -0.8), dtype=np.float32)
