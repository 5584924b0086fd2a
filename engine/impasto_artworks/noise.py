"""Seeded noise in artwork units: a larger picture shows further octaves, never a blur of the smaller one's."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Field = NDArray[np.floating[Any]]


def lattice_noise(shape: tuple[int, int], seed: int, cells: float, stretch: float = 1.0) -> Field:
    """One octave of smooth noise, about unit variance, with ``cells`` cells along the long side.

    ``stretch`` above 1 draws the cells out horizontally. The lattice depends on seed and cells alone, so that
    every size of the picture shows the same noise.
    """
    height, width = shape
    long_side = max(shape)
    across, down = cells / stretch, cells
    rng = np.random.default_rng([seed, round(cells * 16)])
    lattice = rng.standard_normal((int(np.ceil(down)) + 4, int(np.ceil(across)) + 4), dtype=np.float32)
    box = (1.5, 1.5, 1.5 + across * width / long_side, 1.5 + down * height / long_side)
    smooth = Image.fromarray(lattice).resize((width, height), Image.Resampling.BICUBIC, box=box)
    return np.asarray(smooth, dtype=np.float32) * np.float32(1.35)


def fractal_noise(
    shape: tuple[int, int],
    seed: int,
    cells: float,
    finest: float | None = None,
    rough: float = 0.55,
    stretch: float = 1.0,
) -> Field:
    """Octaves of noise from ``cells`` cells along the long side to ``finest``, or to what the pixels can show.

    ``rough`` is each octave's amplitude relative to the one before. About unit variance.
    """
    limit = max(shape) / 2 if finest is None else min(finest, max(shape) / 2)
    total = np.zeros(shape, dtype=np.float32)
    amplitude, octave = 1.0, 0
    while octave == 0 or cells <= limit:
        total += np.float32(amplitude) * lattice_noise(shape, seed + 101 * octave, cells, stretch)
        amplitude, octave, cells = amplitude * rough, octave + 1, cells * 2
    return total * np.float32(np.sqrt(1 - rough * rough))


def smoothstep(low: float, high: float, value: Field) -> Field:
    """0 below ``low``, 1 above ``high``, smooth between; ``low`` may be the larger one."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


def grid(shape: tuple[int, int]) -> tuple[Field, Field]:
    """x and y of each pixel's centre in artwork units, in which the long side is 1."""
    height, width = shape
    long_side = max(shape)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return (x + 0.5) / long_side, (y + 0.5) / long_side
