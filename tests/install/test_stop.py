"""An engine that runs is ended; nobody else's process is."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from impasto_install.stop import stop_engine

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


def test_an_engine_is_ended(machine: MakeSystem, tmp_path: Path, running: list[subprocess.Popen[str]]) -> None:
    engine = start(running, "impasto", "serve")
    stopped = stop_engine(machine(), named(tmp_path, engine.pid))
    assert stopped
    assert engine.wait(5) != 0


def test_a_process_that_took_over_the_number_is_left_alone(
    machine: MakeSystem, tmp_path: Path, running: list[subprocess.Popen[str]]
) -> None:
    other = start(running, "something", "else")
    assert not stop_engine(machine(), named(tmp_path, other.pid))
    assert other.poll() is None


@pytest.mark.parametrize("pid", [999_999_999, "x", None])
def test_a_stale_or_damaged_connection_file_ends_nothing(machine: MakeSystem, tmp_path: Path, pid: object) -> None:
    assert not stop_engine(machine(), named(tmp_path, pid))
    assert not stop_engine(machine(), tmp_path / "none.json")
