"""The clients' side of the broker: sessions begin, ask for things, and end."""

import contextlib
import logging
from collections.abc import Iterable
from typing import Any

from impasto_wire import PROTOCOL
from impasto_wire.bands import MARK, unpack_band
from impasto_wire.codec import MAX_HEADER, TO_ENGINE, decode, encode
from impasto_wire.errors import EngineUnavailable, ImpastoError, SettingError, VersionMismatch, WireError
from impasto_wire.messages import AskForecast, Cancel, Credit, FromEngine, Hello, Keep, Ping, Pong, Stop, Submit

from .clock import Clock
from .frontend import ClientGone, Frontend, Received
from .jobs import Jobs, failure
from .scheduler import Scheduler
from .session import LEASE_SECONDS, Session

log = logging.getLogger(__name__)

_PROBE_SECONDS = 0.1
_RECHECK_SECONDS = 1.0
_LEASE_UNREAD = 4
"""What multiplies a lease while more messages come than are read."""
_GIVEN_BY_ZEROMQ = b"\0"
"""First byte of an address that ZeroMQ has given. An address that a client chose could be another's a moment later."""


class Clients:
    """The sessions of all clients."""

    def __init__(self, frontend: Frontend, jobs: Jobs, scheduler: Scheduler, clock: Clock) -> None:
        self._frontend = frontend
        self._jobs = jobs
        self._scheduler = scheduler
        self._clock = clock
        self._sessions: dict[bytes, Session] = {}
        self._last_end = clock.now()
        self._recheck_until = 0.0
        self._probed_at = 0.0
        self.is_stopped = False
        """Has the engine's own machine asked for its end?"""

    def idle_seconds(self) -> float:
        """For how long there has been no session."""
        return 0.0 if self._sessions else self._clock.now() - self._last_end

    def are_messages_waiting(self) -> bool:
        """Is there a client that has no room for its messages? ZeroMQ doesn't report when it has room again."""
        return any(session.unsent for session in self._sessions.values())

    # What clients ask for

    def read(self, messages: Iterable[Received]) -> int:
        """Do what the messages ask for; one that breaks the protocol is answered with a `Failed`. Returns how many
        they were."""
        count = 0
        for received in messages:
            count += 1
            session = self._sessions.get(received.identity) or self._new_session(received)
            with session.containing_faults():
                try:
                    self._read(session, received)
                except ImpastoError as error:
                    log.info("refused a message: %s (%s)", error, error.code)
                    with contextlib.suppress(ClientGone):
                        self._frontend.send(received.identity, encode(failure(error.job, error)))
        return count

    def _new_session(self, received: Received) -> Session:
        return Session(received.identity, received.key, self._frontend, self._clock.now())

    def _read(self, session: Session, received: Received) -> None:
        if len(received.frames) != 1:
            raise WireError("a message must be one frame")
        frame = received.frames[0].buffer
        if received.identity not in self._sessions:
            self._begin_session(session, decode(frame[: MAX_HEADER + 1], TO_ENGINE))
            return
        session.seen = self._clock.now()
        if frame[:1] == MARK:
            self._jobs.take_band(session, unpack_band(frame))
        else:
            self._on_message(session, decode(frame[: MAX_HEADER + 1], TO_ENGINE))

    def _begin_session(self, session: Session, hello: object) -> None:
        if not isinstance(hello, Hello):
            raise EngineUnavailable("the session has ended; say Hello first")
        if session.identity[:1] != _GIVEN_BY_ZEROMQ:
            raise WireError("a client must not choose its own ROUTING_ID")
        if hello.protocol != PROTOCOL:
            raise VersionMismatch(
                f"the filter speaks protocol {hello.protocol} and the engine {PROTOCOL}; "
                "run the installer again: python3 install/install.py"
            )
        self._sessions[session.identity] = session
        log.info("session %s begins (%r)", session.identity.hex(), hello.client[:40])
        session.send(self._scheduler.welcome())

    def _on_message(self, session: Session, message: Any) -> None:
        match message:
            case Ping(number):
                session.send(Pong(number))
            case Submit():
                self._jobs.submit(session, message)
            case Credit(name, digest, bands):
                self._jobs.credit(session, name, digest, bands)
            case AskForecast():
                self._scheduler.forecast(session, message)
            case Keep(name):
                self._jobs.keep(session, name)
            case Cancel(name):
                self._jobs.cancel(session, name)
                self._scheduler.cancel_question(session, name)
            case Stop():
                self._stop(session)
            case Hello():
                raise WireError("a session says Hello once")

    def _stop(self, session: Session) -> None:
        if not self._frontend.is_own(session.key):
            raise SettingError("only the engine's own machine may stop it; run there: impasto stop")
        log.info("session %s stops the engine", session.identity.hex())
        self.is_stopped = True

    # What clients are sent

    def send_to_all(self, message: FromEngine) -> None:
        """Send a message to every client."""
        for session in self._sessions.values():
            session.send(message)

    def send_waiting(self) -> None:
        """Send every client what it had no room for before."""
        for session in self._sessions.values():
            with session.containing_faults():
                self._jobs.send_waiting(session)

    def say_that_engine_ends(self) -> None:
        """Tell every client that the engine ends."""
        self.send_to_all(failure("", EngineUnavailable("the Impasto engine was stopped; start the filter again")))

    # How sessions end

    def end_sessions(self, is_all_read: bool = True) -> None:
        """End the sessions of clients that have gone, have been silent for too long, or whose key was revoked.

        Unless `is_all_read`, the signs of life of some may lie in the inbox: they have more time.
        """
        now = self._clock.now()
        self._probe(now)
        lease = LEASE_SECONDS if is_all_read else _LEASE_UNREAD * LEASE_SECONDS
        for session in list(self._sessions.values()):
            if session.is_over(now, lease) or not self._frontend.knows(session.key):
                self._end(session)

    def _probe(self, now: float) -> None:
        """After a connection was closed, send something to every client: only that shows whose connection it was."""
        if self._frontend.watch_connections(len(self._sessions)):
            # The ROUTER forgets a client a moment after the monitor has reported the end of its connection.
            self._recheck_until = now + _RECHECK_SECONDS
        if now < self._recheck_until and now - self._probed_at > _PROBE_SECONDS:
            self._probed_at = now
            self.send_to_all(Pong(0))

    def _end(self, session: Session) -> None:
        log.info("session %s ends", session.identity.hex())
        del self._sessions[session.identity]
        for job in list(session.jobs.values()):
            with session.containing_faults():
                self._jobs.release(job)
        self._scheduler.forget(session)
        self._last_end = self._clock.now()
