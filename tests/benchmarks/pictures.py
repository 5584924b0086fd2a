"""The pictures that benchmarks paint, by name: from `tests/data`, scikit-image and the shipped styles."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from impasto.backbones import Backbone
from impasto.request import PaintRequest, WeightedStyle
from impasto.transfer import stylize
from impasto_presets import list_presets
from impasto_wire.settings import Settings

IMAGES = Path(__file__).resolve().parents[1] / "data/images"

Pixels = NDArray[np.uint8]

PAIRS = (
    ("tubingen", "the_scream"),
    ("chelsea", "starry_night"),
    ("astronaut", "impasto-night"),
    ("coffee", "granulating-watercolour"),
    ("rocket", "starry_night"),
    ("chelsea", "woodcut"),
)
"""Six photos with a painting each."""


def picture(name: str, long_side: int | None = None) -> Pixels:
    """A photo or a style by its name, ``(h, w, 3)`` uint8, at that long side or its own."""
    image = _open(name).convert("RGB")
    if long_side is not None:
        scale = long_side / max(image.size)
        image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
    return np.asarray(image).copy()


def painted(photo: Pixels, style: Pixels, settings: Settings, backbone: Backbone) -> Pixels:
    """The photo painted in one style by the default recipe."""
    painting = stylize(PaintRequest(photo, (WeightedStyle(style),), settings), backbone)
    while True:
        try:
            next(painting)
        except StopIteration as finished:
            return np.asarray(finished.value)


def short_side(pixels: Pixels, side: int) -> Pixels:
    """The picture with that short side."""
    height, width = pixels.shape[:2]
    scale = side / min(height, width)
    size = (round(width * scale), round(height * scale))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS)).copy()


def _open(name: str) -> Image.Image:
    for path in IMAGES.glob(f"{name}.*"):
        return Image.open(path)
    for preset in list_presets():
        if preset.name == name:
            return Image.open(preset.pictures[0].picture)
    return Image.fromarray(getattr(data, name)())
