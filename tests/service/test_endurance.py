"""Many jobs, many clients, many deaths: the engine stays as it was. Small counts here, the full ones with --long."""

import contextlib
import os
import random
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from fakes.engine import PATIENCE, EngineHome, RawClient, random_pixels, wait_for
from fakes.jobs import asking, events_of
from fakes.painter import slow
from impasto.service.accounts import OWN
from impasto_plugin.engine.jobs import Done
from impasto_wire.errors import WorkerDied
from impasto_wire.messages import Progress
from impasto_wire.pictures import Pixels
from impasto_wire.settings import Settings

STYLE = [(random_pixels(8, 8), 1.0)]


def inverted(layer: Pixels) -> bytes:
    rgb = bytearray(layer.data)
    del rgb[3::4]
    return bytes(rgb).translate(bytes(range(255, -1, -1)))


def assert_engine_is_well(home: EngineHome, seed: int) -> None:
    """It answers a ping within a second and paints the next job right."""
    with RawClient.of(home) as client:
        client.ping(7, seconds=1.0)
    layer = random_pixels(16, 16, seed=seed)
    with home.connect() as engine:
        assert engine.paint(asking(layer, STYLE, Settings(seed=slow(1, 1)))).data == inverted(layer)


def kill_workers(home: EngineHome, jobs: int) -> None:
    dice = random.Random(jobs)
    died = 0
    with home.connect() as engine:
        for number in range(jobs):
            layer = random_pixels(64, 64, seed=number)
            worker = home.warm_worker()
            killer = threading.Timer(dice.uniform(0, 0.15), worker.kill)
            killer.start()
            begun = time.monotonic()
            try:
                assert engine.paint(asking(layer, STYLE, Settings(seed=slow(10, 10)))).data == inverted(layer)
            except WorkerDied:
                died += 1
                assert time.monotonic() - begun < PATIENCE
            killer.join()
            wait_for(lambda worker=worker: home.worker().pid != worker.pid, "another worker")  # type: ignore[misc]
    assert died, "no job was hit"
    assert_engine_is_well(home, jobs)


@pytest.mark.timeout(200)
def test_workers_killed_at_random_moments_lose_their_own_job_at_most(fresh_home: EngineHome) -> None:
    fresh_home.start()
    kill_workers(fresh_home, 8)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_two_hundred_workers_killed_at_random_moments(fresh_home: EngineHome) -> None:
    fresh_home.start()
    kill_workers(fresh_home, 200)


PAINTS_FOREVER = """
import sys
from pathlib import Path
from fakes.engine import random_pixels
from fakes.jobs import asking
from fakes.painter import slow
from impasto_plugin.engine.client import Engine
from impasto_wire.settings import Settings
engine = Engine.connect(Path(sys.argv[1]), 20)
print("connected", flush=True)
for seed in range(1000):
    engine.paint(asking(random_pixels(1200, 900, seed=seed), [(random_pixels(8, 8), 1.0)], Settings(seed=slow(5, 20))))
"""


def kill_clients(home: EngineHome, times: int) -> None:
    """Kill a client somewhere between the first band that it sends and the last that it fetches."""
    dice = random.Random(times)
    for number in range(times):
        command = [sys.executable, "-c", PAINTS_FOREVER, str(home.connection_file)]
        with subprocess.Popen(command, env={**os.environ, **home.environment}, stdout=subprocess.PIPE) as client:
            assert client.stdout
            assert client.stdout.readline() == b"connected\n"
            with contextlib.suppress(subprocess.TimeoutExpired):
                client.wait(dice.uniform(0, 0.8))
            client.kill()
        assert_engine_is_well(home, number)
    wait_for(lambda: home.log().count("begins") == home.log().count(" ends\n"), "the end of all sessions")
    passing = [path.name for path in home.pictures() if "." in path.name]
    assert not passing, "half pictures, or paintings that nobody took over"


@pytest.mark.parametrize("times", [pytest.param(4, id="few"), pytest.param(100, id="many", marks=pytest.mark.long)])
@pytest.mark.timeout(1200)
def test_clients_killed_at_random_moments_harm_nobody_and_leave_nothing(fresh_home: EngineHome, times: int) -> None:
    fresh_home.start()
    kill_clients(fresh_home, times)


