"""A jug, a loaf of cheese, lemons, plums and a candle, lit from the left before a dark wall."""

import numpy as np
from numpy.typing import NDArray

from ..noise import Field, fractal_noise, smoothstep
from .plan import Scene, Sketch

MASSES = ("wall", "table", "cloth", "jug", "bowl", "lemon", "plum", "apple", "flame", "candle")
TABLE = 0.500
# Mass, centre, radius and flattening of each fruit, back to front.
FRUITS = (
    ("apple", 0.455, 0.375, 0.058, 1.0),
    ("lemon", 0.545, 0.395, 0.050, 0.86),
    ("plum", 0.505, 0.408, 0.036, 1.0),
    ("plum", 0.745, 0.545, 0.043, 1.0),
    ("plum", 0.815, 0.560, 0.037, 1.0),
    ("lemon", 0.250, 0.575, 0.060, 0.84),
    ("apple", 0.165, 0.520, 0.056, 1.0),
)


def still_life() -> Scene:
    """The planned picture, 4:3."""
    sketch = Sketch(MASSES, 0.75)
    _room(sketch)
    _jug(sketch)
    _candle(sketch)
    for mass, cx, cy, radius, flat in FRUITS[:3]:
        _fruit(sketch, mass, cx, cy, radius, flat)
    _bowl(sketch)
    for mass, cx, cy, radius, flat in FRUITS[3:]:
        _shadow(sketch, cx + 1.1 * radius, cy + 0.75 * radius * flat, 1.8 * radius)
        _fruit(sketch, mass, cx, cy, radius, flat)
    focus = np.exp(-((sketch.distance((0.48, 0.42)) / 0.20) ** 2))
    return sketch.scene(np.maximum(focus, 0.8 * sketch.is_any("lemon", "plum", "apple", "flame", "candle")))


def _room(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    glow = np.exp(-((sketch.distance((0.24, 0.24)) / 0.40) ** 2))
    drift = fractal_noise(sketch.shape, 51, 4, 30)
    sketch.put("wall", y >= 0, 0.06 + 0.90 * glow + 0.07 * drift, 0.9 + 0.6 * drift)
    lit = 1.00 - 0.66 * smoothstep(0.30, 1.0, x) - 0.35 * smoothstep(0.10, 0.25, y - TABLE)
    sketch.put("table", y > TABLE, lit + 0.05 * drift, 0.03 * drift)
    folds = np.sin((x - 0.3 * y) * 62 + 1.2 * drift)
    hang = (x > 0.30 + 0.06 * np.sin(y * 24)) & (x < 0.66 + 0.05 * np.sin(y * 17 + 1))
    sketch.put(
        "cloth",
        hang & (y > 0.565 + 0.012 * np.sin(x * 30)),
        np.clip(0.68 + 0.42 * folds - 0.3 * x, 0, 1),
        1.35 + 0.2 * folds,
    )


def _shadow(sketch: Sketch, cx: float, cy: float, reach: float) -> None:
    inside = np.hypot((sketch.x - cx) / reach, (sketch.y - cy) / (0.24 * reach)) < 1
    sketch.tone[inside] *= 0.35


def _round(sketch: Sketch, u: Field, v: Field) -> Field:
    """Light on a ball: from the left, above and before, with the last of it along the shadow's rim."""
    depth = np.sqrt(np.clip(1 - u * u - v * v, 0, 1))
    light = np.clip(-0.62 * u - 0.55 * v + 0.56 * depth, 0, 1)
    shine = np.clip(1 - np.hypot(u + 0.42, v + 0.40) / 0.20, 0, 1)
    rim = 0.16 * smoothstep(0.80, 0.98, np.hypot(u, v)) * (u > 0)
    return np.asarray(0.10 + 0.82 * light**1.2 + 0.5 * shine + rim)


def _fruit(sketch: Sketch, mass: str, cx: float, cy: float, radius: float, flat: float) -> None:
    u, v = (sketch.x - cx) / radius, (sketch.y - cy) / (radius * flat)
    nipple = 0.10 * np.exp(-((np.abs(u) - 1.0) ** 2) / 0.02 - (v / 0.25) ** 2) if mass == "lemon" else 0.0
    around = np.arctan2(v + 0.2, u + 0.2) + np.pi / 2
    sketch.put(mass, np.hypot(u, v) < 1 + nipple, np.clip(_round(sketch, u, v), 0, 1), around)


def _turned(sketch: Sketch, mass: str, cx: float, half: Field, inside: NDArray[np.bool_]) -> None:
    """Something thrown on a wheel: `half` is its half width at every height."""
    u = (sketch.x - cx) / np.maximum(half, 1e-3)
    within = inside & (np.abs(u) < 1)
    shine = 0.65 * np.exp(-(((u + 0.45) / 0.10) ** 2))
    light = 0.05 + 0.72 * np.clip(np.cos((np.clip(u, -1, 1) + 0.45) * 1.35), 0, 1) ** 1.6 + shine
    rim = 0.12 * smoothstep(0.80, 0.97, u)
    sketch.put(mass, within, np.clip(light + rim, 0, 1), np.pi / 2 - 0.5 * np.clip(u, -1, 1))


def _jug(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    _shadow(sketch, 0.78, 0.505, 0.16)
    t = (y - 0.130) / 0.375
    half = (
        0.050 + 0.066 * np.clip(np.sin(np.clip((t - 0.20) * 3.6, 0, np.pi)), 0, 1) + 0.018 * np.exp(-np.abs(t) / 0.06)
    )
    handle = np.abs(np.hypot((x - 0.775) / 0.75, y - 0.275) - 0.085) < 0.011
    sketch.put("jug", handle & (x > 0.72), 0.30, sketch.around((0.775, 0.275)))
    _turned(sketch, "jug", 0.680, half, (t > 0) & (t < 1))
    mouth = np.hypot((x - 0.680) / 0.060, (y - 0.134) / 0.011) < 1
    sketch.put("jug", mouth, 0.05, 0.0)


def _bowl(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    _shadow(sketch, 0.56, 0.512, 0.17)
    t = (y - 0.425) / 0.085
    _turned(sketch, "bowl", 0.495, 0.128 * np.sqrt(np.clip(1 - 0.72 * t * t, 0, 1)), (t > 0) & (t < 1))
    brim = (np.abs(y - 0.425 - 0.010 * np.sqrt(np.clip(1 - ((x - 0.495) / 0.13) ** 2, 0, 1))) < 0.005) & (
        np.abs(x - 0.495) < 0.130
    )
    sketch.put("bowl", brim, np.clip(0.95 - 2.2 * (x - 0.37), 0, 1), 0.0)


def _candle(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    _turned(sketch, "candle", 0.300, np.full_like(x, 0.015), (y > 0.245) & (y < 0.500))
    _turned(sketch, "bowl", 0.300, 0.045 - 0.4 * np.abs(y - 0.505), (y > 0.485) & (y < 0.525))
    flame = np.hypot((x - 0.300) / (0.012 * np.clip((y - 0.165) / 0.05, 0.15, 1)), (y - 0.212) / 0.034) < 1
    sketch.put("flame", flame, 0.6 + 0.4 * smoothstep(0.24, 0.20, y), np.pi / 2)
