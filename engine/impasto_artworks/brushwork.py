"""Where the strokes of a layer go, how long and broad they are, and which paint each carries."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .noise import Field
from .pigments import Palette
from .scenes import Scene

# Points on a stroke's path.
STEPS = 14


@dataclass(frozen=True)
class Brush:
    """What one layer of strokes is painted with; lengths in artwork units (long side = 1).

    ``bristles`` is how much of the hair shows (a knife has none), ``tooth`` how much the ground's relief decides
    where the paint holds, ``is_round`` whether the touch ends as round as it begins, ``divided`` how far each stroke
    is of one tube rather than of a mixture, ``twist`` the pitch of a thread's strands where the stroke is a stitch.
    """

    width: float
    length: float
    coverage: float
    body: float = 1.0
    dryness: float = 0.7
    pickup: float = 0.25
    streaks: float = 0.5
    wander: float = 0.15
    colour_jitter: float = 0.35
    heavy_tail: float = 0.35
    only_focus: bool = False
    bend: float = 1.0
    bristles: float = 1.0
    tooth: float = 0.30
    is_round: bool = False
    divided: float = 0.0
    twist: float | None = None
    load: float = 1.0


@dataclass(frozen=True)
class Stroke:
    """One touch of the brush: its path ``(N, 2)``, its width and the two colours (K/S) that it carries."""

    path: Field
    width: float
    colour: Field
    second: Field
    place_on_sheet: tuple[int, int]


def strokes_of(scene: Scene, parts: Field, palette: Palette, brush: Brush, seed: int) -> Iterator[Stroke]:
    """One layer of strokes over a scene, in a random order, colours taken from its plan."""
    rng = np.random.default_rng([seed, round(brush.width * 1e5), round(brush.length * 1e4)])
    height = scene.aspect if scene.aspect <= 1 else 1.0
    width = 1.0 if scene.aspect <= 1 else 1 / scene.aspect
    count = int(brush.coverage * width * height / (brush.width * brush.length))
    starts = scatter(count, width, height, rng)
    if brush.only_focus:
        starts = starts[rng.random(len(starts)) < scene.focus[scene.index(starts)]]
    count = len(starts)
    tail = np.exp(brush.heavy_tail * rng.standard_t(4, count)).clip(0.45, 2.6).astype(np.float32)
    step = brush.length * tail**0.6 * rng.uniform(0.6, 1.3, count).astype(np.float32) / STEPS
    aside = (brush.wander * rng.standard_normal(count)).astype(np.float32)
    paths, counts = follow(scene, starts, step, aside, brush.bend, rng)
    middle = scene.index(paths[np.arange(count), np.maximum(counts // 3, 0)])
    amounts = parts[middle]
    own, second = (palette.mix(jitter(amounts, brush, rng)) for _ in range(2))
    places = rng.integers(0, 100_000, (count, 2))
    for i in range(count):
        if counts[i] >= 1:
            place = (int(places[i, 0]), int(places[i, 1]))
            yield Stroke(paths[i, : counts[i] + 1], float(brush.width * tail[i]), own[i], second[i], place)


def along_contours(scene: Scene, broad: float) -> Scene:
    """The scene for a brush that draws: it rests on the borders of masses, ``broad`` in artwork units, and flows along
    them; there are no masses to stop at."""
    long_side = max(scene.mass.shape)
    edge = (ndimage.morphological_gradient(scene.mass, size=2) > 0).astype(np.float32)
    soft = ndimage.gaussian_filter(edge, 0.004 * long_side)
    down, across = np.gradient(soft)
    xx, yy, xy = (ndimage.gaussian_filter(p, 0.005 * long_side) for p in (across**2, down**2, across * down))
    flow = 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2
    near = ndimage.distance_transform_edt(edge == 0) < 0.5 * broad * long_side
    return replace(scene, mass=np.zeros_like(scene.mass), flow=flow.astype(np.float32), focus=near.astype(np.float32))


def scatter(count: int, width: float, height: float, rng: np.random.Generator) -> Field:
    """Points all over the canvas, one in each cell of a grid, in a random order, so that few gaps stay open."""
    columns = max(1, round(float(np.sqrt(count * width / height))))
    rows = max(1, round(count / columns))
    cells = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2)
    points = (cells + rng.random(cells.shape)) / (columns, rows) * (width, height)
    return rng.permutation(points.astype(np.float32))


def follow(
    scene: Scene, starts: Field, step: Field, aside: Field, bend: float, rng: np.random.Generator
) -> tuple[Field, NDArray[np.intp]]:
    """Paths along the scene's flow, ``(N, STEPS + 1, 2)``, and on how many points each stays within its mass.

    ``step`` is each path's length over `STEPS`, ``aside`` its angle against the flow, ``bend`` how soon it turns where
    the flow turns. One stroke in eight does not stop at the edge of its mass: a lost edge.
    """
    count = len(starts)
    forward = np.where(rng.random(count) < 0.5, 0.0, np.pi).astype(np.float32)
    stray = rng.random(count) < 0.125
    home = scene.mass[scene.index(starts)]
    paths = np.empty((count, STEPS + 1, 2), dtype=np.float32)
    paths[:, 0] = starts
    going, counts = np.ones(count, dtype=np.bool_), np.zeros(count, dtype=np.intp)
    heading = scene.flow[scene.index(starts)] + aside + forward
    for i in range(STEPS):
        wish = scene.flow[scene.index(paths[:, i])] + aside
        turn = (wish - heading + np.pi / 2) % np.pi - np.pi / 2
        heading = heading + turn * bend
        paths[:, i + 1] = paths[:, i] + step[:, None] * np.stack([np.cos(heading), np.sin(heading)], axis=1)
        going &= stray | (scene.mass[scene.index(paths[:, i + 1])] == home)
        counts += going
    return paths, counts


def jitter(amounts: Field, brush: Brush, rng: np.random.Generator) -> Field:
    """Mixtures that differ from stroke to stroke, as mixtures on a palette do."""
    uneven = amounts * np.exp(brush.colour_jitter * rng.standard_normal(amounts.shape))
    if not brush.divided:
        return np.asarray(uneven, dtype=np.float32)
    # One tube each, as often as its share: the mixture is left to the eye.
    share = uneven.cumsum(axis=1) / uneven.sum(axis=1, keepdims=True)
    chosen = (rng.random((len(uneven), 1)) > share).sum(axis=1).clip(0, amounts.shape[1] - 1)
    single = np.eye(amounts.shape[1])[chosen] * uneven.sum(axis=1, keepdims=True)
    return np.asarray(uneven + (single - uneven) * brush.divided, dtype=np.float32)
