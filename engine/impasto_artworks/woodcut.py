"""Woodcut: a black block cut along every form, over three tints, on warm paper."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .flowlines import flow_lines
from .noise import Field
from .print import Press
from .scenes import Scene
from .scenes.orchard import orchard

# Each tint block: its ink, and the masses that it prints.
TINTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("e0a13a", ("sun", "stubble", "tree", "barn")),
    ("c9472c", ("sun", "roof", "far hill", "trunk")),
    ("5c8f86", ("field", "tree")),
)


def woodcut(long_side: int, seed: int) -> NDArray[np.uint8]:
    """The picture, ``(H, W, 3)``."""
    scene = orchard()
    press = Press(scene.size_at(long_side), "f0e2c4", seed)
    for ink, masses in TINTS:
        place = sum((scene.where(name).astype(np.float32) for name in masses), start=np.zeros_like(scene.tone))
        press.ink(press.enlarged(place) - 0.5 + press.rough_edge(0.06), ink, 0.80, grain=0.35, salt=0.5, shift=0.0012)
    key = press.enlarged(_cut(scene, seed)) + press.rough_edge(0.035)
    press.ink(key, "1b1714", 0.98, grain=0.10, salt=0.35)
    return press.picture()


def _cut(scene: Scene, seed: int) -> Field:
    """The key block's height: above 0 it prints. Broad cuts, and finer ones where the eye shall rest."""
    broad, fine = flow_lines(scene, 0.0135, seed), flow_lines(scene, 0.0085, seed, length=0.035)
    at_lines = Image.fromarray(scene.focus).resize(broad.shape[::-1], Image.Resampling.BILINEAR)
    wave = np.where(np.asarray(at_lines) > 0.45, fine, broad)
    tone = np.asarray(Image.fromarray(scene.tone).resize(broad.shape[::-1], Image.Resampling.BILINEAR))
    # Cuts end before they meet, so the darkest and the lightest are flat.
    return (1 - wave - np.clip(1.25 * tone - 0.10, -0.05, 1.05)).astype(np.float32)
