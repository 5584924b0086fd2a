"""Whose turn it is to paint: clients get equal painting seconds, and each client's previews come first.

Start-time fair queueing (Goyal, Vin and Cheng 1997): whoever has used least comes next, and whoever comes back begins
with as much as the least that one of the others has used. So nothing is gained by being idle, by connecting again, or
by many sessions. What comes first does so for a head start of so many seconds and no more: nobody waits for ever.
"""

import heapq
import itertools
from collections.abc import Callable, Collection, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Literal

JobKind = Literal["preview", "draft", "final", "thumbnail"]
"""What a job is painted for. A person waits for a draft as for a preview."""

SLICE = 3.0
"""Seconds by which a client may be ahead of another before its painting yields, between two steps."""
_HEAD_START = 2 * SLICE
"""Seconds by which a client may be ahead of the others and still come first, with a preview or a draft."""
_JOB_SECONDS = 0.05
"""What a job costs its client at least: reading it, and handing the painting over."""
_SHARES: dict[JobKind, int] = {"preview": 8, "draft": 8, "final": 4, "thumbnail": 1}
"""How a client's own seconds are shared out once its head starts are used up."""
_HEAD_STARTS: dict[JobKind, float] = {"preview": 12.0, "draft": 9.0, "final": 6.0, "thumbnail": 0.0}
"""How far each kind may be ahead within a client: seconds divided by its share."""


@dataclass(frozen=True)
class QueuedJob:
    """One job that waits or is being painted."""

    key: str
    session: Hashable
    kind: JobKind
    client: Hashable
    """Whose painting seconds it takes."""


@dataclass
class _Line:
    """A client's jobs of one kind. Sessions take turns: the first one is next."""

    kind: JobKind
    used: float = 0.0
    """Seconds painted, divided by the kind's share."""
    waiting: dict[Hashable, dict[str, QueuedJob]] = field(default_factory=dict)
    begun: int = 0

    @property
    def is_active(self) -> bool:
        return bool(self.waiting or self.begun)

    @property
    def rank(self) -> float:
        return self.used - _HEAD_STARTS[self.kind]

    def first(self) -> QueuedJob | None:
        """The job that waits longest of the session whose turn it is."""
        session = next(iter(self.waiting.values()), None)
        return None if session is None else next(iter(session.values()))

    def add(self, job: QueuedJob) -> None:
        self.waiting.setdefault(job.session, {})[job.key] = job

    def put_first(self, job: QueuedJob) -> None:
        others = self.waiting.pop(job.session, {})
        self.waiting = {job.session: {job.key: job, **others}, **self.waiting}

    def remove(self, job: QueuedJob) -> None:
        session = self.waiting[job.session]
        del session[job.key]
        if not session:
            del self.waiting[job.session]

    def take(self, job: QueuedJob) -> None:
        """Remove a job because it is begun: its session comes last now."""
        self.remove(job)
        self.begun += 1
        if others := self.waiting.pop(job.session, None):
            self.waiting[job.session] = others

    def in_order(self) -> Iterator[QueuedJob]:
        """The jobs that wait now, one of each session in turn."""
        sessions = [list(session.values()) for session in self.waiting.values()]
        return (job for turn in itertools.zip_longest(*sessions) for job in turn if job)


@dataclass
class _Client:
    """What a client has used, and its jobs."""

    used: float = 0.0
    served: int = 0
    """The number of its last turn: of two that have used as much, the one that was served longer ago comes next."""
    lines: dict[JobKind, _Line] = field(default_factory=lambda: {kind: _Line(kind) for kind in _SHARES})

    @property
    def is_active(self) -> bool:
        return any(line.is_active for line in self.lines.values())

    def least_used_line(self) -> float:
        """What the line has used that has used least of those with jobs."""
        return min((line.used for line in self.lines.values() if line.is_active), default=0.0)


