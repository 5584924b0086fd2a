"""The painter that workers use: the transfer, with one backbone kept on one device."""

import gc
from collections.abc import Generator, Sequence
from typing import Any

import torch
from numpy.typing import NDArray

from impasto.backbones import Backbone, load_backbone
from impasto.backbones.names import BACKBONES
from impasto.devices import choose_device, describe_device, devices_beside
from impasto.transfer import (
    Area,
    Forecast,
    Layer,
    Recipe,
    Speed,
    Step,
    StylePicture,
    forecast,
    measure_speed,
    recipe_named,
    stylize,
)
from impasto.transfer.memory import free_memory, is_out_of_memory
from impasto.transfer.tiles import WHOLE_PIXELS
from impasto_wire.messages import Window
from impasto_wire.settings import Settings

from .fine_artworks import as_fine_as_needed
from .frames import moved
from .targets import KeptTargets

Picture = NDArray[Any]


class StylePainter:
    """Repaints layers on one device; keeps the default backbone there, and others once a recipe wants them."""

    backbones = BACKBONES[:1]

    def __init__(self, device: str) -> None:
        chosen = choose_device(device)
        self.device = describe_device(chosen)
        self.more_devices = devices_beside(device)
        self._speeds: dict[str, Speed] = {}
        self._kept = KeptTargets()
        self._threads = torch.get_num_threads()
        self._chosen = chosen
        self._backbones = {BACKBONES[0]: load_backbone(BACKBONES[0], chosen)}

    def paint(
        self,
        layer: Picture,
        selection: Picture | None,
        detail_map: Picture | None,
        styles: Sequence[tuple[Picture, float]],
        settings: Settings,
        recipe: str,
        window: Window | None = None,
        before: tuple[Picture, Picture] | None = None,
    ) -> Generator[Step | str, bool | None, Picture]:
        """Yield the steps of `stylize` and return its painting. Raises `MemoryError` for whatever torch calls it."""
        by = recipe_named(recipe)
        backbone = self._backbone_of(by)
        pictures = []
        for picture, weight in styles:
            finer = yield from as_fine_as_needed(picture, layer, settings, by)
            pictures.append(StylePicture(finer, weight))
        try:
            whole, part = Layer(layer, selection, detail_map), None if window is None else area_of(window)
            shared = self._kept.targets(pictures, settings, by)
            frame = None if before is None else moved(before[1], before[0], layer)
            chosen = (settings, backbone, by)
            return (yield from stylize(whole, pictures, *chosen, part=part, shared=shared, before=frame))
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            raise MemoryError from error
        finally:
            # It is GIMP's and other programs' too; but not after a window's preview, which the next one follows.
            if self._chosen.type == "cuda" and window is None and layer.shape[0] * layer.shape[1] > WHOLE_PIXELS:
                free_memory()

    def forecast(self, width: int, height: int, settings: Settings, recipe: str) -> Forecast:
        """What a layer of that size would cost here; the first time it measures how fast the device is."""
        by = recipe_named(recipe)
        if recipe not in self._speeds:
            self._speeds[recipe] = measure_speed(self._backbone_of(by), by)
        return forecast(width, height, settings, self._speeds[recipe], by, device=self._chosen)

    def _backbone_of(self, recipe: Recipe) -> Backbone:
        """The network that a recipe is painted with. Raises `WeightsMissing`."""
        name = recipe.backbone
        if name not in self._backbones:
            self._backbones[name] = load_backbone(name, self._chosen)
        return self._backbones[name]

    def leave_a_core(self, is_left: bool) -> None:
        """Paint on all cores but one from now on, or on all.

        Of two, both are used always: the worker's low priority keeps GIMP quick, and a preview takes half of the time.
        """
        torch.set_num_threads(self._threads - (is_left and self._threads > 2))

    def close(self) -> None:
        """Free the backbones, and what torch keeps of a GPU's memory for later."""
        self._backbones.clear()
        self._kept = KeptTargets()
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def area_of(window: Window) -> Area:
    """A window of the wire, for the transfer."""
    return Area(window.left, window.top, window.left + window.width, window.top + window.height)


def open_painter(device: str) -> StylePainter:
    """A painter on a device by name. Raises `WeightsMissing`, `SettingError`."""
    return StylePainter(device)
