"""The connections without a session: how much room they may take together, and which of them must leave.

ZeroMQ has no limit for them. It keeps what a stranger has sent of a message whose length it has announced, before it
has shown a key. An honest client is a stranger for some milliseconds, and sends a few KiB meanwhile.
"""

import contextlib
import socket
import struct
import sys
import time
from collections.abc import Iterator

STRANGERS_ROOM = 32 << 20
"""Bytes for all strangers together."""
LEAST_WEIGHT = 64 << 10
"""Bytes that each of them counts for, whatever it has sent."""
MOST_STRANGERS = STRANGERS_ROOM // LEAST_WEIGHT
_LOOK_SECONDS = 0.05
_TCP_INFO_BYTES = 136
_TCP_INFO_RECEIVED = 128
"""Where Linux says how many bytes have come (`tcpi_bytes_received`, `struct tcp_info` of linux/tcp.h)."""


class Strangers:
    """The handles of connections without a session. If they are too heavy together, the heaviest must leave, and among
    equals the oldest."""

    def __init__(self, weight_unknown: int) -> None:
        """`weight_unknown` is what a connection counts for, in bytes, where the system doesn't say what it has sent."""
        self._weight_unknown = weight_unknown
        self._sent_before: dict[int, int] = {}
        """Bytes that each had sent before it became a stranger, by handle, the oldest first."""
        self._warned: set[int] = set()
        self._few = STRANGERS_ROOM // weight_unknown
        self._looked_at = 0.0

    def add(self, handle: int, sent_before: int = 0) -> None:
        """One more, that has sent so many bytes before it became a stranger."""
        self._sent_before[handle] = sent_before

    def warn(self, handle: int) -> None:
        """It has sent what only a session may send. Hang up if it was told so before."""
        if handle in self._warned:
            self.hang_up(handle)
        elif handle in self._sent_before:
            self._warned.add(handle)

    def hang_up(self, handle: int) -> None:
        """End its connection."""
        if self.forget(handle):
            _shut_down(handle)

    def forget(self, handle: int) -> bool:
        """It is a stranger no more. Was it one?"""
        self._warned.discard(handle)
        return self._sent_before.pop(handle, None) is not None

    @property
    def are_many(self) -> bool:
        """Are they so many that they could be too heavy?"""
        return len(self._sent_before) > self._few

    def limit(self) -> None:
        """Send away those that are too many. Does nothing if it was called a moment ago."""
        now = time.monotonic()
        if not self.are_many or now - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = now
        weights = {handle: self._weight(handle, before) for handle, before in self._sent_before.items()}
        too_much = sum(weights.values()) - STRANGERS_ROOM
        for handle in sorted(weights, key=lambda handle: -weights[handle]):  # stable: of equals the oldest comes first
            if too_much <= 0:
                break
            too_much -= weights[handle]
            self.hang_up(handle)

    def _weight(self, handle: int, before: int) -> int:
        received = bytes_received(handle)
        return self._weight_unknown if received is None else max(LEAST_WEIGHT, received - before)


def _shut_down(handle: int) -> None:
    """End a connection that ZeroMQ has accepted; ZeroMQ closes the handle itself.

    On Windows it stays, until ZeroMQ's own time for showing a key is over: there ZeroMQ takes an error that it doesn't
    expect (WSAESHUTDOWN) for its own fault, and ends the whole process.
    """
    if sys.platform != "win32":
        with contextlib.suppress(OSError), _borrowed(handle) as connection:
            connection.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def _borrowed(handle: int) -> Iterator[socket.socket]:
    """ZeroMQ's connection as a socket of Python's, which doesn't close it."""
    connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM, fileno=handle)
    try:
        yield connection
    finally:
        connection.detach()


def bytes_received(handle: int) -> int | None:
    """How many bytes have come by a connection since it began; None where the system doesn't say so."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        with _borrowed(handle) as connection:
            info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
    except OSError:
        return None
    return int(struct.unpack_from("=Q", info, _TCP_INFO_RECEIVED)[0]) if len(info) == _TCP_INFO_BYTES else None
