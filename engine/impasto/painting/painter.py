"""What the service asks of a painter, so that it can be another one than this machine's."""

import importlib
from collections.abc import Generator, Sequence
from typing import Protocol

from impasto.libraries import why_not_loaded
from impasto.request import Forecast, PaintRequest, Picture, Step
from impasto_wire.errors import EngineFault
from impasto_wire.settings import Settings


class PainterLost(Exception):
    """The painter is on another machine, which has gone; by no fault of what it painted."""


class Painter(Protocol):
    """What turns a layer and styles into a painting."""

    device: str
    """The one that it paints on, as a person knows it."""
    more_devices: tuple[str, ...]
    """Where others like it can paint at the same time, as `open_painter` takes them."""
    backbones: tuple[str, ...]

    def paint(self, request: PaintRequest) -> Generator[Step | str, bool | None, Picture]:
        """Yield steps, return the painting, (H, W, 3) of the layer's dtype. Raises `ImpastoError`.

        With a window, that part of the painting alone, (window's height, width, 3), in the steps' pictures too.
        Before the first step it may yield sentences: what it is making ready. Being sent True, it yields no more and
        returns the painting as far as it has come.
        """

    def forecast(
        self, width: int, height: int, settings: Settings, recipe: str, regions: Sequence[Settings] = ()
    ) -> Forecast:
        """What a layer of that size would cost, with regions of these settings. Raises `ImpastoError`."""

    def has_room_for(self, width: int, height: int, settings: Settings, recipe: str) -> bool:
        """May a painting of that size be begun beside those that are under way, and their steps be taken in any order?

        False where the memory doesn't hold both, or where processes that paint together take their steps in one order.
        """

    def leave_a_core(self, is_left: bool) -> None:
        """Paint on all cores but one from now on, or on all."""

    def close(self) -> None:
        """Free what it holds of the device's memory and of the machine's."""


def open_named(name: str, device: str) -> Painter:
    """The painter that `module:function` opens on a device. Raises `ImpastoError`."""
    module, _, function = name.partition(":")
    try:
        opening = getattr(importlib.import_module(module), function)
    except (ImportError, OSError) as error:
        raise EngineFault(why_not_loaded(error)) from error
    painter: Painter = opening(device)
    return painter
