"""Ridges one behind another in mist, a crooked pine on a rock, a hut, a ferry: little is said, much is left out."""

import numpy as np

from ..noise import Field, fractal_noise, smoothstep
from .plan import Scene, Sketch

MASSES = ("sky", "sun", "mist", "far ridge", "ridge", "near ridge", "water", "rock", "trunk", "needles", "hut", "ferry")
SUN = (0.285, 0.175)


def mountains() -> Scene:
    """The planned picture, 4:3."""
    sketch = Sketch(MASSES, 0.75)
    _sky(sketch)
    _ridges(sketch)
    _water(sketch)
    _rock(sketch)
    _pine(sketch)
    focus = np.exp(-((sketch.distance((0.70, 0.30)) / 0.20) ** 2))
    return sketch.scene(np.maximum(focus, 0.8 * sketch.is_any("needles", "hut", "ferry", "trunk", "sun")))


def _sky(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    drift = fractal_noise(sketch.shape, 81, 3, 30, stretch=3.0)
    sketch.put("sky", y >= 0, 0.80 + 0.10 * drift + 0.20 * y, 0.10 * drift + 0.12 * np.sin(x * 7 + y * 5))
    sketch.put("sun", sketch.distance(SUN) < 0.060, 0.90, sketch.around(SUN))


def _crest(sketch: Sketch, seed: int, level: float, peaks: tuple[tuple[float, float, float], ...]) -> Field:
    """Height of a skyline: peaks (place, height, breadth) and what weather did to them."""
    x = sketch.x[0]
    crest = np.full_like(x, level)
    for place, height, breadth in peaks:
        crest -= height * np.exp(-((np.abs(x - place) / breadth) ** 1.25))
    jagged = fractal_noise(sketch.shape, seed, 10, 120, rough=0.6)[7]
    return np.asarray(crest - 0.011 * jagged)[None, :]


def _ridges(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    peaks = (
        ("far ridge", 82, 0.40, ((0.16, 0.13, 0.12), (0.47, 0.25, 0.11), (0.62, 0.15, 0.13), (0.95, 0.17, 0.13)), 0.42),
        ("ridge", 83, 0.46, ((0.05, 0.17, 0.12), (0.33, 0.13, 0.10), (0.80, 0.15, 0.14)), 0.28),
        ("near ridge", 84, 0.50, ((0.17, 0.11, 0.13), (0.58, 0.075, 0.09), (0.99, 0.10, 0.12)), 0.12),
    )
    for name, seed, level, tops, dark in peaks:
        crest = _crest(sketch, seed, level, tops)
        depth = y - crest
        gullies = fractal_noise(sketch.shape, seed + 10, 13, 90, rough=0.6, stretch=0.45)
        tone = dark + 0.13 * gullies + 0.62 * smoothstep(0.02, 0.17, depth)
        slope = np.arctan(np.gradient(crest[0]) * x.shape[1])[None, :]
        steep = 1.15 * np.sign(slope) * (1 - np.exp(-np.abs(slope))) + 0.35 * gullies
        sketch.put(name, depth > 0, np.clip(tone, 0, 0.97), steep)
        sketch.put("mist", (depth > 0.150 + 0.02 * gullies) & (y < 0.56), 0.90, 0.08 * gullies)


def _water(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    ripple = fractal_noise(sketch.shape, 95, 26, 100, stretch=8.0)
    sketch.put(
        "water", y > 0.520 + 0.004 * ripple, np.clip(0.82 + 0.16 * ripple - 1.2 * (y - 0.52), 0, 1), 0.03 * ripple
    )
    u, v = (x - 0.33) / 0.062, (y - 0.600) / 0.013
    sketch.put("ferry", (np.abs(u) < 1) & (v > 0.9 * u**2 - 0.6) & (v < 1 - 0.5 * u**2), 0.10, 0.05)
    sketch.put("ferry", (np.hypot((x - 0.345) / 0.012, (y - 0.578) / 0.015) < 1), 0.18, 1.4)
    sketch.put("ferry", (np.abs(x - 0.372 - 0.6 * (0.60 - y)) < 0.0022) & (y > 0.53) & (y < 0.61), 0.15, 2.1)


def _rock(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    crag = fractal_noise(sketch.shape, 91, 8, 120, rough=0.6)
    top = 0.75 - 0.33 * smoothstep(0.55, 0.80, x) - 0.04 * np.sin(x * 22) + 0.014 * crag
    cleft = np.sin(x * 58 + y * 26 + 2.2 * crag)
    tone = 0.30 + 0.30 * cleft + 0.14 * crag - 0.4 * (y - top)
    sketch.put("rock", y > top, np.clip(tone, 0.03, 0.95), 1.25 + 0.5 * crag)
    sketch.put("hut", (np.abs(x - 0.930) < 0.032) & (y > 0.375) & (y < 0.432), 0.70, np.pi / 2)
    sketch.put("hut", (y > 0.340) & (y < 0.380) & (np.abs(x - 0.930) < 0.030 + 0.75 * (y - 0.340)), 0.15, 0.25)


def _pine(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    lean = 0.745 - 0.33 * (0.45 - y) + 0.020 * np.sin((0.45 - y) * 26)
    bark = (np.abs(x - lean) < 0.006 + 0.030 * np.clip(y - 0.10, 0, 1)) & (y > 0.115) & (y < 0.46)
    sketch.put("trunk", bark, np.where(x < lean, 0.12, 0.40), np.pi / 2 - 0.3)
    tufts = fractal_noise(sketch.shape, 92, 42, 200)
    boughs = (
        (0.615, 0.125, 0.085, 0.026),
        (0.560, 0.185, 0.090, 0.022),
        (0.715, 0.180, 0.090, 0.024),
        (0.605, 0.245, 0.070, 0.018),
        (0.790, 0.250, 0.085, 0.022),
        (0.655, 0.305, 0.060, 0.016),
    )
    for cx, cy, long, thick in boughs:
        r = np.hypot((x - cx) / long, (y - cy - 0.25 * (x - cx) ** 2 / long) / thick) + 0.22 * tufts
        light = 0.30 - 0.35 * (y - cy) / thick + 0.12 * tufts
        sketch.put("needles", r < 1, np.clip(light, 0.02, 0.8), -np.pi / 2 + 1.1 * (x - cx) / long + 0.2 * tufts)
