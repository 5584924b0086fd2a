"""The engine's front door: one ROUTER behind CURVE, its authentication, and the news of who has left."""

import contextlib
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import zmq
from zmq.utils.monitor import recv_monitor_message

from impasto_wire.bands import MAX_MESSAGE

from .keys import KeyPair, KnownClients

ANY_PORT = "tcp://127.0.0.1:*"
_HANDSHAKE_MS = 3000
_UNREAD_MESSAGES = 64  # in either direction and for each client: with bands of half a MiB, 32 MiB
_LINGER_MS = 200
_WORTH_NO_COPY = 64 << 10
MOST_STRANGERS = 200
"""Most connections at one time that have no session (yet)."""


class Gone(Exception):
    """The client's connection is closed."""


@dataclass(frozen=True)
class Arrival:
    """One message and who it came from."""

    identity: bytes
    frames: list[zmq.Frame]

    @property
    def key(self) -> str:
        """The public key of the client whose message this is."""
        return str(self.frames[0].get("User-Id"))


class Door:
    """The sockets that clients meet. Close it at the end."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], keys: KeyPair, known: KnownClients, bind: str) -> None:
        self._known = known
        self._zap = context.socket(zmq.REP)
        self._zap.bind("inproc://zeromq.zap.01")  # before the ROUTER: without it CURVE would let anyone in
        self._router = context.socket(zmq.ROUTER)
        self._set_limits(self._router)
        self._router.curve_server = True
        self._router.curve_secretkey = keys.secret.encode()
        self._router.zap_domain = b"impasto"
        self._monitor = self._router.get_monitor_socket(zmq.EVENT_ACCEPTED | zmq.EVENT_DISCONNECTED)
        self._router.bind(bind)
        self._bound = self._router.getsockopt_string(zmq.LAST_ENDPOINT).rstrip("\0")
        self._connections: set[int] = set()

    @property
    def endpoint(self) -> str:
        """Where a client on this machine connects."""
        return self._bound.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")

    def knows(self, key: str) -> bool:
        """Is the client with that public key still let in?"""
        return self._known.knows(key)

    @staticmethod
    def _set_limits(router: zmq.Socket[bytes]) -> None:
        router.maxmsgsize = MAX_MESSAGE
        router.rcvhwm = router.sndhwm = _UNREAD_MESSAGES
        router.handshake_ivl = _HANDSHAKE_MS
        router.router_mandatory = 1
        router.linger = _LINGER_MS

    def register(self, poller: zmq.Poller) -> None:
        """Let `poller` wake up for whatever happens here."""
        for source in (self._zap, self._router, self._monitor):
            poller.register(source, zmq.POLLIN)

    def authenticate(self) -> None:
        """Answer everyone who asks to be let in."""
        while self._zap.poll(0):
            self._zap.send_multipart(self._known.answer(self._zap.recv_multipart()))

    def arrivals(self, most: int) -> Iterator[Arrival]:
        """What has come, at most `most` messages."""
        for _ in range(most):
            try:
                identity, *frames = self._router.recv_multipart(zmq.NOBLOCK, copy=False)
            except zmq.Again:
                return
            yield Arrival(identity.bytes, frames)

    def watch(self, sessions: int) -> bool:
        """Turn newcomers away while too many have shown no key. Has any connection been closed since the last call?"""
        closed = False
        while self._monitor.poll(0):
            news = recv_monitor_message(self._monitor)
            if news["event"] == zmq.EVENT_DISCONNECTED:
                self._connections.discard(news["value"])
                closed = True
            else:
                self._connections.add(news["value"])
                if len(self._connections) - sessions > MOST_STRANGERS:
                    _hang_up(news["value"])
        return closed

    def send(self, identity: bytes, frame: bytes) -> bool:
        """Send one frame; False while the client has too much to read. Raises `Gone`."""
        try:
            self._router.send_multipart([identity, frame], zmq.NOBLOCK, copy=len(frame) < _WORTH_NO_COPY)
        except zmq.Again:
            return False
        except zmq.ZMQError as error:
            if error.errno == zmq.EHOSTUNREACH:
                raise Gone from error
            raise
        return True

    def close(self) -> None:
        """Close the sockets; what was sent last still has a moment to leave."""
        self._router.disable_monitor()
        self._monitor.close(0)
        self._router.close()
        self._zap.close(0)


def _hang_up(handle: int) -> None:
    """End a connection that ZeroMQ has taken in: it has no such limit itself, and closing is left to it."""
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(handle)) as connection:
        connection.shutdown(socket.SHUT_RDWR)
