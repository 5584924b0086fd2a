"""A lily pond towards evening: willow over the water, a small bridge, clouds and banks mirrored between the pads."""

import numpy as np

from ..noise import fractal_noise, smoothstep
from .plan import Scene, Sketch

MASSES = ("sky", "trees", "bank", "bridge", "water", "cloud", "mirror", "pad", "lily", "heart", "willow")
SHORE = 0.255
# Middle and half length of each cluster of pads, from far to near.
CLUSTERS = ((0.26, 0.300, 0.10), (0.70, 0.322, 0.13), (0.42, 0.385, 0.12), (0.86, 0.430, 0.12), (0.13, 0.470, 0.15),
            (0.60, 0.525, 0.17), (0.30, 0.630, 0.19), (0.87, 0.660, 0.18))  # fmt: skip


def pond() -> Scene:
    """The planned picture, 4:3."""
    sketch = Sketch(MASSES, 0.75)
    _far(sketch)
    _water(sketch)
    _bridge(sketch)
    for number, cluster in enumerate(CLUSTERS):
        _pads(sketch, *cluster, number)
    _willow(sketch)
    focus = 0.35 * np.exp(-((sketch.distance((0.52, 0.40)) / 0.22) ** 2))
    return sketch.scene(np.maximum(focus, 0.9 * sketch.is_any("lily", "heart", "bridge")))


def _far(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    drift = fractal_noise(sketch.shape, 11, 5, 60)
    sketch.put("sky", y >= 0, np.clip(0.75 + 0.8 * y + 0.12 * drift, 0, 1), 0.35 + 0.4 * drift)
    leaves = fractal_noise(sketch.shape, 12, 16, 120)
    crown = 0.105 + 0.05 * np.sin(x * 9 + 1) + 0.03 * np.sin(x * 23) + 0.012 * leaves
    light = 0.42 + 0.30 * np.sin(x * 17 + 3 * y) + 0.14 * leaves - 0.9 * (y - crown)
    sketch.put("trees", (y > crown) & (y < SHORE), np.clip(light, 0, 1), 1.25 + 0.5 * leaves)
    edge = SHORE - 0.030 - 0.012 * np.sin(x * 13) + 0.004 * leaves
    sketch.put("bank", (y > edge) & (y < SHORE + 0.01), np.clip(0.75 - 12 * (y - edge) + 0.15 * leaves, 0, 1), 0.1)


def _water(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    ripple = fractal_noise(sketch.shape, 13, 30, 120, stretch=6.0)
    depth = y - SHORE
    puff = fractal_noise(sketch.shape, 14, 5, 40, stretch=1.6)
    wet = depth > 0.004 * ripple
    sketch.put("water", wet, np.clip(0.55 + 0.26 * puff + 0.14 * ripple - 0.3 * depth, 0, 1), 0.05 * ripple)
    sketch.put(
        "cloud", wet & (puff + 0.35 * ripple > 0.75), np.clip(0.62 + 0.25 * puff - 0.1 * depth, 0, 1), 0.08 * ripple
    )
    reach = 0.115 + 0.055 * np.sin(x * 9 + 1) + 0.03 * np.sin(x * 23) + 0.012 * ripple
    dim = np.clip(0.40 + 0.25 * np.sin(x * 17) + 0.10 * ripple - 0.8 * depth, 0, 1)
    sketch.put("mirror", wet & (depth < reach) & (ripple > -0.9 + 5 * depth), dim, np.pi / 2 + 0.10 * ripple)


def _bridge(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    t = (x - 0.585) / 0.165
    arch = 0.232 - 0.062 * (1 - t * t)
    here = np.abs(t) < 1
    sketch.put("bridge", here & (np.abs(y - arch) < 0.0070), 0.55, np.arctan(0.124 * t / 0.165))
    sketch.put("bridge", here & (np.abs(y - arch + 0.036) < 0.0038), 0.85, np.arctan(0.124 * t / 0.165))
    post = (np.abs((t * 6 + 0.5) % 1 - 0.5) < 0.075) & (y > arch - 0.040) & (y < arch)
    sketch.put("bridge", here & post, 0.70, np.pi / 2)
    ripple = fractal_noise(sketch.shape, 15, 50, 120, stretch=5.0)
    echo = np.abs(y - 2 * SHORE + arch - 0.012 * ripple * 0.3) < 0.008
    sketch.put("bridge", here & echo & (ripple > -0.3), 0.25, 0.0)


def _pads(sketch: Sketch, cx: float, cy: float, half: float, number: int) -> None:
    x, y = sketch.x, sketch.y
    rng = np.random.default_rng(160 + number)
    near = 0.35 + 1.9 * (cy - SHORE)
    for _ in range(int(13 + 9 / near)):
        u, v = rng.normal(0, 0.42), rng.normal(0, 0.34)
        px, py, size = cx + u * half, cy + v * half * 0.30, 0.036 * near * rng.uniform(0.6, 1.25)
        r = np.hypot((x - px) / size, (y - py) / (0.36 * size))
        way = np.arctan2((y - py) / 0.36, x - px)
        cut = np.abs((way - rng.uniform(-3, 3) + np.pi) % (2 * np.pi) - np.pi) > 0.22
        tone = rng.uniform(0.25, 0.85) - 0.25 * (y - py) / (0.36 * size) + 0.18 * (r > 0.85)
        sketch.put("pad", (r < 1) & cut, np.clip(tone, 0, 1), 0.10 * np.cos(way))
        sketch.put("mirror", (r > 1) & (r < 1.25) & (y > py), 0.10, 0.0)
    for _ in range(3):
        px, py, size = cx + rng.normal(0, 0.40) * half, cy + rng.normal(0, 0.25) * half * 0.3, 0.022 * near
        r, way = np.hypot((x - px) / size, (y - py + 0.3 * size) / (0.72 * size)), np.arctan2(y - py, x - px)
        petals = 0.72 + 0.32 * np.abs(np.cos(3.5 * way + 0.5))
        sketch.put("lily", r < petals, np.clip(0.70 - 0.35 * (y - py) / size - 0.2 * (x - px) / size, 0, 1), way)
        sketch.put("heart", r < 0.24, 0.6, 0.0)


def _willow(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    rng = np.random.default_rng(17)
    for _ in range(62):
        start = rng.choice([rng.uniform(-0.02, 0.30), rng.uniform(0.80, 1.02)])
        end, sway = (
            rng.uniform(0.10, 0.46) * (1.1 - 1.3 * abs(start - (0 if start < 0.5 else 1))),
            rng.normal(0.02, 0.03),
        )
        line = np.abs(x - start - sway * np.sin(y * 7 + start * 20) - 0.03 * y)
        leafy = 0.0034 + 0.0030 * np.sin(y * 260 + start * 900)
        light = np.clip(rng.uniform(0.25, 0.9) - 0.4 * smoothstep(0, 0.4, y), 0, 1)
        sketch.put("willow", (line < leafy) & (y < end), light, np.pi / 2 - 0.05)
