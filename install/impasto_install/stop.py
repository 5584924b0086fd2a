"""Ends the engine that is running, so that it can be replaced or removed."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

from .system import System

PATIENCE = 10.0


def stop_engine(system: System, connection_file: Path) -> bool:
    """Ask the engine that a connection file names to end, and see to it; True if one was running."""
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
    if os.name == "posix":
        os.kill(process, signal.SIGKILL)
    return True


def _is_the_engine(system: System, process: int) -> bool:
    """Does this process run, and is it an Impasto engine?"""
    if os.name == "nt":
        return "python" in system.ask(["tasklist", "/FI", f"PID eq {process}", "/NH"])
    arguments = Path(f"/proc/{process}/cmdline")
    if Path("/proc/self").exists():
        try:
            words = arguments.read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            return False
    else:
        words = system.ask(["ps", "-p", str(process), "-o", "args="]).split()
    return "impasto" in words or any(word.endswith("/impasto") for word in words)
