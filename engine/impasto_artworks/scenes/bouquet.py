"""Peonies, daisies and cornflowers in a glazed jug by a window, a fallen bloom on the cloth, a wall in half shadow."""

import numpy as np

from ..noise import fractal_noise, smoothstep
from .plan import Scene, Sketch

MASSES = (
    "wall",
    "shade",
    "cloth",
    "fold",
    "shadow",
    "jug",
    "glaze",
    "leaf",
    "stem",
    "peony",
    "daisy",
    "heart",
    "cornflower",
)
TABLE = 0.555
# Kind, centre and radius of each bloom, back to front.
BLOOMS = (
    ("cornflower", 0.330, 0.115, 0.040),
    ("daisy", 0.620, 0.095, 0.044),
    ("cornflower", 0.700, 0.195, 0.042),
    ("peony", 0.450, 0.120, 0.080),
    ("daisy", 0.270, 0.215, 0.046),
    ("peony", 0.610, 0.235, 0.084),
    ("cornflower", 0.250, 0.330, 0.038),
    ("daisy", 0.715, 0.320, 0.044),
    ("peony", 0.365, 0.265, 0.092),
    ("daisy", 0.505, 0.250, 0.048),
    ("peony", 0.520, 0.370, 0.078),
    ("cornflower", 0.410, 0.395, 0.036),
    ("daisy", 0.620, 0.385, 0.042),
    ("peony", 0.165, 0.625, 0.066),
    ("daisy", 0.775, 0.640, 0.042),
    ("cornflower", 0.700, 0.695, 0.034),
)


def bouquet() -> Scene:
    """The planned picture, 4:3."""
    sketch = Sketch(MASSES, 0.75)
    _room(sketch)
    _jug(sketch)
    _leaves(sketch)
    for number, (kind, cx, cy, radius) in enumerate(BLOOMS):
        if cy > TABLE:
            _shadow(sketch, cx + 0.9 * radius, cy + 0.55 * radius, 1.5 * radius)
        _bloom(sketch, kind, cx, cy, radius, number)
    focus = np.exp(-((sketch.distance((0.45, 0.26)) / 0.17) ** 2))
    return sketch.scene(np.maximum(focus, 0.75 * sketch.is_any("peony", "daisy", "heart", "cornflower")))


