"""One client's session: its lease, its jobs, and the messages that are sent to it."""

import contextlib
import logging
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from impasto_wire.codec import encode
from impasto_wire.flow import Outgoing
from impasto_wire.messages import FromEngine, Preview, Submit
from impasto_wire.pictures import PictureRef

from .frontend import ClientGone, Frontend
from .store import Upload
from .supervisor import Worker

log = logging.getLogger(__name__)

LEASE_SECONDS = 5.0
MAX_UNSENT = 2000
"""Most messages that wait until a client reads; with more of them its session ends."""
MAX_JOBS = 256
"""Most unfinished jobs, and results not fetched, of one session."""


@dataclass(eq=False)
class Job:
    """One job from `Submit` until its result is fetched. `key` is its name inside the engine, where it is unique."""

    key: str
    session: "Session"
    submit: Submit
    uploads: dict[str, Upload] = field(default_factory=dict)
    """Pictures that are coming in, by digest."""
    pinned: list[str] = field(default_factory=list)
    """Digests of the pictures that the store keeps for it."""
    is_queued: bool = False
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

    @property
    def name(self) -> str:
        """The client's name for it."""
        return self.submit.job

    def missing(self) -> list[PictureRef]:
        """The pictures that are neither pinned nor coming in for this job."""
        known = {*self.pinned, *self.uploads}
        return list({ref.digest: ref for ref in self.submit.pictures() if ref.digest not in known}.values())


@dataclass(eq=False)
class Session:
    """A client that has said Hello. The session lasts as long as the client shows that it is there.

    Sending never waits: what the client has no room for is kept here, in order. A client that has gone, or that
    doesn't read, loses its session.
    """

    identity: bytes
    key: str
    """The client's public key."""
    frontend: Frontend
    seen: float
    """When the client's last message came, by the broker's clock."""
    jobs: dict[str, Job] = field(default_factory=dict)
    """Unfinished jobs and results not fetched, by the client's names for them."""
    unsent: deque[bytes] = field(default_factory=deque)
    """Frames that wait until the client has room for them."""
    is_lost: bool = False
    """Has the client gone, or does it not read what it is sent?"""

    def is_over(self, now: float, lease: float) -> bool:
        """Has the client gone, or been silent for longer than its lease?"""
        return self.is_lost or now - self.seen > lease

    def is_receiving(self, digest: str) -> bool:
        """Is this picture on its way to the engine already, for any of the jobs?"""
        return any(digest in job.uploads for job in self.jobs.values())

    @contextlib.contextmanager
    def containing_faults(self) -> Iterator[None]:
        """A fault of the engine's own that is met for this session ends this session alone. It is logged."""
        try:
            yield
        except Exception:
            log.exception("session %s ends: the engine met a fault of its own", self.identity.hex())
            self.is_lost = True

    def send(self, message: FromEngine) -> None:
        """Send a message."""
        with self.containing_faults():
            self.send_frame(encode(message))

    def send_frame(self, frame: bytes) -> None:
        """Send a frame, after those that still wait."""
        if self.unsent or not self._try(frame):
            self.unsent.append(frame)
            self.is_lost |= len(self.unsent) > MAX_UNSENT

    def send_waiting(self) -> bool:
        """Send the frames that wait; True when there were some and all are sent: there may be room for more."""
        if not self.unsent:
            return False
        while self.unsent and self._try(self.unsent[0]):
            self.unsent.popleft()
        return not self.unsent

    def _try(self, frame: bytes) -> bool:
        try:
            return self.frontend.send(self.identity, frame)
        except ClientGone:
            self.is_lost = True
            return True
