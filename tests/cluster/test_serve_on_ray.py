"""An engine whose painters are on a Ray cluster: a filter sees what it always sees, the door and the devices."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from fakes.engine import PATIENCE, EngineHome, random_pixels, wait_for
from fakes.jobs import asking, events_of
from fakes.painter import slow
from fakes.ray_cluster import RayCluster
from impasto.painting.local_painter import LocalPainter
from impasto.request import drained
from impasto_plugin.engine.client import Engine
from impasto_plugin.engine.jobs import Done, Job
from impasto_wire.errors import EngineUnavailable, JobCancelled
from impasto_wire.messages import Progress
from impasto_wire.pictures import Pixels
from impasto_wire.settings import Settings

STYLE = [(random_pixels(8, 8), 1.0)]
FAKE = ("--painter", "fakes.painter:open_painter")
Open = Callable[..., EngineHome]


@pytest.fixture
def serve(cluster: RayCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Start an engine on the cluster."""
    homes = []
    for name, value in cluster.environment.items():
        monkeypatch.setenv(name, value)

    def begin(*options: str, address: str = cluster.address) -> EngineHome:
        homes.append(EngineHome(tmp_path / f"engine{len(homes)}", options=(*options, "--ray", address)))
        homes[-1].start()
        return homes[-1]

    yield begin
    for home in homes:
        home.stop()


def inverted(layer: Pixels) -> bytes:
    return bytes(255 - value for place, value in enumerate(layer.data) if place % 4 != 3)


def submit(engine: Engine, steps: int, milliseconds: int, number: int = 0) -> tuple[Job, bytes]:
    """A job of the painter that inverts, and what its painting will be."""
    layer = random_pixels(16, 16, seed=number)
    return engine.submit("final", asking(layer, STYLE, Settings(seed=slow(steps, milliseconds)))), inverted(layer)


def painting(job: Job) -> bytes:
    *_, last = events_of(job, 60)
    assert isinstance(last, Done)
    return last.picture.data


def wait_until_painting(job: Job) -> None:
    wait_for(lambda: isinstance(job.next_event(PATIENCE), Progress), "the first step")


def both_ready(engine: Engine) -> bool:
    return bool(engine.welcome and engine.welcome.devices == (f"fake on {socket.gethostname()}",) * 2)


@pytest.mark.timeout(600)
def test_a_filter_has_the_cluster_s_machines_as_devices_and_all_that_it_is_used_to(
    cluster: RayCluster, serve: Open
) -> None:
    with serve(*FAKE).connect() as engine:
        wait_for(lambda: both_ready(engine), "two machines", 60)
        jobs = [submit(engine, 40, 50, number) for number in range(2)]
        for job, _ in jobs:
            wait_until_painting(job)  # both at once
        assert [painting(job) == expected for job, expected in jobs] == [True] * 2

        kept, expected = submit(engine, 1000, 50)
        wait_until_painting(kept)
        kept.keep()
        assert painting(kept) == expected

        dropped, _ = submit(engine, 1000, 50)
        wait_until_painting(dropped)
        dropped.cancel()
        with pytest.raises(JobCancelled):
            painting(dropped)

        # What a machine had in hand when it was lost, another begins again.
        lost = [submit(engine, 60, 50, number) for number in range(2)]
        for job, _ in lost:
            wait_until_painting(job)
        cluster.kill("one")
        try:
            assert [painting(job) == expected for job, expected in lost] == [True] * 2
        finally:
            cluster.add("one")
        wait_for(lambda: both_ready(engine), "the machine that came back", 100)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_real_painter_paints_there_what_it_would_here(serve: Open) -> None:
    layer, style, settings = random_pixels(48, 32, seed=3), random_pixels(40, 40), Settings(quality="draft")
    with serve().connect() as engine:
        job = engine.submit("final", asking(layer, [(style, 1.0)], settings))
        far = painting(job)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as each machine has
    try:
        request = asking(layer, [(style, 1.0)], settings).with_pictures(array_of)
        here = drained(LocalPainter("cpu").paint(request))
    finally:
        torch.set_num_threads(threads)
    assert far == here.tobytes()


def test_where_no_cluster_is_each_job_hears_it(serve: Open) -> None:
    with serve(address="127.0.0.1:9").connect() as engine:
        job, _ = submit(engine, 1, 10)
        with pytest.raises(EngineUnavailable, match="no Ray cluster answers at"):
            painting(job)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--ray", "auto"), "ray is auto; the engine uses this machine's GPUs without Ray, leave --ray out"),
        (("--ray", "studio:6379", "--worker-cpus", "0"), "worker_cpus is 0; it must be at least 1"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, options: tuple[str, ...], sentence: str) -> None:
    done = EngineHome(tmp_path).impasto("serve", *options)
    assert (done.returncode, done.stderr) == (2, f"impasto: {sentence}\n")


def array_of(pixels: Pixels) -> np.ndarray:
    return np.frombuffer(pixels.data, np.uint8).reshape(pixels.height, pixels.width, 4)
