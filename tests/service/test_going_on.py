"""What a death costs: the scale that was being painted, not the painting. Real painter, small network."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from skimage.data import chelsea, coffee
from skimage.transform import resize

from fakes.engine import EngineHome
from fakes.jobs import asking, events_of
from impasto_plugin.engine.jobs import Done, Job
from impasto_wire.errors import EngineUnavailable, WorkerDied
from impasto_wire.messages import Progress
from impasto_wire.pictures import Pixels
from impasto_wire.settings import Settings

WIDTH, HEIGHT = 240, 160
LAST = 2


def pixels(picture: np.ndarray, height: int, width: int) -> Pixels:
    """A picture at that size, opaque."""
    rgba = np.full((height, width, 4), 255, np.uint8)
    rgba[..., :3] = np.rint(resize(picture, (height, width), anti_aliasing=True) * 255)
    return Pixels(width, height, 4, "u8", rgba.tobytes())


@pytest.fixture
def lasting_home(
    fresh_home: EngineHome, squeezenet_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[EngineHome]:
    """A running engine that keeps every finished scale."""
    monkeypatch.setenv("FAKE_SQUEEZENET_WEIGHTS", str(squeezenet_weights))
    fresh_home.options = ("--painter", "fakes.lasting_painter:open_painter")
    fresh_home.start()
    yield fresh_home


def kill_worker(home: EngineHome) -> None:
    home.worker().kill()


def kill_all(home: EngineHome) -> None:
    """A power cut; then the engine is started again."""
    worker = home.worker()
    home.processes[-1].kill()
    home.processes[-1].wait()
    worker.kill()
    home.start()


@pytest.mark.timeout(120)
@pytest.mark.parametrize("die", [pytest.param(kill_worker, marks=pytest.mark.long), kill_all])
def test_the_same_job_goes_on_from_the_last_finished_scale(
    lasting_home: EngineHome, die: Callable[[EngineHome], None]
) -> None:
    request = asking(pixels(chelsea(), HEIGHT, WIDTH), [(pixels(coffee(), 64, 96), 1.0)], Settings(quality="draft"))
    with lasting_home.connect() as engine:
        job = engine.submit("final", request)
        for event in events_of(job, 60):
            if isinstance(event, Progress) and event.scale == LAST:
                break
        die(lasting_home)
        with pytest.raises((WorkerDied, EngineUnavailable)):
            list(events_of(job, 60))
    with lasting_home.connect() as engine:
        progress, painting = followed(engine.submit("final", request))
        assert progress[0].note == "Going on where it ended the last time"
        assert {event.scale for event in progress[1:]} == {LAST}
    kill_all(lasting_home)  # the worker would still know the painting
    with lasting_home.connect() as engine:
        from_the_start, undisturbed = followed(engine.submit("final", request))
        assert from_the_start[0].scale == 1
        assert painting.data == undisturbed.data


def followed(job: Job) -> tuple[list[Progress], Pixels]:
    """A job's progress, and its painting."""
    *events, last = events_of(job, 60)
    assert isinstance(last, Done)
    return [event for event in events if isinstance(event, Progress)], last.picture
