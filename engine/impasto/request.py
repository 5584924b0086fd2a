"""What a painter takes and gives in the engine: requests with arrays for pictures, steps, forecasts."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

from numpy.typing import NDArray

from impasto_wire import request as wire

Picture = NDArray[Any]
"""``(H, W, 3 or 4)``, or ``(H, W)`` of a map: uint8, uint16 or float32 in 0..1; perceptual encoding, straight alpha."""

PaintRequest = wire.PaintRequest[Picture]
WeightedStyle = wire.WeightedStyle[Picture]
Region = wire.Region[Picture]
FrameBefore = wire.FrameBefore[Picture]

News = TypeVar("News")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Step:
    """One step of a painting. Scales and steps count from 1; `fraction` is that of the whole job's work."""

    scale: int
    scales: int
    step: int
    steps: int
    fraction: float
    loss: float
    style_loss: float
    content_loss: float
    seconds: float
    seconds_left: float | None
    picture: Callable[[], Picture]
    """The picture as it is now, ``(h, w, 3)`` uint8, at this scale's size; only until the next step is asked for."""


@dataclass(frozen=True)
class Forecast:
    """Seconds and bytes that a painting will take, and the plan in words."""

    seconds: float
    bytes: int
    plan: str


def drained(painting: Generator[News, Any, Result], report: Callable[[News], object] = lambda news: None) -> Result:
    """What a painting returns in the end; each of its steps and sentences is reported."""
    while True:
        try:
            report(next(painting))
        except StopIteration as finished:
            result: Result = finished.value
            return result
