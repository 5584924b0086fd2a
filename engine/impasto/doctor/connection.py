"""Findings about the connection file: is it its owner's alone, whole, and a living engine's of this version?"""

import os
from collections.abc import Iterator
from pathlib import Path

from impasto.service.control import ask_status, find_engine, is_alive
from impasto_wire import __version__
from impasto_wire.connection import REMOTE
from impasto_wire.errors import EngineUnavailable

from .finding import Finding, State
from .places import set_aside

_WHAT = "connection file"


def connection(path: Path) -> Iterator[Finding]:
    """The connection file, and the engine that it speaks of; a living one mends its own within a second or two."""
    if not os.path.lexists(path) and not is_alive(path):
        yield Finding(_WHAT, "ok", "none, as no engine is running; the filter starts one when it needs it")
    else:
        yield _looked_at(path)


def _looked_at(path: Path) -> Finding:
    try:
        is_remote = find_engine(path).pid == REMOTE
    except EngineUnavailable as error:
        return _useless(path, str(error))
    try:
        status = ask_status(path)
    except EngineUnavailable as error:
        if is_remote:
            return Finding(_WHAT, "wrong", f"the other machine's engine doesn't answer: {error}", "start it there")
        return _unanswered(path, str(error))
    if status.version != __version__:
        told = f"an engine of version {status.version} is still running, and this is {__version__}"
        return Finding(_WHAT, "warning", told, "run: impasto stop")
    whose = "another machine's engine" if is_remote else f"the engine (process {status.pid})"
    return Finding(_WHAT, "ok", f"its owner's alone; {whose} answers")


def _useless(path: Path, told: str) -> Finding:
    """What stands there can't be used, nor does an engine mend it: the next one to look makes a new one."""
    state: State = "wrong" if is_alive(path) else "warning"
    return Finding(_WHAT, state, told, "run: impasto doctor --fix", lambda: _take_away(path))


def _unanswered(path: Path, told: str) -> Finding:
    """A living engine that doesn't answer keeps its file; a dead one's may go."""
    if is_alive(path):
        return Finding(_WHAT, "wrong", told, "end the engine's process by hand")
    return Finding(_WHAT, "warning", told, f"run: rm {path}", lambda: None if is_alive(path) else _take_away(path))


def _take_away(path: Path) -> None:
    """Delete the file; whatever else stands in its place is set aside."""
    if path.is_dir() and not path.is_symlink():
        set_aside(path)
    else:
        path.unlink(missing_ok=True)
