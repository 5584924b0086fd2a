"""Jobs that tests give to an engine, and how they tell that it is well."""

import time
from collections.abc import Iterable, Iterator
from typing import Any

from fakes.engine import PATIENCE, EngineHome, RawClient, random_pixels, wait_for
from fakes.painter import slow
from impasto_plugin.engine.jobs import Done, Event, Job
from impasto_wire.messages import Progress
from impasto_wire.pictures import Pixels
from impasto_wire.request import PaintRequest, WeightedStyle
from impasto_wire.settings import Settings

STYLE = random_pixels(8, 8)
STYLES = [(STYLE, 1.0)]
LONG = Settings(seed=slow(1000, 20))


def asking(
    layer: Pixels, styles: Iterable[tuple[Pixels, float]], settings: Settings | None = None, **more: Any
) -> PaintRequest[Pixels]:
    """A request for a layer in weighted styles."""
    weighted = tuple(WeightedStyle(picture, weight) for picture, weight in styles)
    return PaintRequest(layer, weighted, settings or Settings(), **more)


def events_of(job: Job, timeout: float | None = None) -> Iterator[Event]:
    """All events of a job up to `Done`; ends early after `timeout` seconds in all. Raises the job's `ImpastoError`."""
    end = None if timeout is None else time.monotonic() + timeout
    while (event := job.next_event(None if end is None else max(0.0, end - time.monotonic()))) is not None:
        yield event
        if isinstance(event, Done):
            return


def wait_until_painting(job: Job) -> None:
    wait_for(lambda: isinstance(job.next_event(PATIENCE), Progress), "the first step")


def assert_engine_is_well(home: EngineHome) -> None:
    """It answers a ping within a second, and paints the next job right."""
    with RawClient.of(home) as client:
        client.ping(7, seconds=1.0)
    layer = random_pixels(30, 20, seed=4)
    with home.connect() as engine:
        begun = time.monotonic()
        result = engine.paint(asking(layer, STYLES, Settings(seed=slow(2, 10))))
        assert time.monotonic() - begun < 10
    assert bytes(result.data[:3]) == bytes(255 - value for value in layer.data[:3])
