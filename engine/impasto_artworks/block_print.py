"""Colour block print: a breaking wave in five shades of Prussian blue, wiped from dark to light, with fine outlines."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from .flowlines import flow_lines
from .noise import Field, fractal_noise
from .print import Press
from .scenes import Scene
from .scenes.wave import wave

# Each block: its ink, how it is wiped (the share of ink where the tone is 0 and where it is 1), and its masses.
BLOCKS: tuple[tuple[str, tuple[float, float], tuple[str, ...]], ...] = (
    ("e8b98a", (0.10, 0.75), ("sky",)),
    ("f3d9a4", (0.9, 0.9), ("moon",)),
    ("6f9fb8", (0.75, 0.15), ("sky", "mountain")),
    ("9cc3c9", (0.85, 0.55), ("sea", "band", "foam", "snow")),
    ("2f6f9f", (0.85, 0.45), ("sea", "wave", "mountain")),
    ("163a6b", (0.95, 0.10), ("sea", "wave")),
    ("c98a3c", (0.9, 0.6), ("boat",)),
)
FOAM = ("foam", "snow")
KEY = "14213d"


def block_print(long_side: int, seed: int) -> NDArray[np.uint8]:
    """The picture, ``(H, W, 3)``."""
    scene = wave()
    press = Press(scene.size_at(long_side), "f3ead4", seed)
    lines = flow_lines(scene, 0.0120, seed, length=0.06)
    for ink, (dark, light), masses in BLOCKS:
        cover = np.where(np.isin(scene.mass, [scene.masses.index(name) for name in masses]), 1.0, 0.0)
        share = dark + (light - dark) * np.clip(scene.tone, 0, 1)
        share = np.where(np.isin(scene.mass, [scene.masses.index(name) for name in FOAM]), 0.18, share)
        cut = np.minimum(_enlarge(cover, lines.shape) - 0.5, _enlarge(share, lines.shape) * 1.12 - lines)
        press.ink(press.enlarged(cut) + press.rough_edge(0.03), ink, 0.85, grain=0.40, salt=0.35, shift=0.0006)
    press.ink(press.enlarged(_key(scene, seed)) + press.rough_edge(0.05, 200), KEY, 0.95, grain=0.15, salt=0.15)
    return press.picture()


def _enlarge(plan: Field, size: tuple[int, ...]) -> Field:
    image = Image.fromarray(np.asarray(plan, dtype=np.float32))
    return np.asarray(image.resize((size[1], size[0]), Image.Resampling.BILINEAR))


def _key(scene: Scene, seed: int) -> Field:
    """Outlines, above 0, that swell and thin out."""
    outer = ndimage.morphological_gradient(scene.mass, size=2) > 0
    line = ndimage.gaussian_filter(outer.astype(np.float32), 0.9)
    return np.asarray(line - 0.33 - 0.10 * np.clip(fractal_noise(scene.mass.shape, seed + 77, 12, 60), -1.5, 3))
