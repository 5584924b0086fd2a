"""Files that are written whole or not at all."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


def write_whole(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Write a file so that there is never half of it, even if the process is killed. Raises `OSError`.

    The data first go into a hidden file beside it, with a random name, so that no two processes share one. `mode` is
    what a new file gets, without the bits of the umask.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def left_parts(path: Path) -> Iterator[Path]:
    """What processes that were killed while they wrote a file have left beside it."""
    return path.parent.glob(f".{path.name}.*.part")
