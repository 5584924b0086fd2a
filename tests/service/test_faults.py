"""Workers and engines that die, hang or vanish: whoever waits hears of it, and the next job works."""

import signal
import time
from pathlib import Path

import pytest

from fakes import painter
from fakes.engine import PATIENCE, EngineHome, RawClient, is_running, random_pixels, wait_for
from fakes.jobs import LONG, STYLES, asking, assert_engine_is_well, events_of, wait_until_painting
from fakes.painter import slow
from impasto_plugin.engine.client import Engine
from impasto_plugin.engine.jobs import Done
from impasto_plugin.engine.transport import ZmqTransport
from impasto_wire.connection import read_connection
from impasto_wire.errors import EngineFault, EngineUnavailable, WeightsMissing, WorkerDied
from impasto_wire.messages import AskForecast, Forecasted
from impasto_wire.settings import Settings


def test_a_worker_killed_in_mid_job_is_told_within_two_seconds_and_replaced(home: EngineHome) -> None:
    worker = home.warm_worker()
    with home.connect() as engine:
        job = engine.submit("final", asking(random_pixels(64, 64), STYLES, LONG))
        wait_until_painting(job)
        killed = time.monotonic()
        worker.kill()
        with pytest.raises(WorkerDied, match="try again"):
            list(events_of(job, PATIENCE))
        assert time.monotonic() - killed < 2.0
        assert engine.paint(asking(random_pixels(9, 9), STYLES)).width == 9
    assert home.worker().pid != worker.pid
    assert_engine_is_well(home)


def test_a_painter_that_crashes_takes_only_its_own_job(home: EngineHome) -> None:
    with home.connect() as engine, home.connect() as other:
        thumbnail = engine.submit("thumbnail", asking(random_pixels(20, 20), STYLES, Settings(seed=slow(30, 20))))
        wait_until_painting(thumbnail)
        doomed = other.submit("final", asking(random_pixels(21, 20), STYLES, Settings(seed=painter.DIES)))
        waiting = engine.submit("final", asking(random_pixels(22, 20), STYLES))
        with pytest.raises(WorkerDied):
            list(events_of(doomed, PATIENCE))
        for job in (thumbnail, waiting):
            *_, last = events_of(job, PATIENCE)
            assert isinstance(last, Done)
    assert_engine_is_well(home)


def test_a_worker_that_does_not_stop_is_replaced_when_it_is_needed(fresh_home: EngineHome) -> None:
    fresh_home.start()
    worker = fresh_home.warm_worker()
    with fresh_home.connect() as engine:
        stuck = engine.submit("final", asking(random_pixels(20, 20), STYLES, Settings(seed=painter.HANGS)))
        wait_for(lambda: "it hangs" in fresh_home.log(), "the first step")
        stuck.cancel()
        assert engine.paint(asking(random_pixels(9, 9), STYLES)).width == 9
    assert not is_running(worker.pid)


def test_a_worker_that_reads_nothing_stops_nobody(fresh_home: EngineHome) -> None:
    fresh_home.start()
    worker = fresh_home.warm_worker()
    worker.suspend()
    with RawClient.of(fresh_home) as one, RawClient.of(fresh_home) as two:
        for number in range(256):  # 40 KiB from each, more than a pipe holds
            for client in (one, two):
                client.send(AskForecast(f"{number:032x}", 640, 480, Settings()))
        for client in (one, two):
            client.ping(7)
        worker.resume()
        assert one.expect(Forecasted).bytes == 640 * 480 * 10
    assert_engine_is_well(fresh_home)


def test_a_worker_that_cannot_load_is_tried_again_and_each_job_is_told(fresh_home: EngineHome) -> None:
    fresh_home.options = ("--painter", "fakes.no_such_module:open_painter")
    fresh_home.start()
    with fresh_home.connect() as engine:
        for _ in range(2):
            with pytest.raises(EngineFault, match=r"no_such_module.*install again"):
                engine.paint(asking(random_pixels(9, 9), STYLES))
    assert "no_such_module" in fresh_home.log(), "the log says why"


def test_missing_weights_are_told_to_each_job(fresh_home: EngineHome) -> None:
    fresh_home.options = ("--painter", "fakes.painter:open_without_weights")
    fresh_home.start()
    with fresh_home.connect() as engine:
        for _ in range(2):
            with pytest.raises(WeightsMissing, match="no weights"):
                engine.paint(asking(random_pixels(9, 9), STYLES))


def test_weights_that_came_later_are_found_without_a_job(
    fresh_home: EngineHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_WEIGHTS", str(tmp_path / "weights"))
    fresh_home.options = ("--painter", "fakes.painter:open_once_it_is_there", "--rest", "0.2")
    fresh_home.start()
    wait_for(lambda: "no weights for vgg19" in fresh_home.log(), "the first look")
    (tmp_path / "weights").touch()
    fresh_home.warm_worker()


def test_an_engine_that_falls_silent_is_given_up(fresh_home: EngineHome) -> None:
    process = fresh_home.start()
    transport = ZmqTransport(read_connection(fresh_home.connection_file))
    with Engine(transport, silence_seconds=4.0).wait_for_welcome(PATIENCE) as engine:
        job = engine.submit("final", asking(random_pixels(20, 20), STYLES, LONG))
        wait_until_painting(job)
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(EngineUnavailable, match="silent"):
            list(events_of(job, PATIENCE))
        process.send_signal(signal.SIGCONT)


def test_a_killed_engine_is_noticed_at_once(fresh_home: EngineHome) -> None:
    process = fresh_home.start()
    with fresh_home.connect() as engine:
        job = engine.submit("final", asking(random_pixels(20, 20), STYLES, LONG))
        wait_until_painting(job)
        process.kill()
        killed = time.monotonic()
        with pytest.raises(EngineUnavailable):
            list(events_of(job, PATIENCE))
        assert time.monotonic() - killed < 2
        with pytest.raises(EngineUnavailable):
            engine.submit("final", asking(random_pixels(20, 20), STYLES, LONG))
    process.wait()


def test_an_engine_object_may_be_closed_twice(home: EngineHome) -> None:
    engine: Engine = home.connect()
    engine.close()
    engine.close()
    with pytest.raises(EngineUnavailable):
        engine.submit("final", asking(random_pixels(4, 4), STYLES))
