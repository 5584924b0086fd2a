"""The engine's life: its start, its files, its end."""

import contextlib
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fakes.engine import PATIENCE, EngineHome, is_running, random_pixels, wait_for
from fakes.jobs import asking, events_of
from fakes.painter import slow
from fakes.systems import needs_posix
from impasto_plugin.engine.client import Engine
from impasto_plugin.engine.launcher import find_or_start
from impasto_wire.errors import EngineUnavailable
from impasto_wire.settings import Settings

STYLE = [(random_pixels(8, 8), 1.0)]


def test_the_engine_answers_before_its_worker_is_ready(fresh_home: EngineHome) -> None:
    fresh_home.options = ("--painter", "fakes.painter:open_slowly")
    begun = time.monotonic()
    fresh_home.start()
    with fresh_home.connect() as engine:
        assert engine.welcome
        assert engine.welcome.devices == ()
        assert time.monotonic() - begun < PATIENCE / 4, "the slow painter takes 30 s"


@needs_posix
def test_only_the_owner_can_read_the_connection_file_and_the_pictures(fresh_home: EngineHome) -> None:
    fresh_home.start()
    assert stat.S_IMODE(fresh_home.connection_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(fresh_home.connection_file.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(fresh_home.spool.stat().st_mode) == 0o700


@needs_posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_engine_and_leaves_nothing(fresh_home: EngineHome, number: signal.Signals) -> None:
    process = fresh_home.start()
    with fresh_home.connect() as engine:
        job = engine.submit("final", asking(random_pixels(50, 50), STYLE, Settings(seed=slow(1000, 10))))
        wait_for(lambda: job.next_event(0.1), "the job's first event")
        worker = fresh_home.worker()
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0
        with pytest.raises(EngineUnavailable, match="stopped"):
            list(events_of(job, PATIENCE))
    assert not is_running(worker.pid)
    left = [path for path in fresh_home.folder.rglob("*") if not path.is_dir() and path != fresh_home.log_file]
    assert left == []
    assert list(fresh_home.spool.iterdir()) == []


def test_two_starts_give_one_engine(fresh_home: EngineHome) -> None:
    first = fresh_home.start()
    second = subprocess.run(
        fresh_home.command, env={**os.environ, **fresh_home.environment}, capture_output=True, timeout=PATIENCE
    )
    assert second.returncode == 0
    assert b"already running" in second.stderr
    assert first.poll() is None
    fresh_home.connect().close()


def test_filters_that_start_at_once_share_one_engine(fresh_home: EngineHome) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        engines = list(pool.map(lambda _: find_or_start(fresh_home.config), range(4)))
    for engine in engines:
        assert engine.welcome
        engine.close()
    assert fresh_home.log().count("listens at") == 1


def test_a_killed_engine_is_replaced_and_leaves_no_worker(fresh_home: EngineHome) -> None:
    process = fresh_home.start()
    worker = fresh_home.warm_worker()
    [old_run] = fresh_home.spool.glob("run-*")
    process.kill()
    process.wait()
    wait_for(lambda: not is_running(worker.pid), "the orphaned worker's end")
    assert fresh_home.connection_file.exists(), "it had no chance to delete it"
    half = fresh_home.connection_file.with_name(".connection.json.1.part")
    half.write_text("{")
    with find_or_start(fresh_home.config) as engine:
        assert engine.paint(asking(random_pixels(9, 9), STYLE)).width == 9
    assert fresh_home.pid() != process.pid
    assert not old_run.exists()
    assert not half.exists()


def test_the_engine_ends_with_its_parent(fresh_home: EngineHome) -> None:
    parent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = fresh_home.start("--parent", str(parent.pid))
    parent.communicate(b"\n")
    assert process.wait(PATIENCE) == 0


def test_an_engine_that_nobody_needs_ends(fresh_home: EngineHome) -> None:
    process = fresh_home.start("--idle-minutes", "0.02")
    engine = fresh_home.connect()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(2.0)  # longer than its patience of 1.2 s
    assert process.poll() is None, "it must not end while someone is there"
    engine.close()
    assert process.wait(PATIENCE) == 0


@needs_posix
def test_painting_gives_way_to_whatever_else_runs(home: EngineHome) -> None:
    import psutil

    assert home.warm_worker().nice() == min(19, psutil.Process(home.pid()).nice() + 5)


def test_a_core_is_left_to_gimp_while_a_preview_is_painted(fresh_home: EngineHome) -> None:
    fresh_home.start()
    with fresh_home.connect() as engine:
        for purpose in ("final", "preview", "thumbnail", "final"):
            engine.paint(asking(random_pixels(9, 9), STYLE), purpose=purpose)  # type: ignore[arg-type]
    wait_for(lambda: fresh_home.log().count("a core is") == 2, "both changes in the log")
    left, used = (fresh_home.log().index(f"a core is {what}") for what in ("left", "used"))
    assert left < used


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="not running"):
        Engine.connect(tmp_path / "nowhere" / "connection.json")
