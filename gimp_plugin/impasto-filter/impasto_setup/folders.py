"""Folders that come and go: which are missing, how much they hold, and removing them."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

_REMOVE_SECONDS = 20.0


def missing_above(place: Path) -> tuple[str, ...]:
    """The folders that would have to be made for `place` to exist as one, itself included."""
    return tuple(str(folder) for folder in (place, *place.parents) if not folder.exists())


def size_of(place: Path) -> int:
    """Bytes on the disk that removing a file or a folder gives back; a file with several names counts once."""
    seen: dict[object, int] = {}
    for path in _entries(place):
        status = path.lstat()
        blocks = getattr(status, "st_blocks", None)
        key = (status.st_dev, status.st_ino) if status.st_ino else path
        seen[key] = status.st_size if blocks is None else blocks * 512
    return sum(seen.values())


def remove(place: Path) -> int:
    """Remove a file, a link or a whole folder, if it is there; returns how many bytes came free.

    Windows removes no file that is open, and a program's libraries are until it has ended: there it is tried again.
    """
    freed = size_of(place)
    end = time.monotonic() + (_REMOVE_SECONDS if os.name == "nt" else 0)
    while True:
        try:
            if place.is_dir() and not place.is_symlink():
                shutil.rmtree(place)
            else:
                place.unlink(missing_ok=True)
        except PermissionError:  # noqa: PERF203  of a process that is just ending
            if time.monotonic() >= end:
                raise
            time.sleep(0.1)
        else:
            return freed


def remove_if_empty(folder: Path) -> None:
    """Remove a folder that holds nothing any more."""
    if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
        folder.rmdir()


def _entries(place: Path) -> Iterator[Path]:
    if place.is_symlink() or place.is_file():
        yield place
    elif place.is_dir():
        for folder, _, files in os.walk(place):
            yield Path(folder)
            yield from (Path(folder, name) for name in files)
