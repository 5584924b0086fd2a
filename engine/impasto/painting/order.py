"""An order: all that a painting is but its picture, so that many pictures, here or elsewhere, are painted alike."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from impasto.backbones import Backbone, load_backbone
from impasto.devices import choose_device
from impasto.pictures import files
from impasto.transfer import Before, Layer, Recipe, SharedTargets, Step, StylePicture, shared_targets, stylize
from impasto.transfer.team import ALONE, Team
from impasto_wire.errors import PictureError
from impasto_wire.settings import Settings

from .fine_artworks import as_fine_as_needed

Pixels = NDArray[Any]


@dataclass(frozen=True)
class Map:
    """A grey picture ``(H, W)`` that says something of every place, and the name of its file."""

    name: str
    grey: Pixels

    def fitting(self, pixels: Pixels) -> Pixels:
        """It, if it is as large as the picture. Raises `PictureError`."""
        (height, width), (rows, columns) = self.grey.shape, pixels.shape[:2]
        if (height, width) != (rows, columns):
            raise PictureError(f"{self.name} is {width}x{height}; it must be as large as the picture, {columns}x{rows}")
        return self.grey


@dataclass(frozen=True)
class Order:
    """Styles, settings, recipe and what paints. `size` is the long side to paint at, None the picture's own."""

    styles: tuple[StylePicture, ...]
    settings: Settings
    recipe: Recipe
    selection: Map | None = None
    detail_map: Map | None = None
    weights: Path | None = None
    device: str = "auto"
    size: int | None = None
    memory_budget: int | None = None

    def open_backbone(self) -> Backbone:
        """The network that it is painted with. Raises `WeightsMissing`, `SettingError`."""
        return load_backbone(self.recipe.backbone, choose_device(self.device), self.weights)

    def layer(self, pixels: Pixels) -> Layer:
        """The picture at its size, with its maps. Raises `PictureError`."""
        maps = [None if given is None else given.fitting(pixels) for given in (self.selection, self.detail_map)]
        return Layer(self.sized(pixels), *(None if grey is None else self.sized(grey) for grey in maps))

    def paint(
        self,
        layer: Layer,
        backbone: Backbone,
        shared: SharedTargets | None = None,
        before: Before | None = None,
        team: Team = ALONE,
    ) -> Generator[Step | str, bool | None, Pixels]:
        """The layer repainted, with its own alpha. Yields the steps, and sentences about what is made ready.

        `shared` is kept by whoever paints more than one layer; `before` is what a frame begins from;
        `team` are those who paint the same layer.
        """
        styles = yield from self._styles_for(layer.pixels)
        chosen = (self.settings, backbone, self.recipe, self.memory_budget)
        colours = yield from stylize(layer, styles, *chosen, shared=shared, before=before, team=team)
        return np.concatenate([colours, layer.pixels[..., 3:]], axis=2)

    def targets(self, width: int, height: int, backbone: Backbone) -> SharedTargets:
        """What all layers of that size share; `paint` takes it. Raises `PictureError`, `OutOfMemory`."""
        styles = _result_of(self._styles_for(np.broadcast_to(np.uint8(0), (height, width, 3))))
        return shared_targets(width, height, styles, self.settings, backbone, self.recipe, self.memory_budget)

    def _styles_for(self, pixels: Pixels) -> Generator[str, Any, list[StylePicture]]:
        """The styles as fine as a layer needs them; yields sentences about what is made ready."""
        styles = []
        for style in self.styles:
            finer = yield from as_fine_as_needed(style.picture, pixels, self.settings, self.recipe)
            styles.append(replace(style, picture=finer))
        return styles

    def sized(self, pixels: Pixels) -> Pixels:
        """A picture at the size that is painted at."""
        return pixels if self.size is None else files.resized(pixels, self.size)


def _result_of(generator: Generator[Any, Any, list[StylePicture]]) -> list[StylePicture]:
    while True:
        try:
            next(generator)
        except StopIteration as finished:
            result: list[StylePicture] = finished.value
            return result
