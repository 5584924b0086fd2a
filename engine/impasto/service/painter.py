"""The painter that workers use: the transfer, with one backbone kept on one device."""

from collections.abc import Generator, Sequence
from typing import Any

from numpy.typing import NDArray

from impasto.backbones import load_backbone
from impasto.backbones.names import BACKBONES
from impasto.devices import choose_device, describe_device
from impasto.transfer import Layer, Step, StylePicture, stylize
from impasto_wire.settings import Settings

Picture = NDArray[Any]


class StylePainter:
    """Repaints layers with one backbone on one device."""

    backbones = BACKBONES

    def __init__(self, device: str) -> None:
        chosen = choose_device(device)
        self.device = describe_device(chosen)
        self._backbone = load_backbone(BACKBONES[0], chosen)

    def paint(
        self,
        layer: Picture,
        selection: Picture | None,
        detail_map: Picture | None,
        styles: Sequence[tuple[Picture, float]],
        settings: Settings,
    ) -> Generator[Step, None, Picture]:
        """Yield the steps of `stylize` and return its painting."""
        pictures = [StylePicture(picture, weight) for picture, weight in styles]
        return stylize(Layer(layer, selection, detail_map), pictures, settings, self._backbone)


def open_painter(device: str) -> StylePainter:
    """A painter on a device by name. Raises `WeightsMissing`, `SettingError`."""
    return StylePainter(device)
