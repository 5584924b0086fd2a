"""A real engine on a real small disk: what nobody needs goes first, and a job that doesn't fit fails alone."""

import contextlib
from collections.abc import Iterator

import pytest

from fakes.batches import SmallDisk, mounted_small_disk
from fakes.engine import PATIENCE, EngineHome, RawClient, random_pixels, wait_for
from fakes.jobs import STYLES, asking, events_of, wait_until_painting
from fakes.painter import slow
from impasto_plugin.engine.client import Engine
from impasto_plugin.engine.jobs import Done
from impasto_wire.errors import OutOfMemory
from impasto_wire.settings import Settings

QUICK = Settings(seed=slow(1, 1))


@pytest.fixture
def small_disk(fresh_home: EngineHome) -> Iterator[SmallDisk]:
    """An engine that keeps its pictures on a disk of 24 MiB, of which 1.2 must stay free."""
    with mounted_small_disk(fresh_home.spool, "24m") as disk:
        fresh_home.start()
        yield disk
        fresh_home.stop()


def paint(engine: Engine, width: int, height: int, seed: int = 0) -> None:
    layer = random_pixels(width, height, seed=seed)
    result = engine.paint(asking(layer, STYLES, QUICK))
    assert bytes(result.data[:3]) == bytes(255 - value for value in layer.data[:3])


def test_layers_of_more_than_the_disk_holds_are_painted_one_after_the_other(
    fresh_home: EngineHome, small_disk: SmallDisk
) -> None:
    with fresh_home.connect() as engine:
        for seed in range(10):  # 4 MiB each, and 3 for the painting
            paint(engine, 1024, 1024, seed)


def test_a_job_that_the_disk_cannot_hold_fails_alone(fresh_home: EngineHome, small_disk: SmallDisk) -> None:
    with fresh_home.connect() as engine, fresh_home.connect() as other:
        running = other.submit("final", asking(random_pixels(500, 500), STYLES, Settings(seed=slow(60, 20))))
        wait_until_painting(running)
        with pytest.raises(OutOfMemory, match="must stay free; free some space and try again"):
            paint(engine, 2600, 2600)
        assert not [path for path in fresh_home.pictures() if path.suffix == ".part"]
        *_, last = events_of(running, PATIENCE)
        assert isinstance(last, Done)
        paint(engine, 500, 500)


def test_a_later_job_is_painted_as_soon_as_there_is_room(fresh_home: EngineHome, small_disk: SmallDisk) -> None:
    with fresh_home.connect() as engine:
        paint(engine, 500, 500, seed=1)
        filler = small_disk.folder / "of another program"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(bytes(1 << 16)):
                pass
        with pytest.raises(OutOfMemory, match="free some space and try again"):
            paint(engine, 500, 500, seed=2)
        with RawClient.of(fresh_home) as client:
            client.ping(1)
        filler.unlink()
        paint(engine, 500, 500, seed=2)


def test_a_painting_that_finds_the_disk_full_has_room_made_for_it(
    fresh_home: EngineHome, small_disk: SmallDisk
) -> None:
    """Another program fills the disk while it is painted; what nobody needs any more makes room enough."""
    with fresh_home.connect() as engine:
        for seed in range(3):
            paint(engine, 1024, 1024, seed)
        job = engine.submit("final", asking(random_pixels(700, 700), STYLES, Settings(seed=slow(40, 20))))
        wait_until_painting(job)
        filler = small_disk.folder / "of another program"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(bytes(1 << 16)):
                pass
        *_, last = events_of(job, PATIENCE)
        assert isinstance(last, Done)
    wait_for(lambda: not [path for path in fresh_home.pictures() if "." in path.name], "nothing half written")
