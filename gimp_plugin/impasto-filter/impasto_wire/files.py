"""Files: written whole or not at all, believed only if nobody else has a say in them, opened without being trusted."""

import contextlib
import errno
import os
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar

READABLE_BY_OTHERS = 0o077
"""The rights that nobody but the owner may have to a file with a secret."""
WRITABLE_BY_OTHERS = 0o022
"""The rights that nobody but the owner may have to a file that says what to do."""
_MOST_BYTES = 1 << 20
_IS_WINDOWS = os.name == "nt"
_PATIENCE = 1.0

Returned = TypeVar("Returned")


class Exposed(OSError):
    """Others have a say in a file that is meant for one person: it is another's, or its mode lets them in."""


def write_whole(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Write a file so that there is never half of it, even if the process is killed. Raises `OSError`, also where there
    is a device, a pipe or a socket, which a file would take the place of.

    The data first go into a hidden file beside it, with a random name, so that no two processes share one. `mode` is
    what a new file gets, without the bits of the umask.
    """
    with contextlib.suppress(FileNotFoundError):
        there = path.lstat().st_mode
        if not (stat.S_ISREG(there) or stat.S_ISLNK(there) or stat.S_ISDIR(there)):
            raise OSError(errno.EEXIST, "there is something else than a file", str(path))
    with _place_for(path, mode) as part:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        patiently(lambda: part.replace(path))


@contextlib.contextmanager
def _place_for(path: Path, mode: int) -> Iterator[Path]:
    """Where a file is written before it takes its place; nothing is left there.

    Windows heeds no mode. What is for its owner alone is written into a folder that only its owner may enter, as Python
    makes it of that mode, and keeps the rights that it has there.
    """
    name = f".{path.name}.{secrets.token_hex(4)}"
    part = path.with_name(f"{name}.part")
    is_apart = _IS_WINDOWS and not mode & READABLE_BY_OTHERS
    if is_apart:
        part = path.with_name(f"{name}.own") / "part"
        part.parent.mkdir(mode=0o700)
    try:
        yield part
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
            if is_apart:
                part.parent.rmdir()


def patiently(action: Callable[[], Returned]) -> Returned:
    """What an action on a file returns. On Windows, where a file that somebody has open can't be replaced, nor opened
    while it is being replaced, it is tried for a second. Raises `OSError`."""
    end = time.monotonic() + (_PATIENCE if _IS_WINDOWS else 0)
    while True:
        try:
            return action()
        except PermissionError:  # noqa: PERF203
            if time.monotonic() >= end:
                raise
            time.sleep(0.01)


def open_regular(path: Path) -> BinaryIO:
    """A file, opened for reading. Raises `OSError` for a pipe, a device or a socket, too, instead of waiting for it."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
    waits_never = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
    handle = os.open(path, os.O_RDONLY | waits_never | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "it is no file of data", str(path))
    return os.fdopen(handle, "rb")


def left_parts(path: Path) -> Iterator[Path]:
    """What processes that were killed while they wrote a file have left beside it."""
    return path.parent.glob(f".{path.name}.*.part")


def read_trusted(path: Path, forbidden: int = READABLE_BY_OTHERS, *, may_be_roots: bool = False) -> bytes:
    """The bytes of a file of this person, at most a mebibyte. `forbidden`: rights that nobody else may have to it.

    Raises `Exposed` where others have them or own the file; any other `OSError` where it can't be read, or is no plain
    file: a link isn't followed and a pipe isn't waited for. Windows has other rights; there they aren't looked at.
    """
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0)
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    handle = patiently(lambda: os.open(path, flags))
    try:
        check_trusted(path, os.fstat(handle), forbidden, may_be_roots=may_be_roots)
    except OSError:
        os.close(handle)
        raise
    with os.fdopen(handle, "rb") as file:
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise OSError(f"{path} is larger than {_MOST_BYTES} bytes")
    return data


def check_trusted(path: Path, status: os.stat_result, forbidden: int, *, may_be_roots: bool = False) -> None:
    """Raises `Exposed` unless the file is this person's alone, `OSError` unless it is a plain file."""
    if not stat.S_ISREG(status.st_mode):
        raise OSError(f"{path} is no plain file")
    if os.name != "posix":
        return
    if status.st_uid != os.getuid() and not (may_be_roots and status.st_uid == 0):
        raise Exposed(f"{path} belongs to someone else")
    if stat.S_IMODE(status.st_mode) & forbidden:
        raise Exposed(f"others can {'read' if forbidden & 0o044 else 'write'} {path}")
