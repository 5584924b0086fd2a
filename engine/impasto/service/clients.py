"""The clients' side of the broker: sessions begin, say what they want, and end."""

import contextlib
import logging
import time
from collections.abc import Iterable
from typing import Any

from impasto_wire import PROTOCOL
from impasto_wire.bands import MARK, unpack_band
from impasto_wire.codec import MAX_HEADER, TO_ENGINE, decode, encode
from impasto_wire.errors import EngineUnavailable, ImpastoError, VersionMismatch, WireError
from impasto_wire.messages import Cancel, Credit, Forecast, Hello, Keep, Ping, Pong, Submit, Welcome

from .frontend import Arrival, Door, Gone
from .jobs import Jobs, failure
from .queue import Queue
from .scheduler import Dispatch
from .session import Session

log = logging.getLogger(__name__)

_PROBE_SECONDS = 0.1
_GIVEN = b"\0"
"""How an address that ZeroMQ gave begins. One that a client chose could be another's a moment later."""


class Reception:
    """Everyone who has said Hello and hasn't left."""

    def __init__(self, door: Door, jobs: Jobs, queue: Queue, dispatch: Dispatch) -> None:
        self._door = door
        self._jobs = jobs
        self._queue = queue
        self._dispatch = dispatch
        self._sessions: dict[bytes, Session] = {}
        self._left_at = time.monotonic()
        self._recheck_until = 0.0
        self._probed_at = 0.0

    def idle_seconds(self) -> float:
        """How long nobody has been here."""
        return 0.0 if self._sessions else time.monotonic() - self._left_at

    def is_hurried(self) -> bool:
        """Does anyone have to make room before it can be sent more? ZeroMQ doesn't tell when it has."""
        return any(session.unsent for session in self._sessions.values())

    # What they say

    def take(self, arrivals: Iterable[Arrival]) -> None:
        """Do what the messages ask for; what breaks the protocol is refused in a sentence."""
        for arrival in arrivals:
            try:
                self._take(arrival)
            except ImpastoError as error:
                log.info("refused a message: %s (%s)", error, error.code)
                with contextlib.suppress(Gone):
                    self._door.send(arrival.identity, encode(failure(error.job, error)))

    def _take(self, arrival: Arrival) -> None:
        if len(arrival.frames) != 1:
            raise WireError("a message must be one frame")
        session = self._sessions.get(arrival.identity)
        frame = arrival.frames[0].buffer
        if session is None:
            self._greet(arrival, decode(frame[: MAX_HEADER + 1], TO_ENGINE))
            return
        session.seen = time.monotonic()
        if frame[:1] == MARK:
            self._jobs.take_band(session, unpack_band(frame))
        else:
            self._on_message(session, decode(frame[: MAX_HEADER + 1], TO_ENGINE))

    def _greet(self, arrival: Arrival, hello: object) -> None:
        if not isinstance(hello, Hello):
            raise EngineUnavailable("the session has ended; say Hello first")
        if arrival.identity[:1] != _GIVEN:
            raise WireError("a client must not choose its own ROUTING_ID")
        if hello.protocol != PROTOCOL:
            raise VersionMismatch(
                f"the filter speaks protocol {hello.protocol} and the engine {PROTOCOL}; "
                "run the installer again: python3 install/install.py"
            )
        session = Session(arrival.identity, arrival.key, self._door)
        self._sessions[arrival.identity] = session
        log.info("session %s begins (%s)", arrival.identity.hex(), hello.client[:40])
        session.send(self._dispatch.welcome())

    def _on_message(self, session: Session, message: Any) -> None:
        match message:
            case Ping(number):
                session.send(Pong(number))
            case Submit():
                self._jobs.submit(session, message)
            case Credit(name, digest, bands):
                self._jobs.credit(session, name, digest, bands)
            case Forecast():
                self._dispatch.forecast(session, message)
            case Keep(name):
                self._jobs.keep(session, name)
            case Cancel(name):
                self._jobs.cancel(session, name)
            case Hello():
                raise WireError("a session says Hello once")

    # What they are told

    def announce(self, welcome: Welcome) -> None:
        """Tell everyone what the engine knows of its devices by now."""
        for session in self._sessions.values():
            session.send(welcome)

    def send_waiting(self) -> None:
        """Send everyone what there was no room for before."""
        for session in self._sessions.values():
            self._jobs.send_waiting(session)

    def say_farewell(self) -> None:
        """Tell everyone that the engine ends."""
        farewell = EngineUnavailable("the Impasto engine was stopped; start the filter again")
        for session in self._sessions.values():
            session.send(failure("", farewell))

    # How they leave

    def end_sessions(self) -> None:
        """End the sessions of those who have gone, fallen silent, or are let in no more."""
        now = time.monotonic()
        self._probe(now)
        for session in list(self._sessions.values()):
            if session.is_over(now) or not self._door.knows(session.key):
                self._end(session)

    def _probe(self, now: float) -> None:
        """After a connection was closed: send something to everyone, so that it shows whose it was."""
        if self._door.watch(len(self._sessions)):
            self._recheck_until = now + 1.0  # the ROUTER forgets a peer a moment after the monitor reports it
        if now < self._recheck_until and now - self._probed_at > _PROBE_SECONDS:
            self._probed_at = now
            for session in self._sessions.values():
                session.send(Pong(0))

    def _end(self, session: Session) -> None:
        log.info("session %s ends", session.identity.hex())
        del self._sessions[session.identity]
        for job in list(session.jobs.values()):
            self._jobs.release(job)
        self._queue.forget(session)
        self._left_at = time.monotonic()