class Queue:
    """The jobs that wait or are being painted, and how many seconds each client has used."""

    def __init__(self) -> None:
        self._clients: dict[Hashable, _Client] = {}
        self._waiting: dict[str, QueuedJob] = {}
        self._begun: dict[str, QueuedJob] = {}
        self._floor = 0.0
        """The least that a client with jobs has used: where one begins that comes back."""
        self._turn = 0
        self.seconds: dict[Hashable, float] = {}
        """How long each client's jobs have been painted in all, whoever else asked."""
        self.changes = 0
        """Counts what may have changed the order."""

    def add(self, job: QueuedJob) -> None:
        """Put a job behind the others of its session and kind."""
        self._line_joined_by(job).add(job)
        self._waiting[job.key] = job
        self.changes += 1

    def put_back(self, key: str) -> None:
        """Let a job that was begun wait again, before all others of its client and kind."""
        if job := self._begun.pop(key, None):
            line = self._clients[job.client].lines[job.kind]
            line.begun -= 1
            line.put_first(job)
            self._waiting[key] = job
            self.changes += 1

    def remove(self, key: str) -> None:
        """Remove a job, if there is such a one."""
        job = self._waiting.get(key) or self._begun.get(key)
        if job is None:
            return
        client = self._clients[job.client]
        if self._waiting.pop(key, None):
            client.lines[job.kind].remove(job)
        else:
            del self._begun[key]
            client.lines[job.kind].begun -= 1
        self._update_floor()
        if not client.is_active and client.used <= self._floor:
            del self._clients[job.client]
        self.changes += 1

    def take(self, job: QueuedJob) -> None:
        """Note that a job is begun."""
        del self._waiting[job.key]
        self._begun[job.key] = job
        client = self._clients[job.client]
        client.lines[job.kind].take(job)
        self._turn += 1
        client.served = self._turn
        self.charge(job, _JOB_SECONDS)
        self.changes += 1

    def charge(self, job: QueuedJob, seconds: float) -> None:
        """Note that a job has been painted for so long, though it may have been cancelled by now."""
        client = self._clients.setdefault(job.client, _Client(self._floor))
        client.used += seconds
        client.lines[job.kind].used += seconds / _SHARES[job.kind]
        self.seconds[job.client] = self.seconds.get(job.client, 0.0) + seconds
        self._update_floor()

    def turn(
        self,
        running: str | None = None,
        begun: Collection[str] = (),
        may_begin: Callable[[QueuedJob], bool] = lambda job: True,
    ) -> QueuedJob | None:
        """The job whose turn it is on a worker: a waiting one, or one of those that the worker has begun.

        The `running` one keeps its turn until its client is ahead of another by `SLICE`, head starts included.
        """
        current = self._begun.get(running or "")
        own: dict[tuple[Hashable, JobKind], QueuedJob] = {}
        for task in filter(None, map(self._begun.get, begun)):
            own.setdefault((task.client, task.kind), task)
        if current:
            own[current.client, current.kind] = current
        best: tuple[float, int, QueuedJob] | None = None
        for name, client in self._clients.items():
            job = self._best_of(name, client, current, own, may_begin)
            if job:
                stays = SLICE if current and current.client == name else 0.0
                rank = client.used - _head_start(job) - stays, client.served
                best = (*rank, job) if best is None or rank < best[:2] else best
        return best and best[2]

    def _best_of(
        self,
        name: Hashable,
        client: _Client,
        current: QueuedJob | None,
        own: dict[tuple[Hashable, JobKind], QueuedJob],
        may_begin: Callable[[QueuedJob], bool],
    ) -> QueuedJob | None:
        """Which of a client's jobs is next."""
        best: tuple[float, QueuedJob] | None = None
        for kind, line in client.lines.items():
            job = own.get((name, kind)) or line.first()
            if job is None or (job.key in self._waiting and not may_begin(job)):
                continue
            stays = SLICE / _SHARES[kind] if job is current else 0.0
            if best is None or line.rank - stays < best[0]:
                best = line.rank - stays, job
        return best and best[1]

    def order(self) -> Iterator[QueuedJob]:
        """All jobs that wait now, as they will be begun if no other job comes and all take as long; one by one."""
        turns: list[_Turn] = []
        for number, client in enumerate(self._clients.values()):
            waiting = itertools.chain(*[line.in_order() for line in client.lines.values() if line.waiting])
            if job := next(waiting, None):
                turns.append((client.used - _head_start(job), client.served, number, waiting, job))
        heapq.heapify(turns)
        return _merged(turns, self._turn)

    def __len__(self) -> int:
        return len(self._waiting)

    def _line_joined_by(self, job: QueuedJob) -> _Line:
        """The job's line; it and its client begin with as much as the least used of those with jobs."""
        client = self._clients.setdefault(job.client, _Client())
        if not client.is_active:
            client.used = max(client.used, self._floor)
        line = client.lines[job.kind]
        if not line.is_active:
            line.used = max(line.used, client.least_used_line())
        return line

    def _update_floor(self) -> None:
        active = [client.used for client in self._clients.values() if client.is_active]
        self._floor = max(self._floor, min(active, default=0.0))


def _head_start(job: QueuedJob) -> float:
    """The seconds by which its client may be ahead of the others when it comes first."""
    return _HEAD_START if job.kind in ("preview", "draft") else 0.0


_Turn = tuple[float, int, int, Iterator[QueuedJob], QueuedJob]
"""Of a client: seconds used, number of its last turn, its own number, its jobs after the next one, and that."""


def _merged(turns: list[_Turn], turn: int) -> Iterator[QueuedJob]:
    """The jobs of all clients, in turn; `turns` is a heap, and `turn` the number of the last one."""
    while turns:
        used, _, number, jobs, job = turns[0]
        yield job
        turn += 1
        if following := next(jobs, None):
            used += _head_start(job) - _head_start(following) + _JOB_SECONDS
            heapq.heapreplace(turns, (used, turn, number, jobs, following))
        else:
            heapq.heappop(turns)
