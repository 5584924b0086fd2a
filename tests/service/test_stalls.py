"""Time: what is stopped for a while goes on, whoever it was; what hangs for good is replaced."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import zmq

from fakes.broker import FakeBroker, FakeTime
from fakes.engine import PATIENCE, EngineHome, RawClient, wait_for
from fakes.jobs import assert_engine_is_well
from impasto.service import supervisor
from impasto.service.clock import Clock
from impasto.service.pool import ProcessEnded, WorkerPool
from impasto.service.session import LEASE_SECONDS
from impasto.service.supervisor import SILENT_SECONDS, WorkerOptions
from impasto_wire.messages import Failed, Ping, Pong, Progress

HOUR = 3600.0


@pytest.fixture
def broker(tmp_path: Path) -> FakeBroker:
    made = FakeBroker(tmp_path)
    made.connect("ann")
    return made


def is_connected(broker: FakeBroker, client: str) -> bool:
    """Does the engine answer its ping?"""
    before = len(broker.told(client))
    broker.receive(client, Ping(7))
    return Pong(7) in broker.told(client)[before:]


# The broker's clock


def test_a_clock_goes_as_time_does_while_it_ticks() -> None:
    now = FakeTime()
    clock = Clock(now)
    for _ in range(40):
        now.now += 0.25
        clock.tick()
    assert clock.now() == pytest.approx(10)
    now.now += 0.5
    assert clock.now() == pytest.approx(10.5), "between two ticks too"


@pytest.mark.parametrize("stall", [30.0, HOUR])
def test_a_clock_does_not_count_its_own_stalls(stall: float) -> None:
    now = FakeTime()
    clock = Clock(now)
    now.now += stall
    assert clock.now() <= 1, "even before the next tick"
    clock.tick()
    assert clock.now() <= 1


# Leases


def test_a_client_that_is_silent_loses_its_session(broker: FakeBroker) -> None:
    for _ in range(round(LEASE_SECONDS / 0.25)):
        broker.turn(0.25)
    assert is_connected(broker, "ann")
    for _ in range(round(LEASE_SECONDS / 0.25) + 1):
        broker.turn(0.25)
    assert not is_connected(broker, "ann")


@pytest.mark.parametrize("stall", [7.0, 30.0, HOUR])
def test_the_brokers_own_stall_ends_no_session(broker: FakeBroker, stall: float) -> None:
    broker.run(3, "ann")
    broker.turn(stall)
    assert is_connected(broker, "ann")


def test_while_messages_are_unread_a_lease_is_longer_but_not_endless(broker: FakeBroker) -> None:
    for _ in range(round(2 * LEASE_SECONDS / 0.25)):
        broker.time.now += 0.25
        broker.pool.clock.tick()
        broker.clients.end_sessions(is_all_read=False)
    assert is_connected(broker, "ann")
    for _ in range(round(5 * LEASE_SECONDS / 0.25)):
        broker.time.now += 0.25
        broker.pool.clock.tick()
        broker.clients.end_sessions(is_all_read=False)
    assert not is_connected(broker, "ann")


# A worker that hangs


def begun(broker: FakeBroker) -> str:
    """A job of 81 pixels that is being painted."""
    job = broker.submit("ann")
    broker.run(1, "ann")
    assert broker.painted() == job
    return job


def test_a_painting_that_takes_no_step_for_too_long_ends_its_worker(broker: FakeBroker) -> None:
    job = begun(broker)
    broker.run(SILENT_SECONDS - 10, "ann")
    assert broker.worker.is_alive
    broker.run(20, "ann")
    assert not broker.worker.is_alive
    broker.dies()
    (failed,) = [message for message in broker.told("ann") if isinstance(message, Failed)]
    assert failed.job == job
    assert "took no step for several minutes" in failed.message


def test_each_sign_of_life_gives_a_painting_more_time(broker: FakeBroker) -> None:
    job = begun(broker)
    for number in range(3):
        broker.run(SILENT_SECONDS - 10, "ann")
        broker.worker.hear()
        broker.says(Progress(broker.key(job), 1, 1, number + 1, 9, 0.1, 1.0, None))
    assert broker.worker.is_alive


def test_a_large_layers_steps_may_take_longer(broker: FakeBroker) -> None:
    key = broker.key(begun(broker))
    broker.worker._pixels[key] = 24_000_000
    broker.run(SILENT_SECONDS + 1000, "ann")
    assert broker.worker.is_alive


def test_an_idle_worker_may_be_silent_and_counts_from_its_next_job(broker: FakeBroker) -> None:
    broker.worker.note_idle()
    broker.run(2 * SILENT_SECONDS, "ann")
    assert broker.worker.is_alive
    broker.submit("ann")
    broker.run(SILENT_SECONDS - 10, "ann", obeys=False)
    broker.worker.note_idle()  # what it said before the job reached it
    broker.run(5, "ann", obeys=False)
    assert broker.worker.is_alive
    broker.run(20, "ann", obeys=False)
    assert not broker.worker.is_alive


def test_a_stall_of_the_broker_is_no_workers_fault(broker: FakeBroker) -> None:
    begun(broker)
    broker.turn(HOUR)
    assert broker.worker.is_alive


def test_a_worker_that_hangs_while_it_loads_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real process, whose painter takes half a minute to open."""
    home = EngineHome(tmp_path)
    for name, value in home.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(supervisor, "SILENT_SECONDS", 0.3)
    with zmq.Context[zmq.Socket[bytes]]() as context:
        pool = WorkerPool(context, WorkerOptions(tmp_path, "fakes.painter:open_slowly", 60), "cpu")
        (worker,) = pool

        def is_replaced() -> bool:
            pool.clock.tick()
            pool.start_workers()
            for _, message in pool.messages():
                assert isinstance(message, ProcessEnded)
                worker.clean_up()
            if worker.is_hung():
                worker.kill()
            return worker.generation == 2

        wait_for(is_replaced, "the next process")
        pool.close()


