"""The broker's parts without sockets and processes: the test says what clients and workers send, and sets the clock."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from impasto.service.accounts import OWN, Limits
from impasto.service.clients import Clients
from impasto.service.clock import Clock
from impasto.service.jobs import Jobs
from impasto.service.pool import ProcessEnded
from impasto.service.queue import Queue
from impasto.service.scheduler import Scheduler
from impasto.service.store import Store
from impasto.service.supervisor import Worker, WorkerOptions
from impasto.service.worker_messages import ToWorker, Turn, TurnTaken
from impasto_wire import PROTOCOL
from impasto_wire.codec import FROM_ENGINE, decode, encode
from impasto_wire.messages import Cancel, Cancelled, Hello, Ping, Submit, ToEngine, Welcome
from impasto_wire.pictures import PictureRef
from impasto_wire.request import WeightedStyle
from impasto_wire.settings import Purpose, Settings

OWN_KEY = "own"
"""The key of this machine's own client."""
WELCOME = Welcome(PROTOCOL, "1", ("fake",), ("none",))


class FakeTime:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class FakeFrontend:
    """Keeps what is sent to each client."""

    def __init__(self) -> None:
        self.limits = OWN
        """Of every client."""
        self.sent: dict[bytes, list[bytes]] = {}
        self.hung_up: list[int] = []

    def send(self, identity: bytes, frame: bytes) -> bool:
        self.sent.setdefault(identity, []).append(frame)
        return True

    def knows(self, key: str) -> bool:
        return True

    def watch_connections(self) -> bool:
        return False

    def is_own(self, key: str) -> bool:
        return key == OWN_KEY

    def terms_of(self, key: str) -> tuple[str, Limits]:
        return key, self.limits

    def admit(self, handle: int, session: object) -> None:
        pass

    def dismiss(self, handle: int, session: object) -> None:
        pass

    def warn(self, handle: int) -> None:
        pass

    def hang_up(self, handle: int) -> None:
        self.hung_up.append(handle)


class FakeWorker(Worker):
    """A worker without a process, that keeps what it is sent."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(None, WorkerOptions(Path(), "", 0), "fake", itertools.count(1), clock)  # type: ignore[arg-type]
        self.sent: list[ToEngine | ToWorker] = []
        self.is_alive = True
        self.welcome = WELCOME
        self.hear()

    @property
    def is_running(self) -> bool:
        return self.is_alive

    def send(self, message: ToEngine | ToWorker) -> bool:
        if self.is_alive:
            self.sent.append(message)
            self.wake()
        return self.is_alive

    def kill(self) -> None:
        self.is_alive = False


class FakePool:
    """Workers whose messages the test makes up."""

    def __init__(self, clock: Clock, count: int) -> None:
        self.clock = clock
        self.workers = [FakeWorker(clock) for _ in range(count)]
        self.coming: list[tuple[FakeWorker, Any]] = []

    def __iter__(self) -> Iterator[FakeWorker]:
        return iter(self.workers)

    def candidates(self) -> list[FakeWorker]:
        return [worker for worker in self.workers if worker.is_alive]

    def messages(self) -> Iterator[tuple[FakeWorker, Any]]:
        while self.coming:
            yield self.coming.pop(0)

    def tasks(self) -> int:
        return sum(len(worker.tasks) for worker in self.workers)

    def welcome(self) -> Welcome:
        return WELCOME


class FakeBroker:
    """The broker's loop, one turn at a time. A client is named by its key and session: "key" or "key/session"."""

    def __init__(self, folder: Path, workers: int = 1) -> None:
        self.time = FakeTime()
        clock = Clock(self.time)
        self.frontend, self.queue = FakeFrontend(), Queue()
        self.pool = FakePool(clock, workers)
        self.store = Store(folder, 1 << 20)
        self.jobs = Jobs(self.store, self.queue)
        self.scheduler = Scheduler(self.pool, self.queue, self.jobs, self.store)  # type: ignore[arg-type]
        self.clients = Clients(self.frontend, self.jobs, self.scheduler, clock)  # type: ignore[arg-type]
        self._numbers = itertools.count(1)

    @property
    def worker(self) -> FakeWorker:
        """The first worker."""
        return self.pool.workers[0]

    # Clients

    def receive(self, client: str, message: ToEngine) -> None:
        received = SimpleNamespace(
            identity=b"\0" + client.encode(),
            key=client.partition("/")[0],
            handle=1,
            frames=[SimpleNamespace(buffer=memoryview(encode(message)))],
        )
        self.clients.read([received])  # type: ignore[list-item]

    def connect(self, *clients: str) -> None:
        for client in clients:
            self.receive(client, Hello(PROTOCOL, "test"))

    def submit(self, client: str, purpose: Purpose = "final", settings: Settings | None = None) -> str:
        """Queue a job whose pictures the engine holds. Returns its name."""
        job, ref = f"{next(self._numbers):032x}", PictureRef("a" * 64, 9, 9, 4, "u8")
        self.store.pin = lambda ref, owner: True  # type: ignore[method-assign]
        self.store.unpin = lambda digest: None  # type: ignore[method-assign]
        self.receive(
            client, Submit(ref, (WeightedStyle(ref),), job=job, purpose=purpose, settings=settings or Settings())
        )
        return job

    def told(self, client: str) -> list[Any]:
        """What a client was sent."""
        return [decode(frame, FROM_ENGINE) for frame in self.frontend.sent.get(b"\0" + client.encode(), [])]

    def key(self, name: str) -> str:
        """What the workers know a job by."""
        return next(key for key, job in self.jobs._jobs.items() if job.name == name)

    # Time

    def turn(self, seconds: float = 0.0) -> None:
        """One turn of the broker's loop, `seconds` after the one before."""
        self.time.now += seconds
        self.pool.clock.tick()
        self.scheduler.read_workers()
        self.clients.end_sessions()
        self.scheduler.assign_jobs()

    def run(self, seconds: float, *clients: str, obeys: bool = True) -> None:
        """Many turns of the loop; these clients ping meanwhile, and the workers do as they are told, or nothing."""
        for _ in range(round(seconds / 0.25)):
            for client in clients:
                self.receive(client, Ping(1))
            if obeys:
                self.obey()
            self.turn(0.25)

    # Workers

    def says(self, message: Any, worker: int = 0) -> None:
        """A worker sends something; the next turn of the loop reads it."""
        self.pool.coming.append((self.pool.workers[worker], message))

    def dies(self, worker: int = 0) -> None:
        self.says(ProcessEnded(), worker)
        self.turn()

    def obey(self) -> None:
        """Every worker begins what it was sent, goes on with the task it was told, and ends what was cancelled."""
        for number, worker in enumerate(self.pool.workers):
            for message in worker.sent:
                if isinstance(message, (Submit, Turn)):
                    self.says(TurnTaken(message.job), number)
                if isinstance(message, Cancel):
                    self.says(Cancelled(message.job), number)
            worker.sent.clear()

    def painted(self, worker: int = 0) -> str | None:
        """The client's name for the job that a worker says it paints."""
        painting = self.pool.workers[worker].painting
        job = self.jobs.get(painting.key) if painting else None
        return job.name if job else None


def draft(settings: Settings | None = None) -> Settings:
    """Settings of a draft."""
    return replace(settings or Settings(), quality="draft")
