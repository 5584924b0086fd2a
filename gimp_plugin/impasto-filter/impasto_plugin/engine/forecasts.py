"""How long painting a layer will take, in a sentence; if it is long, with a setting that makes it quicker."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from impasto_plugin.texts import _, duration
from impasto_wire.settings import Quality, Settings

from .client import Engine

LONG_SECONDS = 300.0
_CHEAPER: dict[Quality, Quality] = {"fine": "standard", "standard": "draft"}


@dataclass(frozen=True)
class Forecast:
    """Time and memory of the whole painting, the device that paints it, and what would be quicker."""

    seconds: float
    bytes: int
    plan: str
    device: str
    quality: Quality
    shorter: float | None = None
    """Seconds with the next quicker quality; None if the painting isn't long."""
    half: float | None = None
    """Seconds at half the size; None if the painting isn't long."""
    frames: int = 1
    layers: int = 1
    computer: str = ""
    """The other computer that paints it; empty: this one."""

    @property
    def is_long(self) -> bool:
        """Is it so long that a person should know a quicker way?"""
        return self.seconds > LONG_SECONDS

    def of_frames(self, count: int) -> "Forecast":
        """The forecast of an animation with `count` such frames; later frames take less time than the first."""
        shorter, half = (None if found is None else count * found for found in (self.shorter, self.half))
        return replace(self, seconds=count * self.seconds, shorter=shorter, half=half, frames=count)

    def of_layers(self, shares: Sequence[float]) -> "Forecast":
        """The forecast of several paintings; each share is one's size, where the forecast is of 1."""
        times = sum(shares)
        shorter, half = (None if found is None else times * found for found in (self.shorter, self.half))
        memory = round(self.bytes * max(shares))
        return replace(self, seconds=times * self.seconds, bytes=memory, shorter=shorter, half=half, layers=len(shares))

    def sentence(self) -> str:
        """Time, device and memory."""
        values = {"time": duration(self.seconds), "device": self.device, "memory": self.bytes / 1e9}
        return self._text().format(count=max(self.frames, self.layers), computer=self.computer, **values)

    def _text(self) -> str:
        if self.frames > 1:
            here = _("{count} frames: {time} or less on this {device}, {memory:.1f} GB of memory")
            there = _("{count} frames: {time} or less on {computer} ({device}), {memory:.1f} GB of memory")
        elif self.layers > 1:
            here = _("{count} paintings: {time} on this {device}, {memory:.1f} GB of memory")
            there = _("{count} paintings: {time} on {computer} ({device}), {memory:.1f} GB of memory")
        else:
            here = _("The whole layer: {time} on this {device}, {memory:.1f} GB of memory")
            there = _("The whole layer: {time} on {computer} ({device}), {memory:.1f} GB of memory")
        return there if self.computer else here

    def advice(self) -> str:
        """What would make it quicker; empty if it isn't long."""
        if not self.is_long or self.half is None:
            return ""
        if self.shorter is not None and self.quality == "fine":
            return _("That is long; with Quality at Standard it is {time}").format(time=duration(self.shorter))
        if self.shorter is None or self.half < self.shorter:
            return _("That is long; with Paint at Half it is {time}").format(time=duration(self.half))
        return _("That is long; with Quality at Draft it is {time}").format(time=duration(self.shorter))


def forecast_of(
    engine: Engine, size: tuple[int, int], settings: Settings, recipe: str, regions: tuple[Settings, ...] = ()
) -> Forecast:
    """The forecast for a layer of that size, with regions of these settings. Waits for the engine; raises the errors of
    `Engine.forecast`.
    """
    ask = partial(engine.forecast, recipe=recipe, regions=regions)
    told = ask(*size, settings)
    devices = engine.welcome.devices if engine.welcome else ()
    found = Forecast(told.seconds, told.bytes, told.plan, _device(devices), settings.quality)
    if not found.is_long:
        return found
    half = ask(*(max(1, side // 2) for side in size), settings).seconds
    cheaper = _CHEAPER.get(settings.quality)
    shorter = ask(*size, replace(settings, quality=cheaper)).seconds if cheaper else None
    return replace(found, half=half, shorter=shorter)


def _device(devices: tuple[str, ...]) -> str:
    """The name of the device that paints, for a person."""
    return devices[0].partition(",")[0] if devices else _("machine")
