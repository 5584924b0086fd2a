"""A job as the filter sees it: pictures going out, events and pictures coming back."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from impasto_wire.errors import ImpastoError, JobCancelled
from impasto_wire.flow import Incoming, Outgoing, collect, outgoing_of
from impasto_wire.messages import Accepted, Cancel, Finished, Keep, Preview, Progress, Submit
from impasto_wire.pictures import Pixels


@dataclass(frozen=True)
class Painted:
    """The picture so far: RGB, u8, its long side at most 1024."""

    picture: Pixels
    scale: int
    step: int


@dataclass(frozen=True)
class Done:
    """The result: RGB, the layer's size and samples."""

    picture: Pixels
    seconds: float


Event = Accepted | Progress | Painted | Done


class Job:
    """One job of an `Engine`. Its events may be read from any thread; the later methods are for the engine's thread."""

    def __init__(self, submit: Submit, pictures: dict[str, Pixels], send: Callable[[Keep | Cancel], None]) -> None:
        self.submit = submit
        self._pictures = pictures
        self._send = send
        self._outgoing: dict[str, Outgoing] = {}
        self._incoming: tuple[Preview | Finished, Incoming, list[memoryview]] | None = None
        self._events: deque[Event] = deque()
        self._error: ImpastoError | None = None
        self._changed = threading.Condition()

    @property
    def name(self) -> str:
        """The job's name on the wire."""
        return self.submit.job

    # For the filter

    def next_event(self, timeout: float | None = None) -> Event | None:
        """The next event, or None after `timeout` seconds. Raises the job's `ImpastoError` once its events are read."""
        with self._changed:
            self._changed.wait_for(lambda: self._events or self._error, timeout)
            if self._events:
                return self._events.popleft()
            if self._error:
                raise self._error
            return None

    def cancel(self) -> None:
        """Drop the job, here at once and in the engine soon; `next_event` raises `JobCancelled` from now on."""
        self.fail(JobCancelled("the painting was cancelled"))
        self._send(Cancel(self.name))

    def keep(self) -> None:
        """Ask for the picture as it is now; `Done` follows soon. A job that still waits is painted as usual."""
        self._send(Keep(self.name))

    # For the thread that talks to the engine

    def outgoing(self, digest: str) -> Outgoing | None:
        """The job's picture with that digest, ready to be sent."""
        if digest not in self._outgoing and digest in self._pictures:
            ref = next(ref for ref in self.submit.pictures() if ref.digest == digest)
            self._outgoing[digest] = outgoing_of(self.name, ref, self._pictures[digest].data)
        return self._outgoing.get(digest)

    def forget_pictures(self) -> None:
        """Free the pictures that the engine has received."""
        self._pictures, self._outgoing = {}, {}

    def expect(self, message: Preview | Finished) -> None:
        """Prepare for an announced picture; it replaces an unfinished preview."""
        self._incoming = (message, *collect(message.picture))

    def incoming(self, digest: str) -> Incoming | None:
        """The picture that is being received, if it is this one."""
        if self._incoming and self._incoming[0].picture.digest == digest:
            return self._incoming[1]
        return None

    def complete(self) -> Painted | Done:
        """Queue the picture that has been received whole, and return it as an event."""
        assert self._incoming
        message, incoming, parts = self._incoming
        self._incoming = None
        ref = incoming.ref
        pixels = Pixels(ref.width, ref.height, ref.channels, ref.samples, b"".join(parts))
        event: Painted | Done
        if isinstance(message, Finished):
            event = Done(pixels, message.seconds)
        else:
            event = Painted(pixels, message.scale, message.step)
        self.add_event(event)
        return event

    def add_event(self, event: Event) -> None:
        """Queue an event; of unread previews only the latest is kept, likewise of progress."""
        with self._changed:
            if isinstance(event, (Painted, Progress)):
                self._events = deque(old for old in self._events if type(old) is not type(event))
            self._events.append(event)
            self._changed.notify_all()

    def fail(self, error: ImpastoError) -> None:
        """End the job with an error, unless it has ended before."""
        with self._changed:
            self._error = self._error or error
            if isinstance(self._error, JobCancelled):
                self._events.clear()
            self._changed.notify_all()
