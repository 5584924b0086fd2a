"""Finds the running engine, or starts it."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from impasto_wire.errors import EngineUnavailable, VersionMismatch

from .client import Engine

START_SECONDS = 15.0
_INSTALL = "run: python3 install/install.py"
_FILTER_FOLDER = Path(__file__).resolve().parent.parent
_NOT_INHERITED = ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONDONTWRITEBYTECODE")
"""What a GIMP sets for its own Python, and what would mislead the engine's."""


@dataclass(frozen=True)
class EngineConfig:
    """What the installer knows of the engine: how to start it and where it says how it is reached."""

    command: tuple[str, ...]
    connection_file: Path
    log_file: Path
    version: str


def read_config(folder: Path = _FILTER_FOLDER) -> EngineConfig:
    """The engine's configuration, from `$IMPASTO_ENGINE` or `engine.json`. Raises `EngineUnavailable`."""
    path = Path(os.environ.get("IMPASTO_ENGINE") or folder / "engine.json")
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return EngineConfig(
            tuple(map(str, values["command"])),
            Path(values["connection_file"]).expanduser(),
            Path(values["log_file"]).expanduser(),
            str(values["version"]),
        )
    except FileNotFoundError as error:
        raise EngineUnavailable(f"the Impasto engine is not installed; {_INSTALL}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineUnavailable(f"{path} is damaged; {_INSTALL}") from error


def find_or_start(config: EngineConfig, timeout: float = START_SECONDS) -> Engine:
    """A session with the running engine; starts it if none answers. Raises `EngineUnavailable` in a sentence."""
    stale = _stamp(config.connection_file)
    if stale:
        try:
            return Engine.connect(config.connection_file)
        except VersionMismatch:
            raise
        except EngineUnavailable:
            if stale == _stamp(config.connection_file) and not _is_private(config.connection_file):
                raise
    return _await(config, start(config), stale, timeout)


def start(config: EngineConfig) -> "subprocess.Popen[bytes]":
    """Start the engine on its own, so that it outlives GIMP's plug-in."""
    if os.environ.get("FLATPAK_ID"):
        raise EngineUnavailable("GIMP's Flatpak can't start the Impasto engine; run `impasto serve` in a terminal")
    environment = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NO_WINDOW if sys.platform == "win32" else 0
    try:
        return subprocess.Popen(
            config.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
            creationflags=flags,
        )
    except OSError as error:
        raise EngineUnavailable(f"the Impasto engine can't be started ({error.strerror}); {_INSTALL}") from error


def _await(
    config: EngineConfig, process: "subprocess.Popen[bytes]", stale: tuple[int, int] | None, timeout: float
) -> Engine:
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        stamp = _stamp(config.connection_file)
        if stamp and stamp != stale:
            try:
                return Engine.connect(config.connection_file, max(0.5, end - time.monotonic()))
            except VersionMismatch:
                raise
            except EngineUnavailable:
                stale = stamp
        if process.poll():  # 0: another one had just been started
            raise EngineUnavailable(f"the Impasto engine could not start; its log is {config.log_file}")
        time.sleep(0.02)
    raise EngineUnavailable(f"the Impasto engine did not start within {timeout:g} s; its log is {config.log_file}")


def _stamp(path: Path) -> tuple[int, int] | None:
    """What tells one connection file from the next."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino


def _is_private(path: Path) -> bool:
    return os.name != "posix" or not path.stat().st_mode & 0o077
