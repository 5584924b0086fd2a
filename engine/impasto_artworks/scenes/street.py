"""An old street after rain, at dusk: gabled houses, lamps and their reflections, people under umbrellas."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..noise import Field, fractal_noise, smoothstep
from .plan import Scene, Sketch

MASSES = ("sky", "wall", "roof", "window", "road", "reflection", "kerb", "glow", "lamp", "post", "figure", "umbrella")
# Where all lines of the street meet.
VANISHING = (0.535, 0.425)
# Half of the street's breadth and height of the eye, where the street is one picture's width across.
HALF, EYE = 0.300, 0.205
# Side, depth (1 is at the picture's border) and whether its lamp is lit.
LAMPS = ((-1, 1.55), (1, 1.85), (-1, 2.7), (1, 3.3), (-1, 4.6))
# Place across the street (-1..1), depth, and whether its umbrella is light.
PEOPLE = ((-0.34, 1.75, 1), (0.42, 2.3, 0), (-0.02, 3.4, 1), (0.16, 3.7, 0))


def street() -> Scene:
    """The planned picture, 4:3."""
    sketch = Sketch(MASSES, 0.75)
    _sky(sketch)
    for side in (-1, 1):
        _houses(sketch, side)
    _road(sketch)
    for side, depth in LAMPS[::-1]:
        _lamp(sketch, side, depth)
    for across, depth, light in PEOPLE[::-1]:
        _person(sketch, across, depth, light)
    near = np.exp(-((sketch.distance((0.50, 0.45)) / 0.16) ** 2))
    return sketch.scene(np.maximum(near, 0.8 * sketch.is_any("lamp", "figure", "umbrella", "window")))


def _at(across: float, depth: float) -> tuple[float, float]:
    """Where a place on the ground lies in the picture; ``across`` is -1 at the left houses, 1 at the right ones."""
    return VANISHING[0] + across * HALF / depth * 1.75, VANISHING[1] + EYE * 1.6 / depth


def _sky(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    cloud = fractal_noise(sketch.shape, 51, 5, 60, stretch=2.0)
    glow = np.exp(-((np.hypot((x - VANISHING[0]) / 0.22, (y - VANISHING[1]) / 0.26)) ** 2))
    sketch.put("sky", y >= 0, np.clip(0.30 + 0.60 * glow + 0.14 * cloud, 0, 1), 0.55 + 0.5 * cloud)


def _houses(sketch: Sketch, side: int) -> None:
    x, y = sketch.x, sketch.y
    out = side * (x - VANISHING[0])
    near = HALF * 1.75
    depth = near / np.maximum(out, 1e-3)
    height = (VANISHING[1] - y) * depth
    ends = np.cumsum((0.45, 0.42, 0.50, 0.55, 0.70, 0.85, 1.1, 1.4, 2.0)) + 0.55
    rng = np.random.default_rng(52 + side)
    slope = np.arctan2(y - VANISHING[1], x - VANISHING[0])
    for start, end in pairwise(ends):
        within = (depth >= start) & (depth < end) & (out > 0.035)
        place = (depth - start) / (end - start)
        eaves, rise, light = 0.50 + rng.uniform(-0.05, 0.22), rng.uniform(0.12, 0.24), rng.uniform(0.35, 0.95)
        gable = eaves + rise * (1 - 2 * np.abs(place - 0.5))
        body = within & (height < eaves) & (height > -EYE * 1.6)
        dim = 0.10 * smoothstep(1, 5, depth) - 0.25 * smoothstep(0.1, -0.3, height)
        sketch.put("wall", body, np.clip(light + dim + 0.12 * (side < 0) - 0.2 * place, 0, 1), np.pi / 2)
        roof = within & (height >= eaves) & (height < gable)
        sketch.put(
            "roof", roof, np.clip(0.30 + 0.5 * place * (side > 0), 0, 1), slope + 0.9 * side * np.sign(place - 0.5)
        )
        _windows(sketch, body, place, height, eaves, rng)


def _windows(
    sketch: Sketch, body: NDArray[np.bool_], place: Field, height: Field, eaves: float, rng: np.random.Generator
) -> None:
    for column in (0.28, 0.70):
        for row in np.arange(-0.20, eaves - 0.10, 0.20):
            pane = (np.abs(place - column) < 0.13) & (np.abs(height - row - 0.02) < 0.060)
            lit = rng.random() < 0.38
            light = rng.uniform(0.75, 1.0) if lit else rng.uniform(0.0, 0.22)
            sketch.put("window", body & pane, light, np.pi / 2)


def _road(sketch: Sketch) -> None:
    x, y = sketch.x, sketch.y
    drop = np.clip(y - VANISHING[1], 1e-3, 1)
    depth = EYE * 1.6 / drop
    across = (x - VANISHING[0]) * depth / (HALF * 1.75)
    ripple = fractal_noise(sketch.shape, 53, 46, 120, stretch=5.0)
    ground = (np.abs(across) < 1) & (y > VANISHING[1] + 0.012)
    shine = np.exp(-((across / 0.42) ** 2)) * (0.65 + 0.30 * np.sin(y * 130 + 2 * ripple))
    sketch.put("road", ground, np.clip(0.30 + 0.62 * shine + 0.09 * ripple, 0, 1), 0.05 * ripple)
    mirror = np.clip(((2 * VANISHING[1] + 0.03 - y) * x.shape[1]).astype(int), 0, x.shape[0] - 1)
    column = np.clip(((x + 0.006 * ripple) * x.shape[1]).astype(int), 0, x.shape[1] - 1)
    bright = sketch.mass[mirror, column] == MASSES.index("window")
    sketch.put("reflection", ground & bright & (ripple > -0.7) & (np.abs(across) > 0.3), 0.60, np.pi / 2)
    sketch.put("kerb", (np.abs(np.abs(across) - 0.86) < 0.016) & ground, 0.75, np.arctan2(drop, x - VANISHING[0]))


def _lamp(sketch: Sketch, side: int, depth: float) -> None:
    x, y = sketch.x, sketch.y
    foot_x, foot_y = _at(0.80 * side, depth)
    tall = 0.46 / depth
    r = sketch.distance((foot_x, foot_y - tall))
    ring = np.clip(1 - r / (0.135 / depth), 0, 1)
    glowing = (r < 0.125 / depth) & (y < foot_y)
    sketch.put("glow", glowing, np.clip(0.25 + 0.75 * ring, 0, 1), sketch.around((foot_x, foot_y - tall)))
    ripple = fractal_noise(sketch.shape, 54 + int(depth * 10), 60, 120, stretch=5.0)
    fall = y - foot_y
    streak = np.abs(x - foot_x + 0.006 * np.sin(y * 180) / depth) < (0.020 + 0.16 * fall) / depth * (1 + 0.5 * ripple)
    wet = streak & (fall > 0.004) & (fall < 0.55 / depth) & sketch.is_any("road", "reflection", "kerb")
    sketch.put("reflection", wet, np.clip(0.98 - 1.2 * fall * depth, 0.2, 1), 0.12 * ripple)
    sketch.put("post", (np.abs(x - foot_x) < 0.0075 / depth) & (y > foot_y - tall) & (y < foot_y), 0.05, np.pi / 2)
    sketch.put(
        "post", (np.abs(y - foot_y + tall * 0.93) < 0.004 / depth) & (np.abs(x - foot_x) < 0.024 / depth), 0.05, 0
    )
    sketch.put("lamp", r < 0.026 / depth, 1.0, np.pi / 2)


def _person(sketch: Sketch, across: float, depth: float, light: int) -> None:
    x, y = sketch.x, sketch.y
    foot_x, foot_y = _at(across, depth)
    u, v = (x - foot_x) * depth, (foot_y - y) * depth
    coat = (np.abs(u) < 0.040 * np.sqrt(np.clip((0.265 - v) / 0.2, 0, 1)) + 0.012) & (v > 0.075) & (v < 0.255)
    legs = (np.abs(np.abs(u - 0.02 * (0.09 - v)) - 0.016) < 0.0085) & (v > 0) & (v < 0.09)
    head = np.hypot(u, v - 0.270) < 0.019
    shadow = (np.abs(u + 0.02 * np.sin(v * 60)) < 0.030) & (v < -0.004) & (v > -0.16)
    sketch.put("figure", shadow & sketch.is_any("road", "reflection"), 0.40, 0.0)
    sketch.put("figure", coat | legs | head, np.clip(0.15 - 4 * u, 0, 0.6), np.pi / 2)
    dome = np.hypot(u / 0.105, (v - 0.285) / 0.062) < 1
    ribs = 0.35 + 0.45 * light - 3.5 * u
    scallop = 0.285 + 0.010 * np.abs(np.sin(u * 60))
    sketch.put("umbrella", dome & (v > scallop), np.clip(ribs, 0, 1), 0.6 * np.arctan2(u, 0.04))
