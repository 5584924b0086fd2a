"""The clients' side of the broker: sessions begin, ask for things, and end."""

import contextlib
import logging
from collections.abc import Iterable
from typing import Any

from impasto_wire import PROTOCOL
from impasto_wire.bands import MARK, unpack_band
from impasto_wire.codec import MAX_HEADER, TO_ENGINE, decode, encode
from impasto_wire.errors import EngineUnavailable, ImpastoError, LimitReached, SettingError, VersionMismatch, WireError
from impasto_wire.messages import (
    AskForecast,
    AskStatus,
    Cancel,
    Credit,
    Failed,
    FromEngine,
    Hello,
    Keep,
    Ping,
    Pong,
    StatusReport,
    Stop,
    Submit,
)
from impasto_wire.programs import INSTALL

from .accounts import MESSAGE_RATE, Accounts
from .clock import Clock
from .frontend import ClientGone, Frontend, Received
from .jobs import Jobs, failure
from .scheduler import Scheduler
from .session import LEASE_SECONDS, Attention, Session

log = logging.getLogger(__name__)

_PROBE_SECONDS = 0.1
_RECHECK_SECONDS = 1.0
_LOOK_SECONDS = 0.25
"""How often every session is looked at."""
_MOST_REPORTED = 200
"""Clients in one report, so that it fits into a message."""
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
        self._accounts = Accounts(frontend.terms_of)
        self._sessions: dict[bytes, Session] = {}
        self._attention = Attention()
        self._looked_at = self._last_end = clock.now()
        self._recheck_until = 0.0
        self._probed_at = 0.0
        self.is_stopped = False
        """Has the engine's own machine asked for its end?"""

    def idle_seconds(self) -> float:
        """For how long there has been no session."""
        return 0.0 if self._sessions else self._clock.now() - self._last_end

    def are_messages_waiting(self) -> bool:
        """Is there a client that has no room for its messages? ZeroMQ doesn't report when it has room again."""
        return bool(self._attention.unsent)

    # What clients ask for

    def read(self, messages: Iterable[Received]) -> int:
        """Do what the messages ask for; one that breaks the protocol is answered with a `Failed`. Returns how many
        they were."""
        self._watch_connections()  # before it is known who has come, nobody can be admitted
        count = 0
        for received in messages:
            count += 1
            session = self._sessions.get(received.identity) or self._new_session(received)
            if session.is_lost:
                continue
            with session.containing_faults():
                try:
                    self._charge(session, received)
                    self._read(session, received)
                except ImpastoError as error:
                    log.info("refused a message: %s (%s)", error, error.code)
                    self._refuse(received, error)
        return count

    def _refuse(self, received: Received, error: ImpastoError) -> None:
        """Say what was wrong with a message. After a session has ended, bands of it may still be on their way."""
        with contextlib.suppress(ClientGone):
            self._frontend.send(received.identity, encode(failure(error.job, error)))
        if received.identity not in self._sessions and received.frames[0].buffer[:1] != MARK:
            self._frontend.warn(received.handle)

    def _charge(self, session: Session, received: Received) -> None:
        """Count a message before anything is done for it. Raises `LimitReached` where its client sends too much, and
        then ends its session, or its connection if it has none."""
        frames = [frame.buffer for frame in received.frames]
        size = 0 if session.takes_open_band(frames) else sum(map(len, frames))
        if session.account.allowance.take(size, self._clock.now()):
            return
        if received.identity in self._sessions:
            session.lose()
        else:
            self._frontend.hang_up(received.handle)
        raise LimitReached(
            f"more messages came than the engine reads of one client, {MESSAGE_RATE >> 20} MiB a second; "
            "start the filter again"
        )

    def _new_session(self, received: Received) -> Session:
        account, now = self._accounts.of(received.key), self._clock.now()
        return Session(received.identity, account, self._frontend, self._attention, now, received.handle)

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
        if isinstance(hello, (AskStatus, Stop)):  # they need no session, and work where there are too many
            self._on_message(session, hello)
            return
        if not isinstance(hello, Hello):
            raise EngineUnavailable("the session has ended; say Hello first")
        if session.identity[:1] != _GIVEN_BY_ZEROMQ:
            raise WireError("a client must not choose its own ROUTING_ID")
        if hello.protocol != PROTOCOL:
            raise VersionMismatch(
                f"the filter speaks protocol {hello.protocol} and the engine {PROTOCOL}; "
                f"run the installer again: {INSTALL}"
            )
        session.account.take_session()
        self._sessions[session.identity] = session
        self._frontend.admit(session.handle, session)
        log.info("session %s of %s begins (%r)", session.identity.hex(), session.account.name, hello.client[:40])
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
            case AskStatus():
                self._report(session)
            case Stop():
                self._stop(session)
            case Hello():
                raise WireError("a session says Hello once")

    def _stop(self, session: Session) -> None:
        if not self._frontend.is_own(session.key):
            raise SettingError("only the engine's own machine may stop it; run there: impasto stop")
        log.info("session %s stops the engine", session.identity.hex())
        self.is_stopped = True
        if session.identity not in self._sessions:
            session.send(self._goodbye())

    def _report(self, session: Session) -> None:
        """Tell a client who uses the engine: this machine's own hears of everybody, another one of itself."""
        is_own = self._frontend.is_own(session.key)
        accounts = list(self._accounts)[:_MOST_REPORTED] if is_own else [session.account]
        session.send(self._scheduler.welcome())
        seconds = self._scheduler.painting_seconds
        uses = (account.use(seconds.get(account.key, 0.0)) for account in accounts)
        session.send(StatusReport(tuple(uses), self._accounts.faults))

    # What clients are sent

    def send_to_all(self, message: FromEngine) -> None:
        """Send a message to every client."""
        for session in self._sessions.values():
            session.send(message)

    def send_waiting(self) -> None:
        """Send every client what it had no room for before."""
        for session in list(self._attention.unsent):
            with session.containing_faults():
                self._jobs.send_waiting(session)

    def say_that_engine_ends(self) -> None:
        """Tell every client that the engine ends."""
        self.send_to_all(self._goodbye())

    def _goodbye(self) -> Failed:
        return failure("", EngineUnavailable("the Impasto engine was stopped; start the filter again"))

    # How sessions end

    def end_sessions(self, is_all_read: bool = True) -> None:
        """End the sessions of clients that have gone, have been silent for too long, or whose key was revoked.

        Unless `is_all_read`, the signs of life of some may lie in the inbox: they have more time.
        """
        now = self._clock.now()
        self._watch_connections()
        self._probe(now)
        if now - self._looked_at >= _LOOK_SECONDS:
            self._looked_at = now
            self._look_at_all(now, LEASE_SECONDS if is_all_read else _LEASE_UNREAD * LEASE_SECONDS)
        while self._attention.lost:
            session = self._attention.lost.pop()
            if session.identity in self._sessions:
                self._end(session)

    def _look_at_all(self, now: float, lease: float) -> None:
        self._jobs.keep_time(now, self._sessions.values())
        for session in self._sessions.values():
            if session.is_over(now, lease) or not self._frontend.knows(session.key):
                session.lose()

    def _watch_connections(self) -> None:
        if self._frontend.watch_connections():
            # The ROUTER forgets a client a moment after the monitor has reported the end of its connection.
            self._recheck_until = self._clock.now() + _RECHECK_SECONDS

    def _probe(self, now: float) -> None:
        """After a connection was closed, send something to every client: only that shows whose connection it was."""
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
        self._attention.unsent.discard(session)
        self._attention.lost.discard(session)
        self._frontend.dismiss(session.handle, session)
        session.account.end_session()
        self._last_end = self._clock.now()
