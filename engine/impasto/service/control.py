"""Asks a running engine for its status, and ends it, from another process."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import zmq

from impasto.locks import FileLock
from impasto_wire import PROTOCOL, __version__
from impasto_wire.bands import MAX_MESSAGE
from impasto_wire.codec import FROM_ENGINE, decode, encode
from impasto_wire.connection import REMOTE, Connection, read_connection
from impasto_wire.errors import EngineUnavailable, ImpastoError, WireError, error_from
from impasto_wire.messages import AskStatus, ClientUse, Failed, Hello, StatusReport, Stop, Welcome

T = TypeVar("T")

_ANSWER_SECONDS = 2.0
_REPUBLISH_SECONDS = 2.5
"""A living engine looks after its connection file every second."""
_END_SECONDS = 10.0


@dataclass(frozen=True)
class Status:
    """What a running engine says about itself; `queue` counts the jobs that are being painted or wait.

    `clients` says who uses it, and `faults` how many of its own it has met; both are None if the engine is too old.
    """

    endpoint: str
    pid: int
    version: str
    protocol: int
    devices: tuple[str, ...]
    backbones: tuple[str, ...]
    queue: int
    clients: tuple[ClientUse, ...] | None
    faults: int | None


@dataclass(frozen=True)
class Wire:
    """A socket that is connected to the engine, and what tells when the engine has hung up or was never there."""

    dealer: zmq.Socket[bytes]
    monitor: zmq.Socket[bytes]

    def send(self, frame: bytes) -> None:
        """Send without waiting: where nobody is there any more, it would wait for ever. The missing answer tells."""
        with contextlib.suppress(zmq.Again):
            self.dealer.send(frame, zmq.NOBLOCK)


def ask_status(connection_file: Path) -> Status:
    """The running engine's status, or `EngineUnavailable` within a few seconds when none answers."""
    with _conversation(connection_file) as (engine, connection, welcome):
        report = _report(engine)
        return Status(
            connection.endpoint,
            connection.pid,
            welcome.version,
            welcome.protocol,
            welcome.devices,
            welcome.backbones,
            welcome.queue,
            report.clients if report else None,
            report.faults if report else None,
        )


def stop(connection_file: Path) -> None:
    """End this machine's engine and wait for that. Raises `EngineUnavailable` if there is none, or it doesn't end."""
    with _conversation(connection_file) as (engine, connection, _):
        if connection.pid == REMOTE:
            raise EngineUnavailable("the Impasto engine runs on another machine; end it there")
        engine.send(encode(Stop()))
        understood = _is_obeyed(engine)
    if not understood and _is_an_engine(connection.pid):  # an older engine knows no such message
        os.kill(connection.pid, signal.SIGTERM)
    _wait_for_end(connection, connection_file)


def is_alive(connection_file: Path) -> bool:
    """Does an engine hold the lock beside that file?"""
    try:
        return lock_of(connection_file).is_held()
    except OSError:
        return False


def lock_of(connection_file: Path) -> FileLock:
    """What `impasto serve` holds as long as it lives."""
    return FileLock(connection_file.with_suffix(".lock"))


def find_engine(connection_file: Path, other_than: Connection | None = None) -> Connection:
    """What the connection file says. Raises `EngineUnavailable`.

    A living engine has a moment to write it again, should it be lost; or to write another one, if one is named.
    """
    end = time.monotonic() + _REPUBLISH_SECONDS
    while True:
        is_late = time.monotonic() > end or not is_alive(connection_file)
        try:
            found = read_connection(connection_file)
            if found != other_than or is_late:
                return found
        except EngineUnavailable:
            if is_late:
                raise
        time.sleep(0.05)


@contextlib.contextmanager
def _conversation(connection_file: Path) -> Iterator[tuple[Wire, Connection, Welcome]]:
    """A connection that the engine has welcomed. Raises `EngineUnavailable`, and whatever error the engine answers."""
    context = zmq.Context[zmq.Socket[bytes]]()
    try:
        connection = find_engine(connection_file)
        engine, welcome = _greet(context, connection)
        if welcome is None and is_alive(connection_file):  # the file may be wrong, which the engine sees soon
            tried, connection = connection, find_engine(connection_file, other_than=connection)
            if connection != tried:
                engine, welcome = _greet(context, connection)
        if welcome is None:
            raise EngineUnavailable(_silence(connection, connection_file))
        yield engine, connection, welcome
    finally:
        context.destroy(linger=0)


