"""Several GPUs, each with a worker of its own; the painter pretends that there are three."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes import painter
from fakes.engine import PATIENCE, EngineHome, random_pixels, wait_for
from fakes.jobs import asking, events_of
from fakes.painter import slow
from impasto_plugin.engine.client import Engine
from impasto_plugin.engine.jobs import Done, Job
from impasto_wire.errors import WorkerDied
from impasto_wire.messages import Accepted, Progress
from impasto_wire.pictures import Pixels
from impasto_wire.settings import Purpose, Settings

STYLE = [(random_pixels(8, 8), 1.0)]
DEVICES = ("fake auto", "fake cuda:1", "fake cuda:2")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A session with an engine that has three devices, all of them ready."""
    home = EngineHome(tmp_path, options=("--painter", "fakes.painter:open_on_three_devices"))
    home.start()
    with home.connect() as engine:
        wait_for(lambda: engine.welcome and len(engine.welcome.devices) == 3, "three devices")
        yield engine
    home.stop()


def submit(engine: Engine, purpose: Purpose, settings: Settings, number: int = 0) -> tuple[Job, bytes]:
    """A job, and what its painting will be."""
    layer = random_pixels(16, 16, seed=number)
    return engine.submit(purpose, asking(layer, STYLE, settings)), inverted(layer)


def inverted(layer: Pixels) -> bytes:
    return bytes(255 - value for place, value in enumerate(layer.data) if place % 4 != 3)


def painting(job: Job) -> bytes:
    *_, last = events_of(job, PATIENCE)
    assert isinstance(last, Done)
    return last.picture.data


def wait_until_painting(job: Job) -> None:
    wait_for(lambda: isinstance(job.next_event(PATIENCE), Progress), "the first step")


def test_each_device_has_its_worker_and_the_client_hears_of_all(engine: Engine) -> None:
    assert engine.welcome
    assert set(engine.welcome.devices) == set(DEVICES)
    assert engine.welcome.backbones == ("none",)


def test_jobs_are_painted_on_all_devices_at_once_and_the_next_waits(engine: Engine) -> None:
    jobs = [submit(engine, "final", Settings(seed=slow(40, 50)), number) for number in range(4)]
    for job, _ in jobs[:3]:
        wait_until_painting(job)
    waiting, expected = jobs[3]
    assert waiting.next_event(PATIENCE) == Accepted(waiting.name, 1)
    assert waiting.next_event(0.3) is None, "it waits for a device"
    assert [painting(job) == expected for job, expected in jobs[:3]] == [True] * 3
    assert painting(waiting) == expected


def test_a_preview_takes_an_idle_device_before_it_interrupts_a_thumbnail(engine: Engine) -> None:
    thumbnails = [submit(engine, "thumbnail", Settings(seed=slow(1000, 20)), number)[0] for number in range(2)]
    for job in thumbnails:
        wait_until_painting(job)
    preview, _ = submit(engine, "preview", Settings(seed=slow(1000, 20)), 7)
    wait_until_painting(preview)
    for job in thumbnails:
        while job.next_event(0):
            pass
        assert isinstance(job.next_event(5), Progress), "it goes on beside the preview"


def test_a_worker_that_dies_takes_only_its_own_job_and_device(engine: Engine) -> None:
    others = [submit(engine, "final", Settings(seed=slow(30, 50)), number) for number in range(2)]
    for job, _ in others:
        wait_until_painting(job)
    doomed, _ = submit(engine, "final", Settings(seed=painter.DIES), 5)
    with pytest.raises(WorkerDied):
        painting(doomed)
    assert [painting(job) == expected for job, expected in others] == [True] * 2
    assert engine.welcome
    wait_for(lambda: engine.welcome and set(engine.welcome.devices) == set(DEVICES), "the lost device")


def test_a_device_that_is_named_is_the_only_one(tmp_path: Path) -> None:
    home = EngineHome(tmp_path, options=("--painter", "fakes.painter:open_on_three_devices", "--device", "cuda:1"))
    home.start()
    home.warm_worker()
    with home.connect() as engine:
        assert engine.welcome
        assert engine.welcome.devices == ("fake cuda:1",)
    home.stop()


def test_a_device_that_cannot_be_is_refused_in_a_sentence(fresh_home: EngineHome) -> None:
    done = fresh_home.impasto("serve", "--device", "toaster")
    assert done.returncode == 2
    assert "'toaster'; it must be auto, cpu, cuda" in done.stderr
