"""Findings about the connection file: is it its owner's alone, whole, and a living engine's of this version?"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from impasto.locks import FileLock
from impasto.service.control import ask_status
from impasto_wire import __version__
from impasto_wire.connection import REMOTE, read_connection
from impasto_wire.errors import EngineUnavailable

from .finding import Finding

_WHAT = "connection file"


def connection(path: Path) -> Iterator[Finding]:
    """The connection file, and the engine that it speaks of."""
    if not path.exists():
        yield Finding(_WHAT, "ok", "none, as no engine is running; the filter starts one when it needs it")
    elif os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        remedy = f"run: chmod 600 {path} && impasto stop (its keys may be known by now)"
        yield Finding(_WHAT, "wrong", f"others can read {path}", remedy, lambda: path.chmod(0o600))
    else:
        yield _whole(path)


def _whole(path: Path) -> Finding:
    try:
        is_remote = read_connection(path).pid == REMOTE
    except EngineUnavailable:
        return _left_over(path, f"{path} is damaged")
    try:
        status = ask_status(path)
    except EngineUnavailable as error:
        if is_remote:
            return Finding(_WHAT, "wrong", f"the other machine's engine doesn't answer: {error}", "start it there")
        return _left_over(path, f"{path} is an engine's that doesn't answer")
    if status.version != __version__:
        told = f"an engine of version {status.version} is still running, and this is {__version__}"
        return Finding(_WHAT, "warning", told, "run: impasto stop")
    whose = "another machine's engine" if is_remote else f"the engine (process {status.pid})"
    return Finding(_WHAT, "ok", f"its owner's alone; {whose} answers")


def _left_over(path: Path, told: str) -> Finding:
    """A file that is of no use: a living engine holds the lock beside it, a dead one's may go."""
    lock = _lock(path)
    if not lock.acquire():
        return Finding(_WHAT, "wrong", told, "end the engine's process by hand")
    lock.close()
    return Finding(_WHAT, "warning", f"{told}, and no engine is running", f"run: rm {path}", lambda: _remove(path))


def _remove(path: Path) -> None:
    """Remove the file, unless an engine has begun meanwhile."""
    lock = _lock(path)
    if lock.acquire():
        path.unlink(missing_ok=True)
        lock.close()


def _lock(path: Path) -> FileLock:
    """What `impasto serve` holds as long as it lives."""
    return FileLock(path.with_suffix(".lock"))
