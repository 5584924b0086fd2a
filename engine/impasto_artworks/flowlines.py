"""Lines that follow a scene's flow at an even distance, to cut, hatch or engrave along."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from .noise import Field
from .scenes import Scene

# Lines are drawn out on a plan of this size, so that every size of the picture has the same ones.
LINES_LONG_SIDE = 896


def flow_lines(scene: Scene, period: float, seed: int, length: float = 0.05, rounds: int = 5) -> Field:
    """A wave in 0..1, evenly distributed, whose crests run along the flow, ``period`` apart, in artwork units.

    White noise is smeared along the flow (Cabral and Leedom, 1993) and kept to one wavelength across it, in turns:
    lines grow, fork and end as a hand's do. What is below a tone's complement is ink.
    """
    rows, columns = scene.size_at(LINES_LONG_SIDE)
    rng = np.random.default_rng([seed, round(period * 1e6)])
    wave = rng.standard_normal((rows, columns)).astype(np.float32)
    dx, dy = _direction(scene, (rows, columns))
    sigma = period * LINES_LONG_SIDE / 4.5
    ways = _ways(dx, dy, steps=max(2, int(length * LINES_LONG_SIDE / 4)))
    for _ in range(rounds):
        wave = ndimage.gaussian_filter(wave, sigma * 0.8) - ndimage.gaussian_filter(wave, sigma * 1.8)
        wave = sum((wave.take(way) for way in ways), start=wave) / (len(ways) + 1)
        wave = np.tanh(wave / (wave.std() + 1e-9))
    return _ranked(ndimage.gaussian_filter(wave, sigma * 0.35))


def _direction(scene: Scene, size: tuple[int, int]) -> tuple[Field, Field]:
    """The flow's direction, sharp at the edges of masses; opposite directions are the same line."""
    image = [Image.fromarray(part.astype(np.float32)) for part in (np.cos(2 * scene.flow), np.sin(2 * scene.flow))]
    twice = [np.asarray(part.resize(size[::-1], Image.Resampling.NEAREST)) for part in image]
    angle = 0.5 * np.arctan2(ndimage.gaussian_filter(twice[1], 1.5), ndimage.gaussian_filter(twice[0], 1.5))
    return np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)


def _ways(dx: Field, dy: Field, steps: int) -> list[NDArray[np.int32]]:
    """Flat indices of the pixels along the flow, both ways, from each pixel: one array for each step of two pixels."""
    found = []
    for way in (1.0, -1.0):
        row, column = _indices(dx.shape)
        ux, uy = way * dx, way * dy
        for _ in range(steps):
            row, column = row + 2 * uy, column + 2 * ux
            nearest = _at(dx.shape, row, column)
            found.append(nearest)
            vx, vy = dx.take(nearest), dy.take(nearest)
            same = np.where(vx * ux + vy * uy < 0, -1.0, 1.0).astype(np.float32)
            ux, uy = same * vx, same * vy
    return found


def _indices(shape: tuple[int, ...]) -> tuple[Field, Field]:
    row, column = np.indices(shape, dtype=np.float32)
    return np.asarray(row), np.asarray(column)


def _at(shape: tuple[int, ...], row: Field, column: Field) -> NDArray[np.int32]:
    """Flat indices of the nearest pixels, moved inside where they lie outside."""
    rows = np.clip(np.rint(row), 0, shape[0] - 1).astype(np.int32)
    return np.asarray(rows * shape[1] + np.clip(np.rint(column), 0, shape[1] - 1).astype(np.int32))


def _ranked(wave: Field) -> Field:
    """The wave's values replaced by their rank, 0..1."""
    ordered = np.sort(wave[::3, ::3], axis=None)
    return (np.searchsorted(ordered, wave) / ordered.size).astype(np.float32)
