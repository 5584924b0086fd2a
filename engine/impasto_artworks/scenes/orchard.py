"""Ploughed hills with a low sun, round trees, a barn, and rooks: everything has a direction."""

import numpy as np

from ..noise import fractal_noise, smoothstep
from .plan import Scene, Sketch

MASSES = ("sky", "sun", "cloud", "far hill", "field", "stubble", "tree", "trunk", "barn", "roof", "bird")
SUN = (0.665, 0.205)
# Crown's centre, its radius, and the foot of the trunk.
TREES = (
    (0.135, 0.315, 0.115, 0.560),
    (0.300, 0.375, 0.056, 0.470),
    (0.905, 0.405, 0.070, 0.540),
    (0.820, 0.440, 0.034, 0.500),
    (0.395, 0.402, 0.030, 0.452),
)
BIRDS = ((0.43, 0.13, 0.032), (0.480, 0.175, 0.024), (0.375, 0.195, 0.022), (0.53, 0.115, 0.018))


def orchard() -> Scene:
    """The planned picture, 4:3."""
    sketch = Sketch(MASSES, 0.75)
    _sky(sketch)
    _hills(sketch)
    _barn(sketch)
    for tree in TREES[::-1]:
        _tree(sketch, *tree)
    _birds(sketch)
    focus = np.exp(-((sketch.distance((0.60, 0.40)) / 0.16) ** 2)) + 0.7 * sketch.is_any("barn", "roof", "bird")
    return sketch.scene(focus + 0.3 * sketch.is_any("tree"))


def _sky(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    r = sketch.distance(SUN)
    angle = np.arctan2(y - SUN[1], x - SUN[0])
    rays = 0.5 + 0.5 * np.sin(angle * 22)
    tone = 0.93 - 0.72 * smoothstep(0.075, 0.55, r) * (0.60 + 0.40 * rays)
    sketch.put("sky", y >= 0, tone, angle)
    sketch.put("sun", r < 0.078, 0.97, sketch.around(SUN))
    for cx, cy, long, thick in ((0.30, 0.085, 0.21, 0.030), (0.90, 0.120, 0.15, 0.026), (0.545, 0.052, 0.12, 0.016)):
        puff = 0.25 * np.sin((x - cx) * 60 + cx * 9) * (y < cy)
        u, v = (x - cx) / long, (y - cy) / (thick * np.where(y < cy, 1.25 + puff, 0.55))
        sketch.put("cloud", u * u + v * v < 1, 0.86 - 0.5 * smoothstep(-0.4, 1.0, v), 0.25 * np.sin((x - cx) * 30))


def _hills(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    tops = (
        0.365 - 0.045 * np.sin(x * 6.1 + 0.3) - 0.018 * np.sin(x * 15),
        0.425 - 0.050 * np.sin(x * 5.3 + 2.4),
        0.475 + 0.055 * np.sin(x * 4.4 + 0.9),
        0.560 - 0.070 * np.sin(x * 4.9 + 3.9),
    )
    vanish = ((0.5, 0.1), (0.46, 0.22), (0.64, 0.30), (0.30, 0.30))
    for i, (top, (px, py)) in enumerate(zip(tops, vanish, strict=True)):
        below = y > top
        furrow = np.arctan2(y - py, x - px)
        contour = np.arctan(np.gradient(top[0]) * x.shape[1])[None, :] * np.exp(-(y - top) / 0.06)
        rim = np.exp(-np.abs(y - top) / 0.016)
        if i == 0:
            sketch.put("far hill", below, 0.50 + 0.35 * rim, contour)
            continue
        stripes = 0.5 + 0.5 * np.sin(furrow * (34 - 5 * i))
        name = "stubble" if i == 2 else "field"
        tone = 0.30 + 0.42 * stripes + 0.40 * rim - 0.32 * smoothstep(0.02, 0.30, y - top) + (0.22 if i == 2 else 0.0)
        sketch.put(name, below, tone, furrow if i != 1 else contour)


def _barn(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    sketch.put("barn", (np.abs(x - 0.585) < 0.048) & (y > 0.392) & (y < 0.452), 0.18, np.pi / 2)
    sketch.put(
        "barn",
        (np.abs(x - 0.652) < 0.020) & (y > 0.392 - 0.6 * (0.020 - np.abs(x - 0.652))) & (y < 0.452),
        0.88,
        np.pi / 2,
    )
    roof = (y > 0.352) & (y < 0.397) & (np.abs(x - 0.585 - (0.397 - y) * 0.30) < 0.055)
    sketch.put("roof", roof, 0.60, 1.27)
    sketch.put("barn", (np.abs(x - 0.575) < 0.010) & (y > 0.420) & (y < 0.452), 0.98, np.pi / 2)


def _tree(sketch: Sketch, cx: float, cy: float, radius: float, foot: float) -> None:
    x, y = sketch.x, sketch.y
    bark = np.abs(x - cx - 0.012 * np.sin((y - cy) * 30)) < radius * (
        0.09 + 0.10 * np.clip((y - cy) / (foot - cy), 0, 1) ** 3
    )
    sketch.put("trunk", bark & (y > cy) & (y < foot), np.where(x < cx + 0.02 * radius, 0.15, 0.65), np.pi / 2)
    shadow = np.hypot((x - cx + 1.1 * radius) / (1.3 * radius), (y - foot) / (0.13 * radius)) < 1
    sketch.put("field", shadow, 0.05, 0.0)
    scallop = (
        1 + 0.06 * np.sin(7 * np.arctan2(y - cy, x - cx) + cx * 40) + 0.03 * np.sin(17 * np.arctan2(y - cy, x - cx))
    )
    u, v = (x - cx) / radius, (y - cy) / (radius * 0.96)
    r = np.hypot(u, v) / scallop
    lobes = fractal_noise(sketch.shape, 60 + int(cx * 90), 0.9 / radius, 40)
    light = 0.36 + 0.42 * u - 0.38 * v + 0.16 * lobes
    leaf = np.arctan2(v + 0.35, u + 0.1) + np.pi / 2 + 0.5 * lobes
    sketch.put("tree", r < 1, np.clip(light, 0.03, 0.97), leaf)


def _birds(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    for cx, cy, span in BIRDS:
        u = (x - cx) / span
        wing = cy - span * 0.45 * (np.abs(u) ** 0.7 - u * u * 0.75)
        sketch.put("bird", (np.abs(u) < 1) & (np.abs(y - wing) < span * 0.20 * (1.1 - np.abs(u))), 0.02, 0.3)