def _room(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    drift = fractal_noise(sketch.shape, 71, 4, 30)
    sketch.put("wall", y >= 0, np.clip(0.88 - 0.55 * x + 0.10 * drift, 0, 1), -0.85 + 0.3 * drift)
    cast = x - 0.62 - 0.35 * (0.5 - y) + 0.03 * drift
    sketch.put(
        "shade", (cast > 0) & (y < TABLE), np.clip(0.52 - 0.9 * cast + 0.10 * drift, 0.05, 1), -0.85 + 0.3 * drift
    )
    edge = TABLE + 0.010 * np.sin(x * 9)
    sketch.put("cloth", y > edge, np.clip(0.95 - 0.45 * x - 0.8 * (y - 0.62) + 0.06 * drift, 0, 1), 0.10 * drift)
    for start, slope, broad in ((0.08, 0.25, 0.018), (0.36, -0.30, 0.022), (0.52, 0.42, 0.015), (0.86, -0.22, 0.024)):
        across = np.abs(x - start - slope * (y - TABLE) - 0.012 * np.sin(y * 30)) / broad
        sketch.put("fold", (across < 1) & (y > edge + 0.012), 0.25 + 0.55 * np.clip(across, 0, 1), np.pi / 2 - slope)


def _shadow(sketch: Sketch, cx: float, cy: float, reach: float) -> None:
    inside = np.hypot((sketch.x - cx) / reach, (sketch.y - cy) / (0.32 * reach)) < 1
    sketch.put("shadow", inside & (sketch.y > TABLE - 0.02), 0.30 + 0.3 * (sketch.x - cx) / reach, 0.15)


def _jug(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    _shadow(sketch, 0.64, 0.632, 0.20)
    t = (y - 0.400) / 0.235
    half = 0.062 + 0.050 * np.clip(np.sin(np.clip(t * 2.9, 0, np.pi)), 0, 1)
    u = (x - 0.475) / half
    inside = (np.abs(u) < 1) & (t > 0) & (t < 1 + 0.05 * np.sqrt(np.clip(1 - u * u, 0, 1)))
    shine = 0.6 * np.exp(-(((u + 0.45) / 0.13) ** 2)) + 0.12 * smoothstep(0.75, 0.97, u)
    light = np.clip(0.10 + 0.62 * np.cos(np.clip((u + 0.45) * 1.3, -1.5, 1.5)) + shine, 0, 1)
    sketch.put("jug", inside, light, np.pi / 2 - 0.5 * u)
    band = np.abs(t - 0.55 - 0.03 * np.sin(u * 14)) < 0.13
    sketch.put("glaze", inside & band, light, 0.35 * u)
    handle = np.abs(np.hypot((x - 0.375) / 0.8, y - 0.505) - 0.062) < 0.011
    sketch.put("jug", handle & (x < 0.372), 0.55, sketch.around((0.375, 0.505)))


def _leaves(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    rng = np.random.default_rng(72)
    for _, cx, cy, _ in BLOOMS[:-3]:
        bow = 0.03 * np.sin((y - cy) * 8 + cx * 20)
        t = np.clip((y - cy) / (0.44 - cy + 1e-3), 0, 1)
        line = np.abs(x - cx - (0.475 - cx) * t**1.5 - bow * t * (1 - t))
        sketch.put("stem", (line < 0.0038) & (y > cy) & (y < 0.44), 0.4, np.pi / 2 + 0.3 * (0.475 - cx))
    for _ in range(46):
        way, far = rng.uniform(0, 2 * np.pi), rng.uniform(0.06, 0.27)
        cx, cy = 0.475 + 1.05 * far * np.cos(way), 0.275 + 0.80 * far * np.sin(way)
        turn, long = way + rng.normal(0, 0.6), rng.uniform(0.045, 0.085)
        u = ((x - cx) * np.cos(turn) + (y - cy) * np.sin(turn)) / long
        v = ((y - cy) * np.cos(turn) - (x - cx) * np.sin(turn)) / (0.30 * long)
        blade = (np.abs(v) < (1 - u * u) * (1 - 0.3 * u)) & (np.abs(u) < 1) & (y < TABLE + 0.02)
        light = rng.uniform(0.15, 0.55) - 0.22 * np.sign(v) - 0.25 * (cx - 0.4) + 0.12 * np.cos(u * 9)
        sketch.put("leaf", blade, np.clip(light, 0, 1), turn + 0.5 * v)


def _bloom(sketch: Sketch, kind: str, cx: float, cy: float, radius: float, number: int) -> None:
    angle, r = np.arctan2(sketch.y - cy, (sketch.x - cx)), sketch.distance((cx, cy)) / radius
    side = -(0.55 * np.cos(angle) + 0.70 * np.sin(angle)) * r
    if kind == "peony":
        wave = np.sin(5 * angle + number + 4.5 * r) + 0.6 * np.sin(9 * angle - 2.5 * number - 6 * r)
        petals = 0.5 + 0.5 * np.sin(r * 15 + 1.3 * wave)
        light = 0.42 + 0.30 * side + 0.34 * (petals - 0.5) - 0.22 * np.exp(-((r / 0.25) ** 2)) + 0.12 * r
        sketch.put("peony", r < 1 + 0.07 * wave, np.clip(light, 0.02, 1), angle + np.pi / 2 + 0.35 * wave)
    elif kind == "daisy":
        ray = np.abs(np.cos(8.5 * angle + number))
        sketch.put("daisy", r < 0.72 + 0.32 * ray, np.clip(0.62 + 0.30 * side + 0.25 * ray - 0.15, 0, 1), angle)
        sketch.put("heart", r < 0.30, np.clip(0.55 + 0.9 * side, 0, 1), angle + np.pi / 2)
    else:
        ray = np.cos(11 * angle + number) + 0.4 * np.cos(23 * angle)
        sketch.put("cornflower", r < 0.75 + 0.28 * ray, np.clip(0.40 + 0.30 * side + 0.35 * (r - 0.4), 0, 1), angle)
