"""A lighthouse at night: a lamp, a moon, a sky that turns around both, a far shore with lit windows, the sea."""

import numpy as np

from ..noise import Field, fractal_noise, smoothstep
from .plan import Scene, Sketch

MASSES = ("sky", "halo", "light", "shore", "window", "sea", "glitter", "rock", "tower")
HORIZON = 0.500
LAMP = (0.300, 0.190)
MOON = (0.775, 0.150)
# Centre, strength and radius of each turn of the wind.
EDDIES = (
    (0.300, 0.190, 0.30, 0.13),
    (0.775, 0.150, 0.34, 0.13),
    (0.535, 0.245, -0.30, 0.12),
    (0.085, 0.330, -0.20, 0.10),
    (0.110, 0.075, 0.20, 0.07),
    (0.930, 0.370, 0.18, 0.08),
    (0.500, 0.040, 0.12, 0.06),
)
# Centre and radius of each star.
STARS = (
    (0.110, 0.075, 0.013),
    (0.440, 0.085, 0.010),
    (0.605, 0.095, 0.009),
    (0.925, 0.075, 0.011),
    (0.655, 0.330, 0.008),
    (0.180, 0.270, 0.008),
    (0.930, 0.290, 0.010),
    (0.470, 0.375, 0.007),
)


def _stream(x: Field, y: Field) -> Field:
    """Stream function of the wind: its contours are the strokes of the sky."""
    stream = y + 0.030 * np.sin(x * 9 + 1) + 0.012 * np.sin(x * 21 - y * 13)
    for cx, cy, strength, radius in EDDIES:
        r = np.hypot(x - cx, (y - cy) * 1.1)
        stream = stream + strength * np.exp(-((r / radius) ** 2))
    return np.asarray(stream, dtype=np.float32)


def lighthouse() -> Scene:
    """The planned picture, 4:3."""
    sketch = Sketch(MASSES, 0.75)
    lamp, moon = sketch.distance(LAMP), sketch.distance(MOON)
    _sky(sketch, lamp, moon)
    _lights(sketch, lamp, moon)
    _sea(sketch)
    _shore(sketch)
    _rock(sketch)
    _tower(sketch)
    focus = 1.2 * np.exp(-((lamp / 0.16) ** 2)) + np.exp(-((moon / 0.13) ** 2))
    return sketch.scene(np.maximum(focus, 0.8 * sketch.is_any("window", "glitter", "tower", "light")))


def _sky(sketch: Sketch, lamp: Field, moon: Field) -> None:
    stream = _stream(sketch.x, sketch.y)
    down, across = np.gradient(stream)
    bands = 0.5 + 0.5 * np.sin(stream * 62 + fractal_noise(sketch.shape, 3, 5, 40) * 0.5)
    glow = np.exp(-lamp / 0.11) + 0.9 * np.exp(-moon / 0.10)
    tone = 0.08 + 0.62 * bands**1.3 * smoothstep(-0.4, 0.4, sketch.y) + 0.18 * bands + 0.45 * glow
    sketch.put("sky", sketch.y >= 0, tone, np.arctan2(-across, down))


def _lights(sketch: Sketch, lamp: Field, moon: Field) -> None:
    for cx, cy, radius in STARS:
        r = sketch.distance((cx, cy))
        sketch.put("halo", r < radius * 2.6, np.clip(1 - r / (radius * 3.4), 0, 1), sketch.around((cx, cy)))
        sketch.put("light", r < radius, 0.8, sketch.around((cx, cy)))
    for r, centre, reach in ((lamp, LAMP, 0.105), (moon, MOON, 0.098)):
        rings = 0.5 + 0.5 * np.cos(r * 2 * np.pi / 0.034)
        sketch.put(
            "halo", r < reach, np.clip(0.90 - 0.95 * r / reach + 0.30 * (rings - 0.5), 0, 1), sketch.around(centre)
        )
    sketch.put("light", lamp < 0.034, 1.0)
    sketch.put("halo", moon < 0.045, 0.30)
    crescent = (moon < 0.045) & (sketch.distance((MOON[0] + 0.017, MOON[1] - 0.010)) > 0.030)
    sketch.put("light", crescent, 1.0)


