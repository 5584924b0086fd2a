"""A fault of the engine's own, met for one session, ends that session alone: raised from every handler in turn."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from impasto.service.clients import Clients
from impasto.service.clock import Clock
from impasto.service.jobs import Jobs
from impasto.service.queue import Queue
from impasto.service.scheduler import Scheduler
from impasto.service.session import Session
from impasto.service.store import Store
from impasto_wire import PROTOCOL
from impasto_wire.bands import Band, pack_band
from impasto_wire.codec import FROM_ENGINE, decode, encode
from impasto_wire.messages import (
    AskForecast,
    Cancel,
    Credit,
    Failed,
    Hello,
    Keep,
    Ping,
    Pong,
    Submit,
    ToEngine,
    Welcome,
)
from impasto_wire.pictures import PictureRef
from impasto_wire.request import WeightedStyle
from impasto_wire.settings import Settings

JOB = "0123456789abcdef" * 2
REF = PictureRef("a" * 64, 9, 9, 4, "u8")
SUBMIT = Submit(REF, (WeightedStyle(REF),), job=JOB, purpose="final")
MESSAGES: dict[str, tuple[type, str, ToEngine | Band]] = {
    "Submit": (Jobs, "submit", SUBMIT),
    "a band": (Jobs, "take_band", Band(JOB, REF.digest, 0, b"x")),
    "Credit": (Jobs, "credit", Credit(JOB, REF.digest, 1)),
    "Keep": (Jobs, "keep", Keep(JOB)),
    "Cancel": (Jobs, "cancel", Cancel(JOB)),
    "AskForecast": (Scheduler, "forecast", AskForecast(JOB, 9, 9, Settings())),
    "Ping": (Session, "send_frame", Ping(1)),
}


class FakeFrontend:
    """Keeps what is sent to each client."""

    def __init__(self) -> None:
        self.sent: dict[bytes, list[bytes]] = {}

    def send(self, identity: bytes, frame: bytes) -> bool:
        self.sent.setdefault(identity, []).append(frame)
        return True

    def knows(self, key: str) -> bool:
        return True

    def watch_connections(self, sessions: int) -> bool:
        return False


class NoWorkers:
    """A pool without a worker."""

    clock = Clock()

    def welcome(self) -> Welcome:
        return Welcome(PROTOCOL, "1", (), ())

    def tasks(self) -> int:
        return 0

    def candidates(self) -> list[object]:
        return []


class Broker:
    """The broker's parts without sockets and processes."""

    def __init__(self, folder: Path) -> None:
        self.frontend, queue = FakeFrontend(), Queue()
        store = Store(folder, 1 << 20)
        self.jobs = Jobs(store, queue)
        self.scheduler = Scheduler(NoWorkers(), queue, self.jobs, store)  # type: ignore[arg-type]
        self.clients = Clients(self.frontend, self.jobs, self.scheduler, NoWorkers.clock)  # type: ignore[arg-type]

    def receive(self, client: bytes, message: ToEngine | Band) -> None:
        frame = pack_band(message) if isinstance(message, Band) else encode(message)
        received = SimpleNamespace(identity=client, key="key", frames=[SimpleNamespace(buffer=memoryview(frame))])
        self.clients.read([received])  # type: ignore[list-item]

    def is_alive(self, client: bytes) -> bool:
        """Does it answer that client's ping?"""
        self.receive(client, Ping(7))
        answers = [decode(frame, FROM_ENGINE) for frame in self.frontend.sent[client]]
        return Pong(7) in answers


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    made = Broker(tmp_path)
    for client in (b"\0liar", b"\0honest"):
        made.receive(client, Hello(PROTOCOL, "test"))
    yield made


@pytest.mark.parametrize("name", MESSAGES)
def test_a_fault_in_a_handler_ends_that_session_alone(
    broker: Broker, name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    kind, handler, message = MESSAGES[name]
    with monkeypatch.context() as patched:

        def break_down(*_: object) -> None:
            raise ZeroDivisionError("of our own")

        patched.setattr(kind, handler, break_down)
        broker.receive(b"\0liar", message)
    broker.clients.end_sessions()
    assert "of our own" in caplog.text
    assert broker.is_alive(b"\0honest")
    assert not broker.is_alive(b"\0liar")


def test_jobs_that_wait_for_one_picture_fail_without_nesting(broker: Broker) -> None:
    """One job's upload turns out to be a lie; hundreds wait for the same picture, which does not fit any more."""
    for number in range(250):
        broker.receive(b"\0liar", Submit(REF, (WeightedStyle(REF),), job=f"{number:032x}", purpose="final"))
    broker.jobs._store.limit = 0  # nothing fits from now on
    broker.receive(b"\0liar", Cancel(f"{0:032x}"))
    answers = [decode(frame, FROM_ENGINE) for frame in broker.frontend.sent[b"\0liar"]]
    assert sum(isinstance(answer, Failed) for answer in answers) == 249
    assert broker.is_alive(b"\0liar")
    assert broker.is_alive(b"\0honest")


def test_a_recipe_has_a_short_name(broker: Broker) -> None:
    """It is encoded again for the worker, where letters may take more bytes than the client sent."""
    broker.receive(b"\0honest", SUBMIT)
    frame = encode(SUBMIT).replace(b'"impasto"', b'"' + "é".encode() * 20_000 + b'"')
    received = SimpleNamespace(identity=b"\0liar", key="key", frames=[SimpleNamespace(buffer=memoryview(frame))])
    broker.clients.read([received])  # type: ignore[list-item]
    last = decode(broker.frontend.sent[b"\0liar"][-1], FROM_ENGINE)
    assert isinstance(last, Failed)
    assert last.code == "setting"
