"""The broker's parts and no worker: what each client sends is handed in, pictures too, and what it is sent is kept."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

from fakes.broker import OWN_KEY, FakeFrontend, FakePool
from impasto.service.accounts import OWN, Limits
from impasto.service.clients import Clients
from impasto.service.clock import Clock
from impasto.service.jobs import Jobs
from impasto.service.queue import Queue
from impasto.service.scheduler import Scheduler
from impasto.service.store import Store, handover_name
from impasto_wire import PROTOCOL
from impasto_wire.bands import MARK, Band, pack_band, unpack_band
from impasto_wire.codec import FROM_ENGINE, decode, encode
from impasto_wire.messages import Finished, Hello, Need, Ping, Pong, ToEngine
from impasto_wire.pictures import Pixels

T = TypeVar("T")


class LooseBroker:
    """Clients, jobs, scheduler and store, put together as `impasto serve` does it, but without a worker."""

    def __init__(self, folder: Path, store_bytes: int = 1 << 20) -> None:
        self.frontend, self.queue = FakeFrontend(), Queue()
        self.store = Store(folder, store_bytes)
        self.jobs = Jobs(self.store, self.queue)
        clock = Clock()
        self.scheduler = Scheduler(FakePool(clock, 0), self.queue, self.jobs, self.store)  # type: ignore[arg-type]
        self.clients = Clients(self.frontend, self.jobs, self.scheduler, clock)  # type: ignore[arg-type]

    def receive(self, client: bytes, message: ToEngine | Band | bytes, key: str = OWN_KEY) -> None:
        """Take one message of a client."""
        frame = message if isinstance(message, bytes) else _packed(message)
        frames = [SimpleNamespace(buffer=memoryview(frame))]
        received = SimpleNamespace(identity=client, key=key, handle=1, frames=frames)
        self.clients.read([received])  # type: ignore[list-item]

    def answers(self, client: bytes, kind: type[T]) -> list[T]:
        """All messages of a kind that a client was sent."""
        return [message for message in map(_unpacked, self.frontend.sent.get(client, [])) if isinstance(message, kind)]

    def is_alive(self, client: bytes) -> bool:
        """Does it answer that client's ping?"""
        self.receive(client, Ping(7))
        return Pong(7) in self.answers(client, Pong)

    def send_pictures(self, client: bytes, *pictures: Pixels) -> None:
        """Send whole whatever was asked for and not sent yet."""
        by_digest = {pixels.ref().digest: pixels for pixels in pictures}
        for need in self.answers(client, Need):
            if pixels := by_digest.get(need.digest):
                self.receive(client, Band(need.job, need.digest, 0, pixels.data))

    def paint(self, client: bytes, name: str, result: Pixels) -> None:
        """What a worker does: hand over the result of a client's job."""
        job = self.clients._sessions[client].jobs[name]
        message = Finished(job.key, result.ref(), 1.0)
        self.queue.remove(job.key)
        (self.store.folder / handover_name(message)).write_bytes(result.data)
        self.jobs.announce(job.key, message)


def greeted(folder: Path, *clients: tuple[bytes, str], limits: Limits = OWN, store_bytes: int = 1 << 20) -> LooseBroker:
    """A broker to which these clients (address and key) have said Hello."""
    broker = LooseBroker(folder, store_bytes)
    broker.frontend.limits = limits
    for client, key in clients:
        broker.receive(client, Hello(PROTOCOL, "test"), key)
    return broker


def _packed(message: ToEngine | Band) -> bytes:
    return pack_band(message) if isinstance(message, Band) else encode(message)


def _unpacked(frame: bytes) -> Any:
    return unpack_band(frame) if frame[:1] == MARK else decode(frame, FROM_ENGINE)
