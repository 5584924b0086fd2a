"""An engine that runs is ended; nobody else's process is."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fakes.engine import EngineHome
from fakes.systems import needs_posix
from impasto_install.stop import stop_engine
from impasto_wire.connection import read_connection, write_connection

from .conftest import MakeSystem

SLEEPER = "import sys, time; print('up', flush=True); time.sleep(60)"


@pytest.fixture
def running() -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that are ended with the test."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        process.kill()
        process.communicate()


def start(running: list[subprocess.Popen[str]], *words: str) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", SLEEPER, *words], stdout=subprocess.PIPE, text=True)
    running.append(process)
    assert process.stdout and process.stdout.readline() == "up\n"
    return process


def named(folder: Path, pid: object) -> Path:
    path = folder / "connection.json"
    path.write_text(json.dumps({"pid": pid}))
    return path


@needs_posix
def test_an_engine_is_ended(machine: MakeSystem, tmp_path: Path, running: list[subprocess.Popen[str]]) -> None:
    engine = start(running, "impasto", "serve")
    stopped = stop_engine(machine(), None, named(tmp_path, engine.pid))
    assert stopped
    assert engine.wait(5) != 0


def test_a_process_that_took_over_the_number_is_left_alone(
    machine: MakeSystem, tmp_path: Path, running: list[subprocess.Popen[str]]
) -> None:
    other = start(running, "something", "else")
    assert not stop_engine(machine(), None, named(tmp_path, other.pid))
    assert other.poll() is None


@pytest.mark.parametrize("pid", [999_999_999, "x", None])
def test_a_stale_or_damaged_connection_file_ends_nothing(machine: MakeSystem, tmp_path: Path, pid: object) -> None:
    assert not stop_engine(machine(), None, named(tmp_path, pid))
    assert not stop_engine(machine(), None, tmp_path / "none.json")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[EngineHome]:
    """A place for a real engine."""
    engine = EngineHome(tmp_path)
    yield engine
    engine.stop()


def test_an_engine_is_asked_to_end_and_leaves_nothing(machine: MakeSystem, home: EngineHome) -> None:
    system, process = machine(sys.platform, **{**os.environ, **home.environment}), home.start()
    assert stop_engine(system, Path(sys.executable), home.connection_file)
    assert process.wait(5) == 0, "it was asked, not killed"
    assert not home.connection_file.exists()
    assert list(home.spool.iterdir()) == []
    assert not stop_engine(system, Path(sys.executable), home.connection_file)


def test_whoever_has_a_dead_engines_number_is_left_alone(
    machine: MakeSystem, home: EngineHome, running: list[subprocess.Popen[str]]
) -> None:
    """Also where it is a program of ours."""
    process = home.start()
    dead = read_connection(home.connection_file)
    process.kill()
    process.wait()
    other = start(running, "impasto", "status")
    write_connection(home.connection_file, replace(dead, pid=other.pid))
    system = machine(sys.platform, **{**os.environ, **home.environment})
    assert not stop_engine(system, Path(sys.executable), home.connection_file)
    assert other.poll() is None
    home.connection_file.unlink()
