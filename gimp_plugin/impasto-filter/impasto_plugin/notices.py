"""What other windows of this person are painting: each leaves a small notice, so that those who wait can name it.

The names of layers stay on this machine: the engine never learns them.
"""

import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from impasto_presets import cache_folder
from impasto_wire.files import write_whole

from .keeps import private

_EVERY_SECONDS = 1.0
STALE_SECONDS = 15.0
"""A notice that is older was left by a process that was killed."""


@dataclass(frozen=True)
class OtherPainting:
    """What another window paints."""

    name: str
    ends: float | None
    """When it is done, in seconds since 1970; None if that isn't known yet."""

    def left(self) -> float | None:
        """Seconds that it still takes."""
        return None if self.ends is None else max(0.0, self.ends - time.time())


class Notice:
    """Tells others what is painted here, as long as it is. Where nothing can be written, they aren't told."""

    def __init__(self, name: str) -> None:
        self._name, self._told = name, 0.0
        self._file = notices_folder() / f"{uuid4().hex}.json"

    def tell(self, seconds_left: float | None) -> None:
        """Say how long it still takes; call it only while it is really painted."""
        now = time.time()
        if now - self._told < _EVERY_SECONDS:
            return
        self._told = now
        told = {
            "name": self._name,
            "ends": None if seconds_left is None else now + seconds_left,
            "process": os.getpid(),
        }
        with suppress(OSError):
            private(self._file.parent)
            write_whole(self._file, json.dumps(told).encode(), 0o600)

    def __enter__(self) -> "Notice":
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._file.unlink(missing_ok=True)


def notices() -> list[OtherPainting]:
    """What other processes paint now; what is left of processes that were killed is deleted."""
    found = []
    for file in notices_folder().glob("*.json"):
        with suppress(OSError, ValueError, KeyError, TypeError):
            if time.time() - file.stat().st_mtime > STALE_SECONDS:
                file.unlink(missing_ok=True)
                continue
            told = json.loads(file.read_text(encoding="utf-8"))
            if told["process"] != os.getpid():
                found.append(OtherPainting(str(told["name"]), None if told["ends"] is None else float(told["ends"])))
    return found


def notices_folder() -> Path:
    """Where the notices lie."""
    return cache_folder() / "painting"
