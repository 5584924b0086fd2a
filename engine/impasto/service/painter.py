"""The painter that workers use: the transfer, with one backbone kept on one device."""

import gc
from collections.abc import Generator, Sequence
from typing import Any

import torch
from numpy.typing import NDArray

from impasto.backbones import load_backbone
from impasto.backbones.names import BACKBONES
from impasto.devices import choose_device, describe_device, devices_beside
from impasto.fine_artworks import as_fine_as_needed
from impasto.transfer import Forecast, Layer, Step, StylePicture, forecast, measure_speed, stylize
from impasto.transfer.memory import is_out_of_memory
from impasto_wire.settings import Settings

Picture = NDArray[Any]


class StylePainter:
    """Repaints layers with one backbone on one device."""

    backbones = BACKBONES[:1]

    def __init__(self, device: str) -> None:
        chosen = choose_device(device)
        self.device = describe_device(chosen)
        self.more_devices = devices_beside(device)
        self._speed: float | None = None
        self._threads = torch.get_num_threads()
        self._backbone = load_backbone(BACKBONES[0], chosen)

    def paint(
        self,
        layer: Picture,
        selection: Picture | None,
        detail_map: Picture | None,
        styles: Sequence[tuple[Picture, float]],
        settings: Settings,
    ) -> Generator[Step | str, bool | None, Picture]:
        """Yield the steps of `stylize` and return its painting. Raises `MemoryError` for whatever torch calls it."""
        pictures = []
        for picture, weight in styles:
            finer = yield from as_fine_as_needed(picture, layer, settings.brush_size)
            pictures.append(StylePicture(finer, weight))
        try:
            return (yield from stylize(Layer(layer, selection, detail_map), pictures, settings, self._backbone))
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            raise MemoryError from error

    def forecast(self, width: int, height: int, settings: Settings) -> Forecast:
        """What a layer of that size would cost here; the first time it measures how fast the device is."""
        if self._speed is None:
            self._speed = measure_speed(self._backbone)
        return forecast(width, height, settings, self._speed)

    def leave_a_core(self, is_left: bool) -> None:
        """Paint on all cores but one from now on, or on all."""
        torch.set_num_threads(max(1, self._threads - is_left))

    def close(self) -> None:
        """Free the backbone, and what torch keeps of a GPU's memory for later."""
        del self._backbone
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def open_painter(device: str) -> StylePainter:
    """A painter on a device by name. Raises `WeightsMissing`, `SettingError`."""
    return StylePainter(device)
