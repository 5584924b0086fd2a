"""How far a set-up is: bytes of the whole, and how long the rest takes at the pace of the last seconds."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import Protocol

from .errors import N_, SetUpCancelled

PACE_SECONDS = 15.0
LOOKING = N_("Looking for what is to be downloaded")
DOWNLOADING = N_("Downloading {name}")
UNPACKING = N_("Unpacking")
CHECKING = N_("Checking the engine")


@dataclass(frozen=True)
class SetUpProgress:
    """`text` is translated where it is shown, with `name` in it; `seconds_left` is None while nobody can know."""

    text: str
    name: str
    done: int
    total: int
    seconds_left: float | None


class Onlooker(Protocol):
    """Whoever looks on; called on the thread of the set-up."""

    def show(self, progress: SetUpProgress) -> None:
        """How far it is."""

    def is_cancelled(self) -> bool:
        """Shall it stop?"""


class Meter:
    """Counts the bytes of the whole for a watcher, and raises `SetUpCancelled` when that wants no more."""

    def __init__(self, watcher: Onlooker, total: int) -> None:
        self._watcher, self._total = watcher, total
        self._done = 0
        self._text, self._name = LOOKING, ""
        self._marks: deque[tuple[float, int]] = deque()

    def begin(self, text: str, name: str = "") -> None:
        """Another step."""
        self._text, self._name = text, name
        self.show()

    def add(self, count: int) -> None:
        """So many bytes more have come; less than none where they must come again."""
        self._done += count
        now = time.monotonic()
        self._marks.append((now, self._done))
        while now - self._marks[0][0] > PACE_SECONDS:
            self._marks.popleft()
        self.show()

    def expect(self, more: int) -> None:
        """The whole is larger by so much than was thought, or smaller."""
        self._total += more

    def show(self) -> None:
        """Tell how far it is."""
        self.check()
        total = max(self._total, self._done)
        self._watcher.show(SetUpProgress(self._text, self._name, self._done, total, self._seconds_left()))

    def check(self) -> None:
        """Raises `SetUpCancelled` where that is wanted."""
        if self._watcher.is_cancelled():
            raise SetUpCancelled

    def _seconds_left(self) -> float | None:
        if len(self._marks) < 2 or self._text != DOWNLOADING:
            return None
        (first, before), (last, done) = self._marks[0], self._marks[-1]
        if last - first < 1 or done <= before:
            return None
        return max(0, self._total - done) * (last - first) / (done - before)
