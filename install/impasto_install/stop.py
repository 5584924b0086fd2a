"""Ends the engine that is running, so that it can be replaced or removed."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

from .system import System

PATIENCE = 10.0
STOP_SECONDS = 30.0


def stop_engine(system: System, python: Path | None, connection_file: Path) -> bool:
    """See to it that the engine which a connection file names ends; True if one was running.

    `python` is an engine's, whose `impasto stop` asks the running one to end: whoever has its number by now isn't
    asked. Where that fails, a signal ends it, but on Windows, where that would end it in the middle of its work.
    """
    if not connection_file.exists():
        return False
    if python and python.exists():
        command = [str(python), "-m", "impasto", "stop", "--connection-file", str(connection_file)]
        if system.succeeds(command, STOP_SECONDS):
            return True
    return os.name == "posix" and _end_by_signal(system, connection_file)


def _end_by_signal(system: System, connection_file: Path) -> bool:
    try:
        process = int(json.loads(connection_file.read_text(encoding="utf-8"))["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
    if not _is_the_engine(system, process):
        return False  # it ended long ago, and the number may be somebody else's by now
    os.kill(process, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if not _is_the_engine(system, process):
            return True
        time.sleep(0.05)
    os.kill(process, signal.SIGKILL)
    return True


def _is_the_engine(system: System, process: int) -> bool:
    """Does this process run, and is it an Impasto engine?"""
    arguments = Path(f"/proc/{process}/cmdline")
    if Path("/proc/self").exists():
        try:
            words = arguments.read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            return False
    else:
        words = system.ask(["ps", "-p", str(process), "-o", "args="]).split()
    return "serve" in words and ("impasto" in words or any(word.endswith("/impasto") for word in words))
