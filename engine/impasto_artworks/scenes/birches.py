"""Birches at the edge of a wood in snow: bright trunks with dark scars, a thicket behind, long shadows, a track."""

import numpy as np

from ..noise import Field, fractal_noise, smoothstep
from .plan import Scene, Sketch

MASSES = ("sky", "thicket", "far trunk", "snow", "shadow", "track", "birch", "scar", "twig", "bush")
# Where each birch stands, the height of its foot, half its width there, and how far it leans over the picture's height.
BIRCHES = (
    (0.205, 0.510, 0.011, 0.030),
    (0.905, 0.520, 0.012, -0.050),
    (0.400, 0.530, 0.013, 0.045),
    (0.640, 0.548, 0.017, -0.020),
    (0.080, 0.575, 0.021, 0.035),
    (0.790, 0.600, 0.025, 0.070),
    (0.290, 0.650, 0.036, -0.045),
)
# Slope of the shadows, from the light at the upper left.
FALL = 0.62


def birches() -> Scene:
    """The planned picture, 4:3."""
    sketch = Sketch(MASSES, 0.75)
    _wood(sketch)
    _snow(sketch)
    for birch in BIRCHES:
        _birch(sketch, *birch)
    _bushes(sketch)
    focus = np.exp(-((sketch.distance((0.33, 0.40)) / 0.22) ** 2))
    return sketch.scene(np.maximum(focus, 0.8 * sketch.is_any("scar", "birch", "twig")))


def _wood(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    drift = fractal_noise(sketch.shape, 31, 4, 40)
    sketch.put("sky", y >= 0, 0.86 - 0.10 * drift - 0.35 * np.clip(0.12 - y, 0, 1), 0.9 + 0.25 * drift)
    mesh = fractal_noise(sketch.shape, 32, 9, 120, rough=0.65)
    edge = 0.10 + 0.07 * np.sin(x * 7 + 1) + 0.05 * mesh
    tone = 0.34 + 0.06 * mesh + 0.10 * drift - 0.24 * smoothstep(0.20, 0.50, y)
    sketch.put("thicket", (y > edge) & (y < 0.50), np.clip(tone, 0.02, 0.9), np.pi / 2 + 0.25 * mesh + 0.3 * drift)
    gap = np.hypot((x - 0.52) / 0.075, (y - 0.40) / 0.14) + 0.2 * mesh < 1
    sketch.put("sky", gap & (y < 0.50), 0.92, 1.1)
    rng = np.random.default_rng(33)
    for _ in range(16):
        middle, half, lean = rng.uniform(0, 1), rng.uniform(0.0018, 0.0052), rng.normal(0, 0.05)
        line = np.abs(x - middle - lean * (y - 0.4) - 0.004 * np.sin(y * 30 + middle * 50))
        top = rng.uniform(0, 0.18)
        light = rng.choice([0.08, 0.18, 0.75])
        sketch.put("far trunk", (line < half) & (y > top) & (y < rng.uniform(0.47, 0.52)), light, np.pi / 2)


def _snow(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    drift = fractal_noise(sketch.shape, 34, 5, 60, stretch=2.5)
    ground = 0.490 + 0.012 * np.sin(x * 8) + 0.004 * drift
    slope = 0.12 * np.cos(x * 8) + 0.15 * drift
    sketch.put("snow", y > ground, np.clip(0.93 + 0.07 * drift - 0.35 * (y - 0.5), 0, 1), slope)
    depth = np.clip(y - 0.49, 0, 1)
    winding = 0.56 + 0.10 * np.sin(depth * 14) - 0.35 * depth
    wheel = np.abs(np.abs(x - winding) - 0.05 * (0.25 + 4.5 * depth)) < 0.010 * (0.3 + 5 * depth)
    sketch.put(
        "track", wheel & (y > ground + 0.006), np.clip(0.48 + 0.12 * drift, 0, 1), 1.9 + 0.9 * np.cos(depth * 14)
    )
    for foot_x, foot_y, half, _ in BIRCHES:
        for side, far in ((0.0, 0.20), (0.9, 0.34)):
            away = (y - foot_y) / FALL
            band = np.abs(x - foot_x - away - side * half) < half * (1.0 + 2.0 * np.clip(away, 0, 1)) * (
                1 - 0.45 * side
            )
            within = (away > -0.002) & (away < far) & (y > ground)
            sketch.put("shadow", band & within, np.clip(0.34 + 0.8 * away + 0.06 * drift, 0, 0.85), np.arctan(FALL))


def _birch(sketch: Sketch, foot_x: float, foot_y: float, half: float, lean: float) -> None:
    x, y = sketch.x, sketch.y
    bow = 0.012 * np.sin((y - foot_y) * 9 + foot_x * 31)
    middle = foot_x + lean * (foot_y - y) / 0.6 + bow * np.clip((foot_y - y) / 0.2, 0, 1)
    width = half * (0.72 + 0.28 * y / foot_y + 0.75 * np.exp(-np.clip(foot_y - y, 0, 1) / 0.022))
    u = (x - middle) / width
    trunk = (np.abs(u) < 1) & (y < foot_y + 0.25 * half * np.sqrt(np.clip(1 - u * u, 0, 1)))
    bark = fractal_noise(sketch.shape, 40 + int(foot_x * 90), 26, 160, stretch=2.5)
    light = 0.99 - 0.62 * smoothstep(-0.45, 1.0, u) - 0.20 * smoothstep(-0.75, -1.0, u) + 0.05 * bark
    sketch.put("birch", trunk, np.clip(light, 0, 1), 0.35 * u + 0.05)
    scarred = bark + 0.5 * np.abs(u) + 0.9 * np.exp(-np.clip(foot_y - y, 0, 1) / 0.035)
    sketch.put("scar", trunk & (scarred > 1.55), 0.06, 0.30 * u)
    _boughs(sketch, middle, width, foot_x)


def _boughs(sketch: Sketch, middle: Field, width: Field, seed: float) -> None:
    x, y = sketch.x, sketch.y
    rng = np.random.default_rng(int(seed * 1000))
    for _ in range(5):
        row = int(rng.uniform(0.02, 0.34) * x.shape[1])
        way, rise, reach = rng.choice([-1, 1]), rng.uniform(0.5, 1.6), rng.uniform(0.05, 0.14)
        start = middle[row, 0] + way * 0.6 * width[row, 0]
        out = way * (x - start)
        line = y - (y[row, 0] - rise * out + 3.5 * out**2)
        thin = 0.0042 * (1 - np.clip(out / reach, 0, 1)) + 0.0008
        sketch.put("twig", (np.abs(line) < thin) & (out > 0) & (out < reach), 0.08, -way * np.arctan(rise - 7 * out))


def _bushes(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    for cx, foot, tall in ((0.515, 0.520, 0.050), (0.975, 0.640, 0.110), (0.010, 0.700, 0.085), (0.585, 0.735, 0.070)):
        angle = np.arctan2(foot - y, x - cx)
        r = np.hypot(x - cx, (y - foot) * 0.8)
        blades = np.sin(angle * 34 + 9 * cx) + 0.5 * np.sin(angle * 77)
        here = (y < foot) & (r < tall * (0.75 + 0.35 * np.sin(angle * 13 + cx * 40))) & (blades > 0.1)
        sketch.put("bush", here, np.clip(0.10 + 0.5 * r / tall, 0, 1), -angle)
