"""The batch itself: has the missing pictures painted, writes the paintings, and notes what is done."""

import os
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from impasto.locks import FileLock
from impasto.painting.order import Order
from impasto.pictures.files import read_file
from impasto.pictures.outputs import write_output
from impasto_wire.errors import PictureError, SettingError

from .manifest import BatchManifest, Entry, order_key, picture_key
from .messages import (
    FileFailed,
    FileJob,
    FilePainted,
    FileProgress,
    FrameFiles,
    PainterDied,
    Pool,
    PoolMessage,
    Remark,
)
from .pictures import PicturePaths

_MOST_TRIES = 3
"""How often a picture is begun when the processes that paint it die: the picture may be the reason."""


def check_folder(folder: Path) -> None:
    """Make the folder if it isn't there. Raises `PictureError` when nothing can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PictureError(f"the folder {folder} can't be made ({error.strerror}); choose another") from error
    if not os.access(folder, os.W_OK):
        raise PictureError(f"the folder {folder} can't be written to; choose another")


@dataclass
class Tally:
    """The state of a batch: how many pictures are painted, skipped or failed, and how much of the others is done."""

    total: int
    painted: int = 0
    skipped: int = 0
    failures: dict[Path, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    fractions: dict[int, float] = field(default_factory=dict)
    """Of the pictures that are being painted, by number."""

    @property
    def done(self) -> float:
        """How many pictures are done; one that is being painted counts by its fraction."""
        return self.painted + self.skipped + len(self.failures) + sum(self.fractions.values())


class Batch:
    """Many pictures that are painted into one folder, by one order."""

    def __init__(
        self, paths: Sequence[PicturePaths], folder: Path, order: Order, retry: bool, frames: bool = False
    ) -> None:
        """`frames`: the pictures are those of an animation, and each painting begins from the one before."""
        self._is_animation, self._last_frame = frames, -1
        self._paths, self._folder, self._retry = paths, folder, retry
        self._order_key = order_key(order).encode()
        self._manifest = BatchManifest(folder)
        self._waiting = deque(range(len(paths)))
        self._keys: dict[int, str] = {}
        self._tries = dict.fromkeys(self._waiting, 0)
        self.tally = Tally(len(paths))

    def run(self, open_pool: Callable[[], Pool], report: Callable[[Tally], None]) -> Tally:
        """Paint the missing pictures; the tally has those that can't be painted. Raises `ImpastoError` when no picture
        can be painted any more."""
        lock = FileLock(self._folder / ".impasto-batch.lock")
        if not lock.acquire():
            raise SettingError(f"another batch paints into {self._folder}; wait for it or choose another folder")
        with closing(lock):
            job = self._next_job()
            if job is not None:  # else no pool is needed
                with closing(open_pool()) as pool:
                    self._paint(pool, job, report)
        return self.tally

    def _paint(self, pool: Pool, job: FileJob | None, report: Callable[[Tally], None]) -> None:
        while job is not None or self.tally.fractions:
            while job is not None and pool.has_room():
                self.tally.fractions[job.number] = 0.0
                pool.give(job)
                job = self._next_job()
            for message in pool.messages():
                self._take(message)
            job = job or self._next_job()
            report(self.tally)

    def _next_job(self) -> FileJob | None:
        """The next picture that is not painted yet, read from its file."""
        while self._waiting and not (self._is_animation and self.tally.fractions):
            number = self._waiting.popleft()
            paths = self._paths[number]
            try:
                data = read_file(paths.source)
            except PictureError as error:
                self.tally.failures[paths.source] = str(error)
                continue
            self._keys[number] = key = picture_key(self._order_key, data, self._chain())
            before = self._manifest.entry_of(paths.output, key)
            if before is None or (before.failure and self._retry):
                return FileJob(number, str(paths.source), data, paths.output.suffix, self._frame_before())
            if before.failure:
                self.tally.failures[paths.source] = before.failure
            else:
                self.tally.skipped += 1
                self._last_frame = number
        return None

    def _chain(self) -> bytes:
        """Part of the next frame's key in an animation: the key of the frame that it begins from."""
        return self._keys[self._last_frame].encode() if self._is_animation and self._last_frame >= 0 else b""

    def _frame_before(self) -> FrameFiles | None:
        """The last frame that was painted, read from its files: so it is the same after an interruption."""
        if not self._chain():
            return None
        paths = self._paths[self._last_frame]
        try:
            source, painting = ((str(path), read_file(path)) for path in (paths.source, paths.output))
        except PictureError as error:
            raise PictureError(f"the frame before can't be used: {error}") from error
        return FrameFiles(source, painting)

    def _take(self, message: PoolMessage) -> None:
        if isinstance(message, Remark):
            self.tally.remarks.append(message.sentence)
            return
        paths = self._paths[message.number]
        if isinstance(message, FileProgress):
            self.tally.fractions[message.number] = message.fraction
            return
        del self.tally.fractions[message.number]
        if isinstance(message, FilePainted):
            write_output(paths.output, message.data)
            self._manifest.add(Entry(paths.output.name, self._keys[message.number], len(message.data)))
            self.tally.painted += 1
            self._last_frame = message.number
        elif isinstance(message, FileFailed):
            self._fail(message.number, message.sentence)
        elif isinstance(message, PainterDied):
            self._tries[message.number] += 1
            if self._tries[message.number] < _MOST_TRIES:
                self._waiting.appendleft(message.number)
            else:
                self._fail(
                    message.number, "the process that painted it ended unexpectedly, three times; paint a smaller copy"
                )

    def _fail(self, number: int, sentence: str) -> None:
        paths = self._paths[number]
        self.tally.failures[paths.source] = sentence
        self._manifest.add(Entry(paths.output.name, self._keys[number], failure=sentence))
