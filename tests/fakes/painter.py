"""A painter without a network: inverts the layer in steps, so that the service can be tested in milliseconds.

The seed tells it how: seed = 1000 * steps + milliseconds a step; 0 is 5 steps of 10 ms. A few special seeds misbehave.
"""

import logging
import os
import select
import sys
import time
from collections.abc import Generator, Sequence
from pathlib import Path

import cv2
import numpy as np
import psutil

from impasto.request import Forecast, PaintRequest, Picture, Step
from impasto_wire.errors import OutOfMemory, WeightsMissing
from impasto_wire.settings import Settings

log = logging.getLogger(__name__)

DIES = 2**31 - 1
RAISES = 2**31 - 2
OUT_OF_MEMORY = 2**31 - 3
HANGS = 2**31 - 4
USES_ALL_MEMORY = 2**31 - 5
REFUSES_WIDE = 2**31 - 6
FORGETS_BEFORE = 2**31 - 7
WIDE = 30
"""Pixels; layers wider than that are what `REFUSES_WIDE` refuses."""


def slow(steps: int, milliseconds: int) -> int:
    """The seed that asks for that many steps of that length."""
    return 1000 * steps + milliseconds


class Inverter:
    """Turns every sample into its opposite, and keeps what isn't selected."""

    device = "fake"
    more_devices: tuple[str, ...] = ()
    is_core_left = False
    backbones = ("none",)

    def paint(self, request: PaintRequest) -> Generator[Step | str, bool | None, Picture]:
        layer, selection, settings, window = request.layer, request.selection, request.settings, request.window
        steps, milliseconds = divmod(settings.seed or slow(5, 10), 1000)
        if settings.seed >= FORGETS_BEFORE:
            steps, milliseconds = 3, 10
        if window:
            rows, columns = (
                slice(window.top, window.top + window.height),
                slice(window.left, window.left + window.width),
            )
            layer, selection = layer[rows, columns], None if selection is None else selection[rows, columns]
        before = None if settings.seed == FORGETS_BEFORE else request.before
        rgb = inverted(layer) if before is None else before.painting.copy()
        for step in range(1, steps + 1):
            if settings.seed == HANGS:
                log.info("it hangs")
                time.sleep(3600)
            pause(milliseconds / 1000)
            if step == 2:
                misbehave(settings.seed)
                if settings.seed == REFUSES_WIDE and layer.shape[1] > WIDE:
                    misbehave(OUT_OF_MEMORY)
            so_far = np.ascontiguousarray(rgb if rgb.dtype == np.uint8 else np.zeros(rgb.shape, np.uint8))
            seconds_left = (steps - step) * milliseconds / 1000
            if (yield Step(1, 1, step, steps, step / steps, 1 / step, 0.0, 0.0, 0.0, seconds_left, lambda: so_far)):  # noqa: B023
                break
        if selection is not None:
            rgb[selection == 0] = layer[selection == 0][:, :3]
        return rgb

    def has_room_for(self, width: int, height: int, settings: Settings, recipe: str) -> bool:
        return True

    def leave_a_core(self, is_left: bool) -> None:
        if is_left != self.is_core_left:
            self.is_core_left = is_left
            log.info("a core is %s", "left to others" if is_left else "used like the others")

    def close(self) -> None:
        pass

    def forecast(
        self, width: int, height: int, settings: Settings, recipe: str, regions: Sequence[Settings] = ()
    ) -> Forecast:
        steps, milliseconds = divmod(settings.seed or slow(5, 10), 1000)
        if settings.seed == OUT_OF_MEMORY:
            misbehave(settings.seed)
        return Forecast((1 + len(regions)) * steps * milliseconds / 1000, width * height * 10, "in one piece")


def inverted(layer: Picture) -> Picture:
    """What the fake painter makes of a layer."""
    top = {"u1": 255, "u2": 65535, "f4": 1}[layer.dtype.str[1:]]
    return np.asarray(top - layer[:, :, :3], dtype=layer.dtype)


def pause(seconds: float) -> None:
    """Wait. libfaketime breaks `time.sleep`, and Windows has no `select` without sockets."""
    if sys.platform == "win32":
        time.sleep(seconds)
    else:
        select.select([], [], [], seconds)


def misbehave(seed: int) -> None:
    if seed == DIES:
        psutil.Process().kill()
    if seed == RAISES:
        raise ZeroDivisionError
    if seed == USES_ALL_MEMORY:
        np.zeros(1 << 50, np.uint8)
    if seed == OUT_OF_MEMORY:
        raise OutOfMemory("it needs 70 GiB; choose Paint at: half")


def open_painter(device: str) -> Inverter:
    """What `impasto serve --painter` names."""
    return Inverter()


def open_on_three_devices(device: str) -> Inverter:
    """A painter on the first of three GPUs, or on the one that is named."""
    painter = Inverter()
    painter.device = f"fake {device}"
    painter.more_devices = ("cuda:1", "cuda:2") if device == "auto" else ()
    return painter


def open_slowly(device: str) -> Inverter:
    """A painter that takes its time to load."""
    time.sleep(30)
    return Inverter()


def open_without_weights(device: str) -> Inverter:
    """A painter whose network isn't there."""
    raise WeightsMissing("no weights for vgg19; run: impasto weights fetch vgg19")


def open_once_it_is_there(device: str) -> Inverter:
    """A painter whose network is there as soon as a file is."""
    if not Path(os.environ["FAKE_WEIGHTS"]).exists():
        raise WeightsMissing("no weights for vgg19; run: impasto weights fetch vgg19")
    return Inverter()


class Preparer(Inverter):
    """Makes something ready before it paints."""

    def paint(self, request: PaintRequest) -> Generator[Step | str, bool | None, Picture]:
        yield "Stretching the canvas"
        return (yield from super().paint(request))


def open_preparer(device: str) -> Preparer:
    """A painter that says what it makes ready."""
    return Preparer()


class Copier(Inverter):
    """Gives the layer's colours back as they are, in no time."""

    def paint(self, request: PaintRequest) -> Generator[Step | str, bool | None, Picture]:
        yield from ()
        return np.asarray(cv2.cvtColor(request.layer, cv2.COLOR_RGBA2RGB))  # many times faster than Pillow or numpy


def open_copier(device: str) -> Copier:
    """A painter that measures nothing but the way."""
    return Copier()
