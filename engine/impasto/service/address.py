"""Where a local engine listens: a socket in its private folder, out of strangers' reach, or a port."""

import contextlib
import logging
import os
import secrets
from pathlib import Path

import zmq

from .frontend import ANY_PORT, Frontend

log = logging.getLogger(__name__)

_IPC = "ipc://"
_MOST_BYTES = 100
"""Of a socket's path: the systems end it at 104 to 108."""


def local_address(connection_file: Path) -> str:
    """A ZeroMQ address for clients on this machine; each call names a new one.

    A port where the system has no such sockets (Windows), and where the path would be too long for one.
    """
    path = connection_file.with_name(f"{connection_file.stem}.{secrets.token_hex(4)}.sock")
    fits = len(os.fsencode(path)) <= _MOST_BYTES and str(path).isprintable() and path.is_absolute()
    return f"{_IPC}{path}" if zmq.has("ipc") and fits else ANY_PORT


def listen_locally(frontend: Frontend, connection_file: Path) -> None:
    """Let the frontend listen at a local address; at a port where the folder takes no sockets."""
    address = local_address(connection_file)
    try:
        frontend.listen(address)
    except zmq.ZMQError as error:
        if address == ANY_PORT:
            raise
        log.warning("no socket can be made beside the connection file (%s); it is a port instead", error)
        frontend.listen(ANY_PORT)


def has_lost_its_socket(frontend: Frontend) -> bool:
    """Does it listen at a socket whose file is gone, so that nobody new can connect?"""
    path = _socket_of(frontend)
    return path is not None and not path.is_socket()


def remove_socket(frontend: Frontend) -> None:
    """Delete the socket that it listens at, if it is one: ZeroMQ leaves it."""
    if path := _socket_of(frontend):
        with contextlib.suppress(OSError):
            path.unlink()


def _socket_of(frontend: Frontend) -> Path | None:
    address = frontend.endpoint
    return Path(address.removeprefix(_IPC)) if address.startswith(_IPC) else None


def sweep_sockets(connection_file: Path) -> None:
    """Delete the sockets of engines that were killed; for the one that holds the lock."""
    for path in connection_file.parent.glob(f"{connection_file.stem}.*.sock"):
        with contextlib.suppress(OSError):
            path.unlink()
