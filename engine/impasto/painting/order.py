"""An order: all that a painting is but its picture, so that many pictures, here or elsewhere, are painted alike."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from impasto.folders import folders
from impasto.pictures import files
from impasto.pictures.spaces import moved
from impasto.pictures.style_files import THUMBNAIL_SIDE, read_flat
from impasto.request import FrameBefore, PaintRequest, Picture, Region, WeightedStyle
from impasto.transfer import ALONE, Recipe, Team
from impasto_install.prove import PHOTO
from impasto_presets import Preset
from impasto_wire import request as wire
from impasto_wire.errors import PictureError
from impasto_wire.settings import Quality, Settings

from .checkpoints import CheckpointFolder
from .local_painter import LocalPainter

LONGEST_STYLE = 4096
"""Pixels of a style picture's long side. Longer ones are shrunk, as the filter does it too: while a style is looked at,
each of its pixels takes 31 bytes."""
MOST_STYLE_PIXELS = 64_000_000
"""Of all of a painting's style pictures together."""
_MOST_READ = 250_000_000
"""Pixels of a style picture that are read at all."""


@dataclass(frozen=True)
class Map:
    """A grey picture ``(H, W)`` that says something of every place, and the name of its file."""

    name: str
    grey: Picture

    def fitting(self, pixels: Picture) -> Picture:
        """It, if it is as large as the picture. Raises `PictureError`."""
        (height, width), (rows, columns) = self.grey.shape, pixels.shape[:2]
        if (height, width) != (rows, columns):
            raise PictureError(f"{self.name} is {width}x{height}; it must be as large as the picture, {columns}x{rows}")
        return self.grey


@dataclass(frozen=True)
class OrderedRegion:
    """A part of every picture of an order that is painted in styles and by settings of its own."""

    map: Map
    styles: tuple[WeightedStyle, ...]
    settings: Settings
    style_profiles: tuple[bytes | None, ...] = ()


@dataclass(frozen=True)
class Order:
    """Styles, settings, recipe and what paints. `size` is the long side to paint at, None the picture's own."""

    styles: tuple[WeightedStyle, ...]
    settings: Settings
    recipe: Recipe
    selection: Map | None = None
    detail_map: Map | None = None
    weights: Path | None = None
    device: str = "auto"
    size: int | None = None
    memory_budget: int | None = None
    style_profiles: tuple[bytes | None, ...] = ()
    """The colour space of each style picture; None, or none at all, is sRGB."""
    per_inch: float | None = None
    """Pixels per inch of the paintings; None is each picture's own."""
    regions: tuple[OrderedRegion, ...] = ()

    def open_painter(self, team: Team = ALONE) -> LocalPainter:
        """A painter of this machine for it; `team` are the others who paint the same pictures.

        Raises `WeightsMissing`, `SettingError`.
        """
        checkpoints = CheckpointFolder(folders().checkpoints)
        return LocalPainter(self.device, self.recipe, self.weights, self.memory_budget, team, checkpoints)

    def request(self, pixels: Picture, before: FrameBefore | None = None, profile: bytes | None = None) -> PaintRequest:
        """What is asked of the painter for a picture, at its size, with its maps. Raises `PictureError`.

        `before` is the frame before of an animation, as its file holds it, and its painting. The styles come in the
        picture's colour space, which `profile` is.
        """
        maps = [None if given is None else given.fitting(pixels) for given in (self.selection, self.detail_map)]
        selection, detail_map = (None if grey is None else self.sized(grey) for grey in maps)
        layer = self.sized(pixels)
        regions = [
            Region(
                self.sized(region.map.fitting(pixels)),
                _in_space(region.styles, region.style_profiles, profile),
                region.settings,
            )
            for region in self.regions
        ]
        return PaintRequest(
            layer,
            _in_space(self.styles, self.style_profiles, profile),
            self.settings,
            selection,
            detail_map,
            self.recipe.name,
            before=self._at_size(before),
            regions=tuple(regions),
        )

    def finished(self, picture: files.PictureFile, painting: Picture) -> files.PictureFile:
        """The painting of a picture, as it is written: with all else that the picture's file says."""
        metadata = picture.metadata
        if self.per_inch is not None:
            metadata = replace(metadata, resolution=(self.per_inch, self.per_inch))
        return replace(picture, pixels=painting, metadata=metadata)

    def sized(self, pixels: Picture) -> Picture:
        """A picture at the size that is painted at."""
        return pixels if self.size is None else files.resized(pixels, self.size)

    def _at_size(self, before: FrameBefore | None) -> FrameBefore | None:
        return None if before is None else FrameBefore(self.sized(before.layer), before.painting)


def _in_space(
    styles: tuple[WeightedStyle, ...], profiles: tuple[bytes | None, ...], wanted: bytes | None
) -> tuple[WeightedStyle, ...]:
    """Style pictures in the colour space of the picture that is painted."""
    own = profiles or (None,) * len(styles)
    return tuple(
        WeightedStyle(moved(style.picture, space, wanted), style.weight)
        for style, space in zip(styles, own, strict=True)
    )


def with_own_alpha(painting: Picture, layer: Picture) -> Picture:
    """A painting ``(H, W, 3)`` with its layer's alpha, where that has one."""
    return np.concatenate([painting, layer[..., 3:]], axis=2)


def request_in(preset: Preset, photo: Picture, quality: Quality) -> PaintRequest:
    """The request for a photo in a style, with the settings and the recipe that the style suggests."""
    settings = replace(preset.settings, quality=quality)
    return PaintRequest(photo, read_styles(preset.pictures), settings, recipe=preset.recipe)


def read_styles(styles: Iterable[wire.WeightedStyle[Path]]) -> tuple[WeightedStyle, ...]:
    """The style pictures in these files, in sRGB, with their weights. Raises `PictureError`."""
    found = _read_styles(styles)
    return tuple(style.map(lambda picture: files.in_space(picture, None).pixels) for style in found)


def read_styles_with_spaces(
    styles: Iterable[wire.WeightedStyle[Path]],
) -> tuple[tuple[WeightedStyle, ...], tuple[bytes | None, ...]]:
    """The style pictures in these files, each in its own colour space, and those. Raises `PictureError`."""
    found = _read_styles(styles)
    pictures = tuple(style.map(lambda picture: picture.pixels) for style in found)
    return pictures, tuple(style.picture.profile for style in found)


def _read_styles(styles: Iterable[wire.WeightedStyle[Path]]) -> list[wire.WeightedStyle[files.PictureFile]]:
    """The pictures, each at most as large as a style can use; several have that many pixels together."""
    listed = list(styles)
    most_pixels = max(1, MOST_STYLE_PIXELS // max(1, len(listed)))
    return [style.map(lambda path: _shrunk(files.read_picture(path, _MOST_READ), most_pixels)) for style in listed]


def _shrunk(picture: files.PictureFile, most_pixels: int) -> files.PictureFile:
    width, height = picture.size
    factor = min(1.0, LONGEST_STYLE / max(width, height), math.sqrt(most_pixels / (width * height)))
    if factor == 1:
        return picture
    return replace(picture, pixels=files.resized(picture.pixels, max(1, int(factor * max(width, height)))))


def sample_photo() -> Picture:
    """The photo that every style's tile shows, square."""
    photo = read_flat(PHOTO)
    height, width = photo.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return np.asarray(files.resized(photo[top : top + side, left : left + side], THUMBNAIL_SIDE), np.uint8)
