"""Findings about the engine's files and folders: are they what they should be, this person's, and nobody else's?"""

import contextlib
import functools
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from impasto.folders import Folders
from impasto.service.control import lock_of
from impasto.service.keys import PairedClients
from impasto_wire.files import READABLE_BY_OTHERS, WRITABLE_BY_OTHERS

from .finding import Finding

_ASIDE = ".set-aside-"


@dataclass(frozen=True)
class _Place:
    """A file or folder of the engine. `forbidden`: the rights that others may not have. `is_key`: what others could
    have written or read isn't used again."""

    path: Path
    is_folder: bool
    forbidden: int
    is_key: bool = False


def places(found: Folders) -> Iterator[Finding]:
    """Whatever the engine writes, but for its connection file, which changes as it runs."""
    findings = [finding for place in _places(found) for finding in _wrong(place)]
    if not findings:  # else what is in the files can't be told yet
        findings = list(_damaged_keys(found.keys))
    yield from findings
    if not findings:
        yield Finding("files and folders", "ok", f"the engine's are its owner's alone{_told_aside(found)}")


def _damaged_keys(keys: Path) -> Iterator[Finding]:
    for path, told in PairedClients(keys).faults():
        yield Finding(path.name, "wrong", told, "pair the other machines again", functools.partial(set_aside, path))


def _places(found: Folders) -> list[_Place]:
    """Those that others rest on come first."""
    runtime, logs, keys = found.connection_file.parent, found.log_file.parent, found.keys
    return [
        *(_Place(folder, True, WRITABLE_BY_OTHERS) for folder in (found.config, found.cache, logs)),
        *(_Place(folder, True, READABLE_BY_OTHERS) for folder in (runtime, found.spool, found.checkpoints, keys)),
        *(_Place(path, False, READABLE_BY_OTHERS) for path in (lock_of(found.connection_file).path, keys / "lock")),
        _Place(found.log_file, False, WRITABLE_BY_OTHERS),
        _Place(keys / "clients.json", False, WRITABLE_BY_OTHERS, is_key=True),
        _Place(keys / "server.json", False, READABLE_BY_OTHERS, is_key=True),
    ]


def _wrong(place: _Place) -> Iterator[Finding]:
    try:
        status = place.path.lstat()
        if place.is_folder and place.path.is_dir():
            status = place.path.stat()  # a folder may be a link to a larger disk
    except (FileNotFoundError, NotADirectoryError):
        return  # the engine makes it, or the folder above it is told
    except PermissionError:
        return  # of the folder above it
    told, mend = _fault(place, status)
    if told:
        what = place.path.name
        yield Finding(what, "wrong", f"{place.path} {told}", "run: impasto doctor --fix", mend)


def _fault(place: _Place, status: os.stat_result) -> tuple[str, Callable[[], object]]:
    path = place.path
    needed = stat.S_IRWXU if place.is_folder else stat.S_IRUSR | stat.S_IWUSR
    if not (stat.S_ISDIR if place.is_folder else stat.S_ISREG)(status.st_mode):
        return f"is no {'folder' if place.is_folder else 'plain file'}", lambda: set_aside(path)
    if os.name != "posix":
        return "", lambda: None
    if status.st_uid != os.getuid():
        return "belongs to someone else", lambda: set_aside(path) if place.is_key else _take_over(path)
    if status.st_mode & place.forbidden:
        mend = (lambda: set_aside(path)) if place.is_key else (lambda: path.chmod(needed))
        return "is open to others", mend
    if status.st_mode & needed != needed:
        return "is closed to its owner", lambda: path.chmod(needed)
    return "", lambda: None


def _take_over(path: Path) -> None:
    """Make it this person's, which only an administrator may do; else set it aside, so that the engine makes another.

    That needs no right but to the folder above it.
    """
    try:
        os.chown(path, os.getuid(), os.getgid())
    except PermissionError:
        set_aside(path)


def set_aside(path: Path) -> None:
    """Rename a file or folder, so that the engine makes a new one. Raises `OSError`."""
    path.rename(path.with_name(f"{path.name}{_ASIDE}{secrets.token_hex(4)}"))


def _told_aside(found: Folders) -> str:
    """Where what was set aside lies: there may be something in it that a person misses."""
    folders = {place.path.parent for place in _places(found)}
    with contextlib.suppress(OSError):
        aside = sorted(str(path) for folder in folders for path in folder.glob(f"*{_ASIDE}*"))
        if aside:
            return f"; set aside, and yours to look at or delete: {', '.join(aside)}"
    return ""
