"""The order in which jobs are painted: previews first, then finals, then thumbnails; sessions take turns."""

from collections import deque
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from impasto_wire.settings import Purpose

PRIORITY: tuple[Purpose, ...] = ("preview", "final", "thumbnail")


@dataclass(frozen=True)
class QueuedJob:
    """One job that waits."""

    key: str
    session: Hashable
    purpose: Purpose


class Queue:
    """Waiting jobs. Within a purpose, the session that was served longest ago comes next."""

    def __init__(self) -> None:
        self._waiting: list[QueuedJob] = []
        self._served: dict[Hashable, int] = {}
        self._turn = 0

    def add(self, queued: QueuedJob) -> None:
        """Put a job behind the others of its session and purpose."""
        self._waiting.append(queued)

    def put_back(self, queued: QueuedJob) -> None:
        """Put a job that was interrupted before all others of its purpose."""
        self._waiting.insert(0, queued)
        self._served.pop(queued.session, None)

    def remove(self, key: str) -> None:
        """Remove a job, if it waits."""
        self._waiting = [queued for queued in self._waiting if queued.key != key]

    def forget(self, session: Hashable) -> None:
        """Remove all jobs of a session that has ended."""
        self._waiting = [queued for queued in self._waiting if queued.session != session]
        self._served.pop(session, None)

    def first(self) -> QueuedJob | None:
        """The next job."""
        return next(self.order(), None)

    def take(self, queued: QueuedJob) -> None:
        """Remove a job because it is painted now: its session has had its turn."""
        self.remove(queued.key)
        self._turn += 1
        self._served[queued.session] = self._turn

    def order(self) -> Iterator[QueuedJob]:
        """All waiting jobs in the order in which they will be painted if no other job comes."""
        served, turn = dict(self._served), self._turn
        for purpose in PRIORITY:
            waiting: dict[Hashable, deque[QueuedJob]] = {}
            for queued in self._waiting:
                if queued.purpose == purpose:
                    waiting.setdefault(queued.session, deque()).append(queued)
            while waiting:
                session = min(waiting, key=lambda session: served.get(session, 0))
                turn += 1
                served[session] = turn
                yield waiting[session].popleft()
                if not waiting[session]:
                    del waiting[session]

    def __len__(self) -> int:
        return len(self._waiting)
