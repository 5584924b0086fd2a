"""The batch itself: hands out what is missing, writes what comes back, notes it, and tells how it goes."""

import os
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from impasto.locks import FileLock
from impasto.painting.order import Order
from impasto.pictures.outputs import write_whole
from impasto_wire.errors import PictureError, SettingError

from .manifest import Entry, Manifest, order_key, picture_key
from .messages import Failed, FrameFiles, Job, Lost, News, Painted, Pool, Progress, Remark
from .pictures import Place

_MOST_TRIES = 3
"""How often a picture is begun when whoever paints it dies: it may be what kills them."""


def check_folder(folder: Path) -> None:
    """Make the folder if need be. Raises `PictureError` when nothing can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PictureError(f"the folder {folder} can't be made ({error.strerror}); choose another") from error
    if not os.access(folder, os.W_OK):
        raise PictureError(f"the folder {folder} can't be written to; choose another")


@dataclass
class Tally:
    """How it stands: pictures by what became of them, and how far those in hand are."""

    total: int
    painted: int = 0
    skipped: int = 0
    failures: dict[Path, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    fractions: dict[int, float] = field(default_factory=dict)

    @property
    def done(self) -> float:
        """Pictures that are over, those in hand by their fractions."""
        return self.painted + self.skipped + len(self.failures) + sum(self.fractions.values())


class Batch:
    """Everything to be painted into one folder by one order."""

    def __init__(self, places: Sequence[Place], folder: Path, order: Order, retry: bool, frames: bool = False) -> None:
        """`frames`: the pictures are those of an animation, and each painting begins from the one before."""
        self._is_animation, self._last_frame = frames, -1
        self._places, self._folder, self._retry = places, folder, retry
        self._order_key = order_key(order).encode()
        self._manifest = Manifest(folder)
        self._waiting = deque(range(len(places)))
        self._keys: dict[int, str] = {}
        self._tries = dict.fromkeys(self._waiting, 0)
        self.tally = Tally(len(places))

    def run(self, open_pool: Callable[[], Pool], report: Callable[[Tally], None]) -> Tally:
        """Paint what is missing; what can't be painted is told in the end. Raises `ImpastoError` if it can't go on."""
        lock = FileLock(self._folder / ".impasto-batch.lock")
        if not lock.acquire():
            raise SettingError(f"another batch paints into {self._folder}; wait for it or choose another folder")
        with closing(lock):
            job = self._next_job()
            if job is not None:  # else nobody needs to come
                with closing(open_pool()) as pool:
                    self._paint(pool, job, report)
        return self.tally

    def _paint(self, pool: Pool, job: Job | None, report: Callable[[Tally], None]) -> None:
        while job is not None or self.tally.fractions:
            while job is not None and pool.has_room():
                self.tally.fractions[job.number] = 0.0
                pool.give(job)
                job = self._next_job()
            for news in pool.news():
                self._take(news)
            job = job or self._next_job()
            report(self.tally)

    def _next_job(self) -> Job | None:
        """The next picture that is not painted yet, read from its file."""
        while self._waiting and not (self._is_animation and self.tally.fractions):
            number = self._waiting.popleft()
            place = self._places[number]
            try:
                data = place.source.read_bytes()
            except OSError as error:
                self.tally.failures[place.source] = f"{place.source} can't be read: {error.strerror}"
                continue
            self._keys[number] = key = picture_key(self._order_key, data, self._chain())
            before = self._manifest.entry_of(place.output, key)
            if before is None or (before.failure and self._retry):
                return Job(number, str(place.source), data, place.output.suffix, self._frame_before())
            if before.failure:
                self.tally.failures[place.source] = before.failure
            else:
                self.tally.skipped += 1
                self._last_frame = number
        return None

    def _chain(self) -> bytes:
        """Names what an animation's next frame begins from."""
        return self._keys[self._last_frame].encode() if self._is_animation and self._last_frame >= 0 else b""

    def _frame_before(self) -> FrameFiles | None:
        """The last frame that was painted, from its files: so it is the same one after a break."""
        if not self._chain():
            return None
        place = self._places[self._last_frame]
        try:
            source, painting = ((str(path), path.read_bytes()) for path in (place.source, place.output))
        except OSError as error:
            raise PictureError(f"the frame before can't be read ({error}); start again") from error
        return FrameFiles(source, painting)

    def _take(self, news: News) -> None:
        if isinstance(news, Remark):
            self.tally.remarks.append(news.sentence)
            return
        place = self._places[news.number]
        if isinstance(news, Progress):
            self.tally.fractions[news.number] = news.fraction
            return
        del self.tally.fractions[news.number]
        if isinstance(news, Painted):
            write_whole(place.output, news.data)
            self._manifest.add(Entry(place.output.name, self._keys[news.number], len(news.data)))
            self.tally.painted += 1
            self._last_frame = news.number
        elif isinstance(news, Failed):
            self._give_up(news.number, news.sentence)
        elif isinstance(news, Lost):
            self._tries[news.number] += 1
            if self._tries[news.number] < _MOST_TRIES:
                self._waiting.appendleft(news.number)
            else:
                self._give_up(news.number, "whoever painted it ended unexpectedly, three times; paint a smaller copy")

    def _give_up(self, number: int, sentence: str) -> None:
        place = self._places[number]
        self.tally.failures[place.source] = sentence
        self._manifest.add(Entry(place.output.name, self._keys[number], failure=sentence))
