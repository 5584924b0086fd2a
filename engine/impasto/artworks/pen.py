"""Pen and ink: sepia hatching along every form, crossed where it is dark, on laid paper."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from .flowlines import flow_lines
from .noise import Field, fractal_noise
from .print import Press
from .scenes import Scene
from .scenes.estuary import estuary

# Turn against the flow (radians), the tone below which this hatching begins, and the darkest share of ink.
HATCHINGS = ((0.0, 1.0, 0.62), (0.75, 0.62, 0.55), (-0.60, 0.36, 0.50))
PERIOD = 0.0074
INK = "3a2417"
# How much darker or lighter than planned a mass is drawn.
SHADE = {"wood": -0.22, "roof": -0.2, "boat": -0.2, "sail": -0.15, "hill": -0.1, "reflection": -0.1, "river": 0.08}


def pen(long_side: int, seed: int) -> NDArray[np.uint8]:
    """The picture, ``(H, W, 3)``."""
    scene = estuary()
    press = Press(scene.size_at(long_side), "f1e6cd", seed)
    press.ink(press.enlarged(_outlines(scene, seed)) + press.rough_edge(0.08, 200), INK, 0.92, grain=0.3, salt=0.1)
    for turn, begins, darkest in HATCHINGS:
        lines = _hatching(scene, turn, begins, darkest, seed)
        press.ink(press.enlarged(lines) + press.rough_edge(0.05, 300), INK, 0.92, grain=0.3, salt=0.1)
    return press.picture()


def _outlines(scene: Scene, seed: int) -> Field:
    """Lines round the masses, above 0; here and there they are lost."""
    edge = ndimage.morphological_gradient(scene.mass, size=2) > 0
    line = ndimage.gaussian_filter(edge.astype(np.float32), 0.8)
    lost = np.clip(fractal_noise(scene.mass.shape, seed + 70, 8, 60), 0, None)
    return np.asarray(line - 0.34 - 0.20 * lost)


def _hatching(scene: Scene, turn: float, begins: float, darkest: float, seed: int) -> Field:
    """One set of lines; above 0 there is ink. Lines swell with the dark and break off in the light."""
    turned = Scene(scene.masses, scene.mass, scene.tone, (scene.flow + turn).astype(np.float32), scene.focus)
    wave = flow_lines(turned, PERIOD, seed + round(turn * 100) + 200, length=0.03)
    shaded = scene.tone + sum(shade * scene.where(name) for name, shade in SHADE.items())
    tone = np.asarray(Image.fromarray(shaded.astype(np.float32)).resize(wave.shape[::-1], Image.Resampling.BILINEAR))
    tone = tone + 0.06 * fractal_noise(wave.shape, seed + 8, 14, 120)
    share = np.clip((begins - tone) / begins, 0, 1) ** 0.8 * darkest
    return np.asarray(np.where(share > 0.035, share - wave, -0.5), dtype=np.float32)
