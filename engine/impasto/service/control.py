"""Asks a running engine for its status, and ends it, from another process."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import zmq

from impasto_wire import PROTOCOL, __version__
from impasto_wire.bands import MAX_MESSAGE
from impasto_wire.codec import FROM_ENGINE, decode, encode
from impasto_wire.connection import REMOTE, Connection, read_connection
from impasto_wire.errors import EngineUnavailable, WireError, error_from
from impasto_wire.messages import AskStatus, ClientUse, Failed, Hello, StatusReport, Welcome

_ANSWER_SECONDS = 2.0
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


def ask_status(connection_file: Path) -> Status:
    """The running engine's status. Raises `EngineUnavailable` when none answers."""
    connection = read_connection(connection_file)
    welcome, report = _asked(connection)
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


def _asked(connection: Connection) -> tuple[Welcome, StatusReport | None]:
    with zmq.Context() as context, open_dealer(context, connection) as dealer:
        dealer.send(encode(AskStatus()))
        try:
            return _answer(dealer, Welcome), _answer(dealer, StatusReport)
        except WireError:  # the engine is older than the question
            dealer.send(encode(Hello(PROTOCOL, f"impasto {__version__}")))
            return _answer(dealer, Welcome), None


T = TypeVar("T")


def _answer(dealer: zmq.Socket[bytes], kind: type[T]) -> T:
    """The engine's next message of a kind. Raises `EngineUnavailable` when none comes, and what a `Failed` says."""
    end = time.monotonic() + _ANSWER_SECONDS
    while dealer.poll(max(0, round((end - time.monotonic()) * 1000))):
        answer = decode(dealer.recv(), FROM_ENGINE)
        if isinstance(answer, kind):
            return answer
        if isinstance(answer, Failed):
            raise error_from(answer.code, answer.message)
    raise EngineUnavailable("the Impasto engine is not running; its connection file was left by a dead engine")


def stop(connection_file: Path) -> None:
    """End this machine's engine and wait for that. Raises `EngineUnavailable` if there is none, or it doesn't end."""
    # It has answered: the number is the engine's, and not yet that of another process.
    pid = ask_status(connection_file).pid
    if pid == REMOTE:
        raise EngineUnavailable("the Impasto engine runs on another machine; end it there")
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + _END_SECONDS
    while connection_file.exists():
        if os.name != "posix":  # on Windows the engine is killed, and can't clean up
            connection_file.unlink(missing_ok=True)
        if time.monotonic() > end:
            raise EngineUnavailable(f"the Impasto engine (process {pid}) does not end; end it by hand")
        time.sleep(0.02)


def open_dealer(context: zmq.Context[zmq.Socket[bytes]], connection: Connection) -> zmq.Socket[bytes]:
    """A socket that is connected to the engine, encrypted; a lost connection stays lost."""
    dealer = context.socket(zmq.DEALER)
    dealer.linger = 0
    dealer.maxmsgsize = MAX_MESSAGE
    dealer.reconnect_ivl = -1
    dealer.curve_serverkey = connection.server_key.encode()
    dealer.curve_publickey = connection.client_key.encode()
    dealer.curve_secretkey = connection.client_secret.encode()
    dealer.connect(connection.endpoint)
    return dealer
