"""What a running engine says of itself, and how to end it, from the outside."""

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
    """A running engine; `queue` counts the jobs that are painted or waiting."""

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
    welcome = _greet(connection)
    return Status(
        connection.endpoint,
        connection.pid,
        welcome.version,
        welcome.protocol,
        welcome.devices,
        welcome.backbones,
        welcome.queue,
    )


def _greet(connection: Connection) -> Welcome:
    with zmq.Context() as context, open_dealer(context, connection) as dealer:
        dealer.send(encode(Hello(PROTOCOL, f"impasto {__version__}")))
        if not dealer.poll(_ANSWER_MS):
            raise EngineUnavailable("the Impasto engine is not running; its connection file is a dead engine's")
        answer = decode(dealer.recv(), FROM_ENGINE)
    if isinstance(answer, Failed):
        raise error_from(answer.code, answer.message)
    assert isinstance(answer, Welcome), answer
    return answer


def stop(connection_file: Path) -> None:
    """End this machine's engine and wait until it has. Raises `EngineUnavailable` if there is none, or it won't end."""
    pid = ask_status(connection_file).pid  # it has answered: the process is the engine's, not another one's by now
    if pid == REMOTE:
        raise EngineUnavailable("the Impasto engine runs on another machine; end it there")
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + _END_SECONDS
    while connection_file.exists():
        if os.name != "posix":  # Windows ends it too hard for it to clean up
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
