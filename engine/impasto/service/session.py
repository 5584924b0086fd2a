"""One client's session: its lease, its jobs, and the messages that are sent to it."""

import contextlib
import logging
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from impasto_wire.bands import MARK, MAX_BAND
from impasto_wire.codec import encode
from impasto_wire.flow import Outgoing
from impasto_wire.messages import FromEngine, Preview, Submit
from impasto_wire.pictures import BYTES_PER_SAMPLE, PictureRef

from .accounts import Account
from .frontend import ClientGone, Frontend
from .store import Upload
from .supervisor import Worker

log = logging.getLogger(__name__)

LEASE_SECONDS = 5.0
MAX_UNSENT = 2000
"""Most messages that wait until a client reads; with more of them its session ends."""
MAX_UNSENT_BYTES = 1 << 20
"""Most bytes of them, and one band more."""


@dataclass(eq=False)
class Job:
    """One job from `Submit` until its result is fetched. `key` is its name inside the engine, where it is unique."""

    key: str
    session: "Session"
    submit: Submit
    missing: dict[str, PictureRef] = field(init=False)
    """The pictures that it waits for, by digest."""
    pinned: list[str] = field(default_factory=list)
    """Digests of the pictures that the store keeps for it."""
    position: int | None = None
    """Its position in the queue, as the client knows it."""
    preview: Outgoing | None = None
    next_preview: Preview | None = None
    """The preview that is announced once `preview` is sent."""
    result: Outgoing | None = None
    worker: Worker | None = None
    """The worker that has been given the job."""
    returns: int = 0
    """How often a worker that had it lost its painter."""

    def __post_init__(self) -> None:
        self.missing = self.pictures()

    @property
    def name(self) -> str:
        """The client's name for it."""
        return self.submit.job

    def pictures(self) -> dict[str, PictureRef]:
        """All its pictures by digest, each once."""
        return {ref.digest: ref for ref in self.submit.pictures()}

    @property
    def result_bytes(self) -> int:
        """What its result takes, painted or still to come."""
        width, height = self.submit.painted_size
        return width * height * 3 * BYTES_PER_SAMPLE[self.submit.layer.samples]


@dataclass(eq=False)
class Awaited:
    """A picture on its way into the store, and the jobs that wait for it, by key. The first of them asked for it."""

    digest: str
    jobs: dict[str, Job]
    upload: Upload | None = None

    @property
    def asker(self) -> Job | None:
        """The job under whose name its bands come."""
        return next(iter(self.jobs.values()), None)


@dataclass(frozen=True)
class Attention:
    """The sessions that the broker must look at, so that it needn't look at all of them after each message."""

    unsent: "set[Session]" = field(default_factory=set)
    """Those whose client had no room for something."""
    lost: "set[Session]" = field(default_factory=set)
    """Those that are over."""


@dataclass(eq=False)
class Session:
    """A client that has said Hello. The session lasts as long as the client shows that it is there.

    Sending never waits: what the client has no room for is kept here, in order. A client that has gone, or that
    doesn't read, loses its session.
    """

    identity: bytes
    account: Account
    """What all sessions of the client have together."""
    frontend: Frontend
    attention: Attention
    seen: float
    """When the client's last message came, by the broker's clock."""
    handle: int = -1
    """The connection's handle."""
    jobs: dict[str, Job] = field(default_factory=dict)
    """Unfinished jobs and results not fetched, by the client's names for them."""
    preview: Job | None = None
    """The one of them that is a preview."""
    sending: dict[str, Job] = field(default_factory=dict)
    """Those with bands that the client has allowed and has no room for, by key."""
    awaited: dict[str, Awaited] = field(default_factory=dict)
    """Pictures on their way to the engine, by digest."""
    awaited_since: float = 0.0
    """When the time began in which enough of them must come."""
    awaited_bytes: int = 0
    """How much of them has come since then."""
    open_bands: int = 0
    """How many more bands its client has credit for, of whichever picture: jobs that are over leave some of theirs."""
    unsent: deque[bytes] = field(default_factory=deque)
    """Frames that wait until the client has room for them."""
    unsent_bytes: int = 0
    is_lost: bool = False
    """Has the client gone, or does it not read what it is sent?"""

    @property
    def key(self) -> str:
        """The client's public key."""
        return self.account.key

    def takes_open_band(self, frames: Sequence[memoryview]) -> bool:
        """Is a message a band that there is credit for? Then there is credit for one less."""
        is_open = len(frames) == 1 and frames[0][:1] == MARK and self.open_bands > 0
        self.open_bands -= is_open
        return is_open

    def lose(self) -> None:
        """End the session soon."""
        self.is_lost = True
        self.attention.lost.add(self)

    def is_over(self, now: float, lease: float) -> bool:
        """Has the client gone, or been silent for longer than its lease?"""
        return self.is_lost or now - self.seen > lease

    @contextlib.contextmanager
    def containing_faults(self) -> Iterator[None]:
        """A fault of the engine's own that is met for this session ends this session alone. It is logged."""
        try:
            yield
        except Exception:
            log.exception("session %s ends: the engine met a fault of its own", self.identity.hex())
            self.account.faults += 1
            self.lose()

    def send(self, message: FromEngine) -> None:
        """Send a message."""
        with self.containing_faults():
            self.send_frame(encode(message))

    def send_frame(self, frame: bytes) -> None:
        """Send a frame, after those that still wait."""
        if self.unsent or not self._try(frame):
            self.unsent.append(frame)
            self.unsent_bytes += len(frame)
            self.attention.unsent.add(self)
            if len(self.unsent) > MAX_UNSENT or self.unsent_bytes > MAX_UNSENT_BYTES + MAX_BAND:
                self.lose()

    def send_waiting(self) -> bool:
        """Send the frames that wait; True when all are sent: there may be room for more."""
        while self.unsent and self._try(self.unsent[0]):
            self.unsent_bytes -= len(self.unsent.popleft())
        if self.unsent:
            return False
        self.attention.unsent.discard(self)
        return True

    def _try(self, frame: bytes) -> bool:
        try:
            return self.frontend.send(self.identity, frame)
        except ClientGone:
            self.lose()
            return True
