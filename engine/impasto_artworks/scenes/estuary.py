"""An estuary in the morning: piled clouds, far hills, a wood and its reflection, a boat drawn up on the near bank."""

import numpy as np

from ..noise import fractal_noise, smoothstep
from .plan import Scene, Sketch

MASSES = ("sky", "far hill", "hill", "wood", "field", "river", "reflection", "bank", "boat", "sail", "roof", "wall")
WATERLINE = 0.455


def estuary() -> Scene:
    """The planned picture, 4:3."""
    sketch = Sketch(MASSES, 0.75)
    _sky(sketch)
    _hills(sketch)
    _wood_and_farm(sketch)
    _river(sketch)
    _bank(sketch)
    _boat(sketch)
    focus = 0.25 + np.exp(-((sketch.distance((0.60, 0.52)) / 0.14) ** 2))
    return sketch.scene(np.maximum(focus, 0.8 * sketch.is_any("roof", "wall", "boat", "sail")))


def _sky(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    billow = (
        0.8 * fractal_noise(sketch.shape, 41, 4, 60, rough=0.6) + 0.9 * np.sin(x * 6.2 + 0.2 + 5 * y) - 2.0 * (y - 0.22)
    )
    base = fractal_noise(sketch.shape, 42, 4, 30, stretch=2.5)
    cloud = smoothstep(0.0, 0.9, billow)
    shade = smoothstep(0.3, 1.4, base + 3.0 * (y - 0.12)) * cloud
    blue = 0.30 + 1.1 * y
    tone = blue * (1 - cloud) + cloud * (1.0 - 0.42 * shade)
    sketch.put("sky", y >= 0, tone, 0.15 * billow)


def _hills(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    ridge = fractal_noise(sketch.shape, 43, 6, 60, rough=0.45)[:1].repeat(len(x), axis=0)
    far = 0.335 - 0.065 * np.sin(x * 4.2 + 0.4) - 0.025 * np.sin(x * 9.5) - 0.008 * ridge
    sketch.put("far hill", (y > far) & (y < WATERLINE), 0.62 + 1.6 * (y - far), 0.25 * np.cos(x * 4.2))
    near = 0.400 - 0.060 * np.sin(x * 5.0 + 3.4) - 0.010 * ridge
    fold = 0.5 + 0.5 * np.sin(x * 31 + y * 45)
    sketch.put("hill", (y > near) & (y < WATERLINE), 0.30 + 0.40 * fold + 1.0 * (y - near), 0.30 * np.cos(x * 5 + 3.4))
    sketch.put("field", (y > 0.432 + 0.006 * ridge) & (y < WATERLINE) & (x > 0.36), 0.80, 0.0)


def _wood_and_farm(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    rng = np.random.default_rng(8)
    leaves = fractal_noise(sketch.shape, 44, 24, 160)
    for centre in np.concatenate([np.arange(0.02, 0.36, 0.030), [0.80, 0.835, 0.88, 0.925]]):
        tall = rng.uniform(0.045, 0.105) * (1.25 if centre < 0.2 else 0.8)
        middle = WATERLINE - 0.50 * tall
        r = np.hypot((x - centre) / (0.42 * tall + 0.008), (y - middle) / (0.56 * tall)) + 0.13 * leaves
        light = 0.42 - 0.45 * ((y - middle) / tall) - 4.0 * (x - centre) + 0.14 * leaves
        sketch.put("wood", (r < 1) & (y < WATERLINE), np.clip(light, 0, 0.95), 1.2 + leaves)
    for left, wide, tall in ((0.545, 0.062, 0.030), (0.620, 0.040, 0.024)):
        inside, foot = np.abs(x - left) < wide / 2, WATERLINE - 0.014
        sketch.put(
            "wall", inside & (y < foot) & (y > foot - tall), np.where(x < left - 0.1 * wide, 0.95, 0.55), np.pi / 2
        )
        eaves = foot - tall
        slope = (y < eaves) & (y > eaves - 0.026) & (np.abs(x - left) < wide * 0.56 - (eaves - y) * 0.5)
        sketch.put("roof", slope, 0.55 - 6 * (x - left), 0.9)
        sketch.put("wall", (np.abs(x - left - 0.008) < 0.004) & (np.abs(y - foot + 0.010) < 0.008), 0.05, np.pi / 2)


def _river(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    depth = y - WATERLINE
    ripple = fractal_noise(sketch.shape, 45, 30, 120, stretch=7.0)
    sketch.put("river", depth > 0, np.clip(0.98 - 1.5 * depth + 0.10 * ripple, 0, 1), 0.0)
    mirror = np.clip(WATERLINE - np.abs(depth) * 1.15, 0, WATERLINE)
    wobble = 0.010 * ripple * np.clip(depth / 0.05, 0, 1)
    row, column = (mirror * x.shape[1]).astype(int), np.clip((x + wobble) * x.shape[1], 0, x.shape[1] - 1).astype(int)
    reflected = np.isin(sketch.mass[row, column], [MASSES.index(name) for name in ("wood", "hill", "roof")])
    dark = np.clip(sketch.tone[row, column] * 0.7 + 0.12, 0, 1)
    sketch.put("reflection", reflected & (depth > 0.002) & (ripple > -1.3 + 6 * depth), dark, 0.0)


def _bank(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    rough = fractal_noise(sketch.shape, 46, 10, 120)
    edge = 0.640 - 0.170 * x**1.6 + 0.050 * np.sin(x * 6.0) + 0.007 * rough
    tufts = fractal_noise(sketch.shape, 47, 90, 300, stretch=0.25)
    light = 0.74 + 0.16 * tufts - 1.5 * (y - edge) + 0.10 * rough
    sketch.put("bank", y > edge, np.clip(light, 0.02, 0.95), 1.35 + 0.35 * rough)
    path = np.abs(x - 0.50 - 0.9 * (y - 0.62) - 0.05 * np.sin(y * 18)) < 0.012 + 0.22 * np.clip(y - 0.60, 0, 1)
    sketch.put("field", path & (y > edge + 0.01), 0.80 + 0.08 * rough, 1.0)


def _boat(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    u, v = (x - 0.715) / 0.075, (y - 0.515) / 0.026
    hull = (np.abs(u) < 1 - 0.30 * np.clip(v, 0, 1)) & (v > -0.55 * u**2 + 0.10) & (v < 1)
    sketch.put("boat", hull, 0.50 - 0.35 * v + 0.15 * u, 0.1)
    mast = (np.abs(x - 0.712 - 0.02 * (0.5 - y)) < 0.0028) & (y > 0.30) & (y < 0.52)
    sketch.put("boat", mast, 0.10, np.pi / 2)
    height = (0.505 - y) / 0.185
    luff = 0.720 + 0.004 * height
    leech = luff + 0.085 * np.clip(1 - height, 0, 1) ** 0.8 * (1 + 0.25 * np.sin(np.clip(height, 0, 1) * np.pi))
    sail = (height > 0.04) & (height < 1) & (x > luff) & (x < leech)
    sketch.put("sail", sail, 0.80 - 3.0 * (x - luff), 1.4)