# Real processes that are stopped


@pytest.mark.long
def test_a_broker_that_was_stopped_for_seconds_ends_no_session(fresh_home: EngineHome) -> None:
    """It read 16 messages, looked at the clock, and ended the sessions of the other four."""
    process = fresh_home.start()
    connected = [RawClient.of(fresh_home) for _ in range(20)]
    process.send_signal(signal.SIGSTOP)
    end = time.monotonic() + LEASE_SECONDS + 2
    while time.monotonic() < end:
        for client in connected:
            client.send(Ping(1))
        time.sleep(0.5)
    process.send_signal(signal.SIGCONT)
    for client in connected:
        client.ping(7)
        client.close()
    assert_engine_is_well(fresh_home)


_FILTER = """
import sys
from pathlib import Path
from fakes.jobs import LONG, STYLES, asking, wait_until_painting
from fakes.engine import random_pixels
from impasto_plugin.engine.client import Engine
from impasto_plugin.engine.transport import ZmqTransport
from impasto_wire.connection import read_connection
engine = Engine(ZmqTransport(read_connection(Path(sys.argv[1]))), silence_seconds=4.0).wait_for_welcome(20)
job = engine.submit("final", asking(random_pixels(20, 20), STYLES, LONG))
wait_until_painting(job)
print("painting", flush=True)
sys.stdin.readline()
while job.next_event(0):
    pass
wait_until_painting(job)
print("still painting", flush=True)
"""


@pytest.mark.long
@pytest.mark.parametrize("stopped", ["the filter", "everything"])
def test_a_filter_goes_on_after_everything_was_stopped_and_is_told_where_it_alone_was(
    fresh_home: EngineHome, stopped: str
) -> None:
    """A closed laptop stops all; a filter that alone is stopped for so long has lost its session, and says so."""
    engine = fresh_home.start()
    worker = fresh_home.warm_worker()
    filter_ = subprocess.Popen(
        [sys.executable, "-c", _FILTER, str(fresh_home.connection_file)],
        env={**os.environ, **fresh_home.environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert filter_.stdout
    assert filter_.stdout.readline() == "painting\n"
    pids = [filter_.pid, engine.pid, worker.pid] if stopped == "everything" else [filter_.pid]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(LEASE_SECONDS + 3)
    for pid in reversed(pids):
        os.kill(pid, signal.SIGCONT)
    time.sleep(1)
    out, errors = filter_.communicate("\n", timeout=PATIENCE)
    if stopped == "everything":
        assert out == "still painting\n", errors
    else:
        assert "EngineUnavailable: the session has ended" in errors
    assert_engine_is_well(fresh_home)
