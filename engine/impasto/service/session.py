"""One client's session: its lease and its jobs."""

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from impasto_wire.flow import Outgoing
from impasto_wire.messages import Preview, Submit
from impasto_wire.pictures import PictureRef

from .store import Upload

if TYPE_CHECKING:
    from .supervisor import Worker

LEASE_SECONDS = 5.0
MAX_UNSENT = 2000
MAX_JOBS = 256
"""Most unfinished jobs, and results not fetched, of one session."""


@dataclass(eq=False)
class Job:
    """One job from `Submit` until its result is fetched. `key` is its name inside the engine, where it is unique."""

    key: str
    session: "Session"
    submit: Submit
    uploads: dict[str, Upload] = field(default_factory=dict)
    pinned: list[str] = field(default_factory=list)
    is_queued: bool = False
    told_position: int | None = None
    preview: Outgoing | None = None
    next_preview: Preview | None = None
    result: Outgoing | None = None
    worker: "Worker | None" = None
    """Whose hands it is in."""
    returns: int = 0
    """How often it was given back by workers whose painters were lost."""

    @property
    def name(self) -> str:
        """The client's name for it."""
        return self.submit.job

    def missing(self) -> list[PictureRef]:
        """The pictures that are neither held for this job nor coming in."""
        known = {*self.pinned, *self.uploads}
        return list({ref.digest: ref for ref in self.submit.pictures() if ref.digest not in known}.values())


@dataclass(eq=False)
class Session:
    """A client that said Hello. It lives as long as there are signs of life."""

    identity: bytes
    key: str
    seen: float
    jobs: dict[str, Job] = field(default_factory=dict)
    unsent: deque[bytes] = field(default_factory=deque)
    """What the client has yet to make room for."""
    is_lost: bool = False
    """Gone, or not reading what it is sent."""

    def is_over(self, now: float) -> bool:
        """Has the client gone, or the lease ended?"""
        return self.is_lost or now - self.seen > LEASE_SECONDS

    def is_receiving(self, digest: str) -> bool:
        """Is this picture already on its way, for any of the jobs?"""
        return any(digest in job.uploads for job in self.jobs.values())


@dataclass(frozen=True)
class Question:
    """A forecast that a session waits for, and the session's name for it."""

    session: Session
    name: str
