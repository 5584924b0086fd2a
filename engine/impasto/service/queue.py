"""The order in which jobs are painted: previews, then finals, then thumbnails; sessions take turns."""

from collections import deque
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from impasto_wire.settings import Purpose

PRIORITY: tuple[Purpose, ...] = ("preview", "final", "thumbnail")


@dataclass(frozen=True)
class Place:
    """One job in the queue."""

    job: str
    session: Hashable
    purpose: Purpose


class Queue:
    """Waiting jobs. Within a purpose, the session that was served longest ago comes next."""

    def __init__(self) -> None:
        self._waiting: list[Place] = []
        self._served: dict[Hashable, int] = {}
        self._turn = 0

    def add(self, place: Place) -> None:
        """Put a job behind the others of its session and purpose."""
        self._waiting.append(place)

    def put_back(self, place: Place) -> None:
        """Put a job that was begun before all others of its session."""
        self._waiting.insert(0, place)
        self._served.pop(place.session, None)

    def remove(self, job: str) -> None:
        """Take a job out, if it waits."""
        self._waiting = [place for place in self._waiting if place.job != job]

    def forget(self, session: Hashable) -> None:
        """Take out all jobs of a session that has ended."""
        self._waiting = [place for place in self._waiting if place.session != session]
        self._served.pop(session, None)

    def first(self) -> Place | None:
        """The job that comes next."""
        return next(self.order(), None)

    def take(self, place: Place) -> None:
        """Take a job out to be painted: its session has had its turn."""
        self.remove(place.job)
        self._turn += 1
        self._served[place.session] = self._turn

    def order(self) -> Iterator[Place]:
        """All waiting jobs as they will be painted if nothing more comes."""
        served, turn = dict(self._served), self._turn
        for purpose in PRIORITY:
            lines: dict[Hashable, deque[Place]] = {}
            for place in self._waiting:
                if place.purpose == purpose:
                    lines.setdefault(place.session, deque()).append(place)
            while lines:
                session = min(lines, key=lambda session: served.get(session, 0))
                turn += 1
                served[session] = turn
                yield lines[session].popleft()
                if not lines[session]:
                    del lines[session]

    def __len__(self) -> int:
        return len(self._waiting)
