"""Asks a running engine for its status, and ends it, from another process."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import zmq

from impasto_wire import PROTOCOL, __version__
from impasto_wire.bands import MAX_MESSAGE
from impasto_wire.codec import FROM_ENGINE, decode, encode
from impasto_wire.connection import REMOTE, Connection, read_connection
from impasto_wire.errors import EngineUnavailable, error_from
from impasto_wire.messages import Failed, Hello, Welcome

_ANSWER_MS = 2000
_END_SECONDS = 10.0


@dataclass(frozen=True)
class Status:
    """What a running engine says about itself; `queue` counts the jobs that are being painted or wait."""

    endpoint: str
    pid: int
    version: str
    protocol: int
    devices: tuple[str, ...]
    backbones: tuple[str, ...]
    queue: int


def ask_status(connection_file: Path) -> Status:
    """The running engine's status. Raises `EngineUnavailable` when none answers."""
    connection = read_connection(connection_file)
    welcome = _welcome_of(connection)
    return Status(
        connection.endpoint,
        connection.pid,
        welcome.version,
        welcome.protocol,
        welcome.devices,
        welcome.backbones,
        welcome.queue,
    )


def _welcome_of(connection: Connection) -> Welcome:
    with zmq.Context() as context, open_dealer(context, connection) as dealer:
        dealer.send(encode(Hello(PROTOCOL, f"impasto {__version__}")))
        if not dealer.poll(_ANSWER_MS):
            raise EngineUnavailable("the Impasto engine is not running; its connection file was left by a dead engine")
        answer = decode(dealer.recv(), FROM_ENGINE)
    if isinstance(answer, Failed):
        raise error_from(answer.code, answer.message)
    assert isinstance(answer, Welcome), answer
    return answer


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