def paint_together(home: EngineHome, clients: int) -> None:
    def paint(number: int) -> bool:
        layer = random_pixels(60, 60, seed=number)
        with home.connect() as engine:
            return engine.paint(asking(layer, STYLE, Settings(seed=slow(2, 5)))).data == inverted(layer)

    with ThreadPoolExecutor(clients) as pool:
        assert all(pool.map(paint, range(clients)))
    assert_engine_is_well(home, clients)


def test_many_clients_at_once_each_get_their_own_painting(home: EngineHome) -> None:
    paint_together(home, 12)


@pytest.mark.long
def test_as_many_clients_as_may_be_at_once_each_get_their_own_painting(home: EngineHome) -> None:
    paint_together(home, OWN.sessions)


def slope(values: list[int]) -> float:
    """Least squares, in MiB a step."""
    count, middle = len(values), (len(values) - 1) / 2
    mean = sum(values) / count
    above = sum((place - middle) * (value - mean) for place, value in enumerate(values))
    return above / sum((place - middle) ** 2 for place in range(count)) / (1 << 20)


def paint_in_a_row(home: EngineHome, jobs: int) -> None:
    """Memory and descriptors of broker and worker do not grow with the jobs."""
    processes = [psutil.Process(home.pid()), home.warm_worker()]
    memory: list[list[int]] = [[], []]
    with home.connect() as engine:
        for number in range(jobs):
            layer = random_pixels(256, 256, seed=number)
            assert engine.paint(asking(layer, STYLE, Settings(seed=slow(1, 1)))).data == inverted(layer)
            if number == 20:
                descriptors = [process.num_fds() for process in processes]
            if number >= 20:
                for sizes, process in zip(memory, processes, strict=True):
                    sizes.append(process.memory_info().rss)
        assert [process.num_fds() for process in processes] <= [most + 2 for most in descriptors]
    assert max(slope(sizes) for sizes in memory) < 0.1
    held = sum(path.stat().st_size for path in home.pictures())
    assert held <= (jobs + 1) * 256 * 256 * 4, "no results, no previews, nothing but layers and the style"


def test_jobs_in_a_row_leave_nothing_behind(fresh_home: EngineHome) -> None:
    fresh_home.start()
    paint_in_a_row(fresh_home, 100)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_five_hundred_jobs_in_a_row_leave_nothing_behind(fresh_home: EngineHome) -> None:
    fresh_home.start()
    paint_in_a_row(fresh_home, 500)


def test_a_full_disk_for_the_log_stops_nobody(fresh_home: EngineHome) -> None:
    fresh_home.log_file.parent.mkdir(parents=True)
    fresh_home.log_file.symlink_to("/dev/full")
    fresh_home.start()
    for seed in range(3):
        assert_engine_is_well(fresh_home, seed)
    fresh_home.stop()
    assert not fresh_home.connection_file.exists()


def faketime() -> Path | None:
    """The library that lies about the time, where it is installed."""
    return next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


@pytest.mark.skipif(not faketime(), reason="libfaketime is not installed (Debian: libfaketime)")
def test_a_clock_that_jumps_ends_no_lease_and_no_job(fresh_home: EngineHome, monkeypatch: pytest.MonkeyPatch) -> None:
    offset = fresh_home.folder / "offset"
    offset.write_text("+0")
    variables = {
        "LD_PRELOAD": str(faketime()),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    process = fresh_home.start()
    for name in variables:
        monkeypatch.delenv(name)
    with fresh_home.connect() as engine:
        job = engine.submit("final", asking(random_pixels(20, 20), STYLE, Settings(seed=slow(40, 50))))
        wait_for(lambda: isinstance(job.next_event(PATIENCE), Progress), "the first step")
        for jump in ("+1d", "-30d", "+0"):
            offset.write_text(jump)
            wait_for(lambda: isinstance(job.next_event(PATIENCE), Progress), "a step")
        *_, last = events_of(job, PATIENCE)
        assert isinstance(last, Done)
    assert_engine_is_well(fresh_home, 1)
    process.kill()  # libfaketime breaks Python's own waiting, which an orderly end needs
    process.wait()


@pytest.mark.parametrize("rounds", [pytest.param(3, id="few"), pytest.param(40, id="many", marks=pytest.mark.long)])
@pytest.mark.timeout(300)
def test_engines_killed_and_started_again_clean_up_after_each_other(fresh_home: EngineHome, rounds: int) -> None:
    for number in range(rounds):
        process = fresh_home.start()
        assert_engine_is_well(fresh_home, number)
        process.kill()
        process.wait()
    fresh_home.start()
    assert len(list(fresh_home.spool.glob("run-*"))) == 1
