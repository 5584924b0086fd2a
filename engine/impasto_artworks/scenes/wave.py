"""A wave about to break over an empty boat, a far cone of snow, a full moon."""

import numpy as np

from ..noise import Field, fractal_noise, smoothstep
from .plan import Scene, Sketch

MASSES = ("sky", "moon", "mountain", "snow", "sea", "wave", "band", "foam", "boat")
HOLLOW = (0.600, 0.470)


def wave() -> Scene:
    """The planned picture, 4:3."""
    sketch = Sketch(MASSES, 0.75)
    _sky(sketch)
    _sea(sketch)
    _boat(sketch)
    body = _crest(sketch)
    _foam(sketch, body)
    focus = np.exp(-((sketch.distance((0.56, 0.33)) / 0.16) ** 2))
    return sketch.scene(np.maximum(focus, 0.8 * sketch.is_any("foam", "boat", "snow", "moon")))


def _sky(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    sketch.put("sky", y >= 0, 0.25 + 0.75 * smoothstep(0.0, 0.32, y), 0.05 * np.sin(x * 8))
    sketch.put("moon", sketch.distance((0.845, 0.150)) < 0.058, 0.95, sketch.around((0.845, 0.150)))
    slope = 0.40 + 0.55 * np.abs(x - 0.845) ** 0.86
    jagged = 0.006 * fractal_noise(sketch.shape, 61, 50)
    flank = np.where(x < 0.845, -0.6, 0.6)
    sketch.put("mountain", (y > slope) & (y < 0.60), 0.25 + 1.6 * (y - slope), flank)
    sketch.put("snow", (y > slope) & (y < 0.455 + 2 * jagged), np.where(x < 0.85, 0.95, 0.70), flank)


def _sea(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    for i, level in enumerate((0.545, 0.590, 0.640, 0.700)):
        swell = 0.014 * (i + 1) * np.sin(x * (15 - 2 * i) + 1.9 * i)
        depth = y - level - swell
        along = np.arctan(0.014 * (i + 1) * (15 - 2 * i) * np.cos(x * (15 - 2 * i) + 1.9 * i))
        stripes = np.sin(depth * 2 * np.pi / 0.030)
        sketch.put("sea", depth > 0, np.clip(0.45 + 0.25 * stripes - 1.5 * depth, 0, 1), along)
        sketch.put("foam", (depth > 0) & (depth < 0.006 + 0.004 * fractal_noise(sketch.shape, 62 + i, 40)), 0.95, along)


def _boat(sketch: Sketch) -> None:
    u, v = (sketch.x - 0.790) / 0.100, (sketch.y - 0.575) / 0.026
    sketch.put("boat", (np.abs(u) < 1) & (v > 0.2 - 1.1 * u**4) & (v < 1 - 1.5 * u * u), 0.55 - 0.5 * v, 0.2 * u)


def _crest(sketch: Sketch) -> Field:
    """The breaking wave; returns how deep inside it each place lies, negative outside."""
    x, y = sketch.x, sketch.y
    breadth = np.where(x < 0.36, 0.30, 0.37)
    ragged = 0.010 * fractal_noise(sketch.shape, 66, 14, 90)
    hump = 0.66 - 0.54 * np.exp(-(((x - 0.36) / breadth) ** 2)) + ragged
    r = np.hypot(x - HOLLOW[0], (y - HOLLOW[1]) * 0.95)
    depth = np.minimum(y - hump, r - 0.160 + 0.3 * ragged)
    depth = np.where((x > 0.615) & (y < 0.615 + 0.02 * np.sin(x * 20)), -1.0, depth)
    spiral = np.arctan2(y - HOLLOW[1], x - HOLLOW[0])
    around = sketch.around(HOLLOW) + 0.15
    sketch.put("wave", depth > 0, 0.22 + 0.35 * smoothstep(0.35, 0.0, r - 0.16), around)
    bands = np.sin((r + 0.030 * spiral) * 2 * np.pi / 0.064) + 0.25 * fractal_noise(sketch.shape, 67, 9)
    sketch.put("band", (depth > 0) & (bands > 0.25), 0.55 + 0.35 * bands, around)
    return np.asarray(depth, dtype=np.float32)


def _foam(sketch: Sketch, body: Field) -> None:
    x, y = sketch.x, sketch.y
    curls = fractal_noise(sketch.shape, 68, 17, 120, rough=0.6)
    lip = smoothstep(0.42, 0.15, y) * smoothstep(0.02, 0.30, x)
    fingers = 0.032 * lip * (1 + np.sin(np.arctan2(y - HOLLOW[1], x - HOLLOW[0]) * 44 + 2.5 * curls))
    edge = (body > -0.004) & (body < 0.020 + 0.022 * lip + fingers * 0.7 + 0.012 * curls) & (y < 0.60)
    sketch.put("foam", edge, np.clip(0.82 + 0.22 * curls, 0, 1), sketch.around(HOLLOW) + curls)
    rng = np.random.default_rng(9)
    for _ in range(150):
        place = (rng.normal(0.50, 0.13), rng.normal(0.20, 0.085))
        row, column = (np.clip(np.array(place[::-1]) * x.shape[1], 0, np.array(x.shape) - 1)).astype(int)
        inside = body[row, column]
        if inside < 0:
            sketch.put("foam", sketch.distance(place) < 0.0022 + 0.0016 * rng.pareto(2.5), 0.98, 0.0)
