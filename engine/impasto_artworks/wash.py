"""Watercolour: transparent washes over rough paper, their pigment gathered at the edges and in the paper's hollows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from .noise import Field, fractal_noise, smoothstep
from .pigments import TUBES, PaintMix, reflectance_of, to_srgb8


@dataclass(frozen=True)
class Wash:
    """One layer of thinned paint; widths in artwork units.

    ``load`` is how much pigment it carries; ``granulation`` how much of it settles in the paper's hollows;
    ``edge`` how much of it is carried to the rim; ``bloom`` how unevenly it dries; ``soft`` how far the rim bleeds.
    """

    recipe: PaintMix
    load: float = 1.0
    granulation: float = 0.5
    edge: float = 0.8
    bloom: float = 0.35
    soft: float = 0.0
    dry: float = 0.0


class Sheet:
    """A sheet of rough paper and the light that still comes back from it."""

    def __init__(self, size: tuple[int, int], paper: str, seed: int, tooth: float = 1.0) -> None:
        """``paper`` is its colour in hexadecimal; ``tooth`` scales the relief."""
        self.size, self.seed, self.long_side = size, seed, max(size)
        pulp = fractal_noise(size, seed + 900, 130, rough=0.85)
        dimples = fractal_noise(size, seed + 950, 220, 500, rough=0.6)
        self.relief: Field = (tooth * (0.6 * pulp + 0.55 * dimples)).astype(np.float32)
        shade = ndimage.gaussian_filter(self.relief, 0.0005 * self.long_side)
        down, across = np.gradient(shade)
        light = 1 + 0.010 * (across + down) * self.long_side / 400
        self.light: Field = (reflectance_of(paper) * light[..., None]).astype(np.float32)
        self._layers = 0

    def upsampled(self, plan: Field) -> Field:
        """A planned map at the sheet's size, smooth."""
        image = Image.fromarray(np.asarray(plan, dtype=np.float32))
        return np.asarray(image.resize(self.size[::-1], Image.Resampling.BICUBIC), dtype=np.float32)

    def lay(self, where: Field, wash: Wash, load: Field | float = 1.0) -> None:
        """Lay a wash where a planned map exceeds 0.5, its rim wandering a little; `load` varies it by place."""
        self._layers += 1
        seed = self.seed + 31 * self._layers
        wander = np.clip(fractal_noise(self.size, seed, 24, rough=0.62), -3, 3)
        level = self.upsampled(ndimage.gaussian_filter(np.asarray(where, dtype=np.float32), 1.6)) + 0.10 * wander
        if wash.dry:
            level = level - wash.dry * smoothstep(
                0.1, 1.0, self.relief + 0.8 * fractal_noise(self.size, seed + 5, 40, stretch=6)
            )
        inside = level > 0.5
        if not inside.any():
            return
        reach = ndimage.distance_transform_edt(inside).astype(np.float32) / self.long_side
        rim = np.exp(-reach / 0.0022) + 0.35 * np.exp(-reach / 0.010)
        body = np.minimum(reach * self.long_side, 1.0)
        if wash.soft:
            body = smoothstep(0.0, 1.0, reach / wash.soft)
            rim = rim * 0.1
        bloom = np.exp(wash.bloom * fractal_noise(self.size, seed + 7, 4, rough=0.6) + wash.bloom * self._backrun(seed))
        hollows = np.exp(-wash.granulation * self.relief * np.float32(0.36))
        amount = body * (1 + wash.edge * rim) * bloom * hollows * wash.load * load
        self.light *= np.exp(-_absorbance(wash.recipe) * amount[..., None])

    def _backrun(self, seed: int) -> Field:
        """Cauliflowers: where a wetter drop pushed the pigment to its own rim."""
        cells = fractal_noise(self.size, seed + 11, 3, rough=0.68)
        return np.asarray(
            0.9 * np.exp(-(((cells - 0.9) / 0.07) ** 2)) - 0.5 * smoothstep(0.9, 1.3, cells), dtype=np.float32
        )

    def lift(self, where: Field, amount: float) -> None:
        """Scrape or spatter the paper free again, where a planned map exceeds 0.5."""
        level = smoothstep(0.45, 0.55, self.upsampled(where))[..., None] * amount
        self.light = (self.light * (1 - level) + 0.92 * level).astype(np.float32)

    def picture(self) -> NDArray[np.uint8]:
        """The dry sheet as 8-bit sRGB."""
        return to_srgb8(np.clip(self.light, 0, 1))


def _absorbance(recipe: PaintMix) -> Field:
    """Optical density of a wash, ``(3,)``: Beer's law, for thinned paint scatters little (Curtis et al., 1997)."""
    total = sum(recipe.values())
    shares = [(reflectance_of(TUBES[name].masstone), amount / total) for name, amount in recipe.items()]
    density = sum(-np.log(np.clip(colour, 0.012, 0.985)) * share for colour, share in shares)
    return np.asarray(density, dtype=np.float32)