def _greet(context: zmq.Context[zmq.Socket[bytes]], connection: Connection) -> tuple[Wire, Welcome | None]:
    """Ask for its status, which needs no session, so that it works where there are too many."""
    engine = open_wire(context, connection)
    engine.send(encode(AskStatus()))
    try:
        return engine, _answer(engine, Welcome)
    except WireError:  # an older engine
        engine.send(encode(Hello(PROTOCOL, f"impasto {__version__}")))
        return engine, _answer(engine, Welcome)


def _report(engine: Wire) -> StatusReport | None:
    """Who uses the engine; None if it is too old to say so."""
    engine.send(encode(AskStatus()))
    try:
        return _answer(engine, StatusReport)
    except WireError:
        return None


def _silence(connection: Connection, connection_file: Path) -> str:
    if connection.pid == REMOTE:
        return "the Impasto engine on the other machine doesn't answer; see that it runs and that its port is open"
    if is_alive(connection_file):
        return (
            f"the Impasto engine (process {connection.pid}) doesn't answer within {_ANSWER_SECONDS:g} s;"
            " try again, or end this process by hand"
        )
    return "the Impasto engine is not running; its connection file was left by a dead engine"


def _answer(engine: Wire, kind: type[T]) -> T | None:
    """The next answer of that kind, whatever comes before it; None if none comes soon. Raises what a `Failed` says."""
    end = time.monotonic() + _ANSWER_SECONDS
    while (left := end - time.monotonic()) > 0:
        if not zmq.select([engine.dealer, engine.monitor], [], [], left)[0]:
            break
        if not engine.dealer.poll(0):  # asked after the frames, which may have been sent before the end
            break
        answer = decode(engine.dealer.recv(), FROM_ENGINE)
        if isinstance(answer, Failed):
            raise error_from(answer.code, answer.message)
        if isinstance(answer, kind):
            return answer
    return None


def _is_obeyed(engine: Wire) -> bool:
    """Does the engine say that it ends? One that doesn't know the message says that it breaks the protocol."""
    try:
        _answer(engine, Welcome)
    except EngineUnavailable:
        return True
    except ImpastoError:
        return False
    return False


def _is_an_engine(pid: int) -> bool:
    """Is that process an engine, and not one that was given a dead engine's number?"""
    import psutil

    try:
        words = psutil.Process(pid).cmdline()
    except psutil.Error:
        return False
    return "serve" in words and any("impasto" in Path(word).name for word in words)


def _wait_for_end(connection: Connection, connection_file: Path) -> None:
    end = time.monotonic() + _END_SECONDS
    while connection_file.exists() or is_alive(connection_file):
        if os.name != "posix" and not is_alive(connection_file):
            connection_file.unlink(missing_ok=True)  # an older engine was killed, and couldn't clean up
        if time.monotonic() > end:
            raise EngineUnavailable(f"the Impasto engine (process {connection.pid}) does not end; end it by hand")
        time.sleep(0.02)


def open_wire(context: zmq.Context[zmq.Socket[bytes]], connection: Connection) -> Wire:
    """Connect to the engine, encrypted; a lost connection stays lost. Raises `EngineUnavailable`."""
    dealer = context.socket(zmq.DEALER)
    dealer.linger = 0
    dealer.maxmsgsize = MAX_MESSAGE
    dealer.reconnect_ivl = -1
    # Before it connects, since it may be refused at once.
    monitor = dealer.get_monitor_socket(zmq.EVENT_DISCONNECTED | zmq.EVENT_CLOSED | zmq.EVENT_HANDSHAKE_FAILED_AUTH)
    try:
        dealer.curve_serverkey = connection.server_key.encode()
        dealer.curve_publickey = connection.client_key.encode()
        dealer.curve_secretkey = connection.client_secret.encode()
        dealer.connect(connection.endpoint)
    except zmq.ZMQError as error:
        raise EngineUnavailable(f"the engine's address {connection.endpoint!r} can't be used") from error
    return Wire(dealer, monitor)
