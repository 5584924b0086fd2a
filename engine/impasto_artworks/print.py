"""Printing: blocks cut along lines, rolled with ink, pressed on paper one colour after another."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from .noise import Field, fractal_noise, lattice_noise, smoothstep
from .pigments import reflectance_of, to_srgb8

# The sheet is pressed this large at least and at twice the picture's size, so that the finest line is no mere average.
SHORTEST_PRESS = 1536


class Press:
    """A sheet of paper under the press."""

    def __init__(self, size: tuple[int, int], paper: str, seed: int) -> None:
        """``paper`` is its colour in hexadecimal; it has a few fibres."""
        self.supersampling = max(2, -(-SHORTEST_PRESS // max(size)))
        self.size, self.seed = (size[0] * self.supersampling, size[1] * self.supersampling), seed
        fibres = fractal_noise(self.size, seed + 1, 60, rough=0.8) + 0.8 * fractal_noise(
            self.size, seed + 2, 40, 300, stretch=9
        )
        self.light: Field = (reflectance_of(paper) * (1 + 0.022 * fibres)[..., None]).astype(np.float32)
        self._blocks = 0

    def enlarged(self, plan: Field) -> Field:
        """A planned map at the sheet's size, smooth."""
        image = Image.fromarray(np.asarray(plan, dtype=np.float32))
        return np.asarray(image.resize(self.size[::-1], Image.Resampling.BICUBIC), dtype=np.float32)

    def rough_edge(self, amount: float, cells: float = 160) -> Field:
        """What a knife's slips add to the height of a cut."""
        return (amount * fractal_noise(self.size, self.seed + 17, cells, rough=0.6)).astype(np.float32)

    def ink(
        self, where: Field, ink: str, opacity: float = 0.95, grain: float = 0.15, salt: float = 0.1, shift: float = 0.0
    ) -> None:
        """Press one block where a map at the sheet's size exceeds 0.

        ``grain`` is how much of the wood shows in the ink, ``salt`` how often it misses the paper's hollows,
        ``shift`` how far the block lies beside its place, in artwork units.
        """
        self._blocks += 1
        seed = self.seed + 40 * self._blocks
        long_side = max(self.size)
        if shift:
            where = ndimage.shift(where, (shift * long_side * 0.6, -shift * long_side), order=1, mode="nearest")
        wood = fractal_noise(self.size, seed, 90, 900, rough=0.7, stretch=16) + 0.4 * lattice_noise(
            self.size, seed + 5, 7
        )
        hollows = fractal_noise(self.size, seed + 6, 260, rough=0.75)
        missed = smoothstep(2.4 - 1.6 * salt, 2.9 - 1.6 * salt, hollows + 0.5 * wood)
        squeezed = np.exp(-np.clip(where, 0, None) / 0.05)
        amount = smoothstep(-0.012, 0.012, where) * (1 - missed)
        density = amount * (1 + grain * 0.5 * wood + 0.12 * squeezed)
        density = np.clip(density * opacity, 0, 1.3)[..., None]
        colour = reflectance_of(ink)
        veil = self.light * np.exp(np.log(np.clip(colour, 0.01, 1)) * density)
        body = np.clip(density, 0, 1) * opacity * 0.75
        self.light = (veil * (1 - body) + colour * body).astype(np.float32)

    def picture(self) -> NDArray[np.uint8]:
        """The print as 8-bit sRGB."""
        rows, columns = self.size[0] // self.supersampling, self.size[1] // self.supersampling
        blocks = self.light.reshape(rows, self.supersampling, columns, self.supersampling, 3)
        return to_srgb8(blocks.mean(axis=(1, 3)))