def _sea(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    depth = (y - HORIZON) / 0.25
    swell = np.sin(y * 300 / (0.35 + np.abs(depth)) + 2.2 * fractal_noise(sketch.shape, 11, 6, 24)) * 0.5 + 0.5
    angle = 0.28 * np.cos(x * 30 / (0.4 + np.abs(depth)) + y * 50) * np.clip(depth + 0.3, 0, 1)
    tone = 0.12 + 0.45 * swell * (1 - 0.45 * depth) + 0.2 * np.exp(-np.abs(x - 0.5) / 0.3)
    sketch.put("sea", y > HORIZON, tone, angle)
    broken = fractal_noise(sketch.shape, 12, 40, 90, stretch=5.0)
    for centre, spread in ((MOON[0], 0.020), (0.36, 0.013), (0.60, 0.008), (0.68, 0.007)):
        width = spread + 0.035 * np.clip(depth, 0, 1)
        track = np.abs(x - centre + 0.006 * np.sin(y * 160)) < width * (0.75 + 0.45 * broken)
        reach = 0.24 if spread > 0.015 else 0.15
        lit = (y > HORIZON + 0.008) & (y < HORIZON + reach) & track & (broken > -0.35)
        sketch.put("glitter", lit, np.clip(1 - 0.6 * depth, 0, 1), angle)


def _shore(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    far = (
        0.445 - 0.055 * np.sin(x * 5.2 - 0.9) - 0.025 * np.sin(x * 13) - 0.006 * fractal_noise(sketch.shape, 21, 12, 60)
    )
    near = 0.475 - 0.022 * np.sin(x * 9 + 2)
    slope = np.arctan(-0.29 * np.cos(x * 5.2 - 0.9))
    sketch.put("shore", (y > far) & (y < HORIZON), 0.35 + 0.35 * np.sin(x * 24 + y * 40) ** 2, slope)
    sketch.put("shore", (y > near) & (y < HORIZON), 0.10, 0.0)
    rng = np.random.default_rng(5)
    for left in np.arange(0.50, 0.74, 0.030):
        wide, tall = rng.uniform(0.018, 0.027), rng.uniform(0.022, 0.040)
        foot = HORIZON - rng.uniform(0.002, 0.010)
        house = (np.abs(x - left) < wide / 2) & (y < foot) & (y > foot - tall + np.abs(x - left) * 0.9)
        sketch.put("shore", house, 0.75, np.pi / 2)
        window = (np.abs(x - left - 0.002) < 0.0042) & (np.abs(y - foot + tall * 0.45) < 0.0060)
        sketch.put("window", window, 0.9, np.pi / 2)


def _rock(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    crag = fractal_noise(sketch.shape, 31, 7, 80)
    top = 0.462 + 2.6 * np.clip(x - 0.29, 0, 1) ** 2 + 0.8 * np.clip(0.24 - x, 0, 1) ** 1.1 + 0.016 * crag
    facets = 0.5 + 0.5 * np.sin(x * 46 - y * 62 + 3 * crag)
    edge = np.exp(-np.abs(y - top - 0.01) / 0.02) * smoothstep(0.25, 0.45, x)
    lit = 0.10 + 0.85 * facets**2 * np.exp(-np.abs(y - top) / 0.22) + 0.5 * edge
    sketch.put("rock", y > top, lit, 0.9 + 0.5 * np.sin(x * 30))
    foam = np.abs(y - top - 0.03) < 0.010 + 0.006 * crag
    sketch.put("glitter", foam & (x > 0.42) & (y > HORIZON), 0.5, 0.6)


def _tower(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    half = 0.021 + 0.016 * (y - 0.21) / 0.25
    side = (x - LAMP[0]) / half
    stripes = np.where(np.sin((y - 0.222) * 2 * np.pi / 0.100) > 0, 0.42, 1.0)
    shaft = (np.abs(side) < 1) & (y > 0.222) & (y < 0.475)
    sketch.put("tower", shaft, np.clip(0.75 - 0.30 * side, 0, 1) * stripes, np.pi / 2)
    gallery = (np.abs(x - LAMP[0]) < 0.033) & (np.abs(y - 0.224) < 0.006)
    cap = (np.abs(x - LAMP[0]) < 0.030 - (0.160 - y) * 0.75) & (y < 0.160) & (y > 0.122)
    sketch.put("tower", gallery | cap, 0.05, 0.0)
