"""The broker's frontend: one ROUTER socket with CURVE, its authentication, and a monitor of its connections."""

import contextlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import zmq

from impasto_wire.bands import MAX_BAND

from .accounts import Limits
from .keys import KeyPair, KnownClients
from .strangers import Strangers, bytes_received

ANY_PORT = "tcp://127.0.0.1:*"
_HANDSHAKE_MS = 3000
_EVENT = struct.Struct("=Hi")
"""The first frame of what ZeroMQ's monitor reports: the event, and its value."""
_UNREAD = 2
"""Messages of each client that ZeroMQ takes in before the broker reads them: a band takes up to 1 MiB."""
_UNSENT = 8
"""Messages to each client that ZeroMQ takes: a band of ours takes 512 KiB."""
_LARGEST = MAX_BAND + (1 << 10)
"""Bytes of a message, encrypted. ZeroMQ makes room for as many as are announced, before a client has shown its key."""
_LINGER_MS = 200
_UNACCEPTED = 1024
_NO_COPY_FROM = 64 << 10
"""Bytes of a frame from which it takes longer to copy it than to send it without a copy."""


class ClientGone(Exception):
    """The client's connection is closed."""


@dataclass(frozen=True)
class Received:
    """One message and the client that sent it."""

    identity: bytes
    """The client's address in the ROUTER."""
    frames: list[zmq.Frame]

    @property
    def key(self) -> str:
        """The client's public key."""
        return str(self.frames[0].get("User-Id"))

    @property
    def handle(self) -> int:
        """The handle of the connection that it came by."""
        return int(self.frames[0].get(zmq.SRCFD))


class Frontend:
    """The sockets that clients connect to. Close it at the end."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], keys: KeyPair, known: KnownClients) -> None:
        """It hears nobody until `listen` is called."""
        self._known = known
        self._zap = context.socket(zmq.REP)
        self._zap.bind("inproc://zeromq.zap.01")  # before the ROUTER: without it CURVE would let everyone in
        self._router = context.socket(zmq.ROUTER)
        self._set_limits(self._router)
        self._router.curve_server = True
        self._router.curve_secretkey = keys.secret.encode()
        self._router.zap_domain = b"impasto"
        self._monitor = self._router.get_monitor_socket(zmq.EVENT_ACCEPTED | zmq.EVENT_DISCONNECTED)
        self._bound = ""
        self._strangers = Strangers(weight_unknown=_LARGEST)
        self._admitted: dict[int, object] = {}
        """The sessions of the other connections, by handle."""

    def listen(self, address: str) -> None:
        """Listen there, besides wherever it listens already. Raises `zmq.ZMQError`."""
        self._router.bind(address)
        self._bound = self._router.getsockopt_string(zmq.LAST_ENDPOINT).rstrip("\0")

    @property
    def endpoint(self) -> str:
        """Where a client on this machine connects: the newest address."""
        return self._bound.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")

    def knows(self, key: str) -> bool:
        """Is the client with that public key still allowed to connect?"""
        return self._known.knows(key)

    def is_own(self, key: str) -> bool:
        """Is that the key of this machine's own filter, and not a paired one's?"""
        return self._known.is_own(key)

    def terms_of(self, key: str) -> tuple[str, Limits]:
        """The name and the limits of the client with that public key."""
        return self._known.terms_of(key)

    @staticmethod
    def _set_limits(router: zmq.Socket[bytes]) -> None:
        router.maxmsgsize = _LARGEST
        router.rcvhwm, router.sndhwm = _UNREAD, _UNSENT
        router.handshake_ivl = _HANDSHAKE_MS
        router.router_mandatory = 1
        router.linger = _LINGER_MS
        router.backlog = _UNACCEPTED  # a local socket, unlike a port, turns away at once whoever finds no room

    def register(self, poller: zmq.Poller) -> None:
        """Let `poller` wake up when something happens at one of the sockets."""
        for source in (self._zap, self._router, self._monitor):
            poller.register(source, zmq.POLLIN)

    def authenticate(self) -> None:
        """Answer every client that asks to be let in."""
        while self._zap.poll(0):
            self._zap.send_multipart(self._known.answer(self._zap.recv_multipart()))

    def messages(self, most: int) -> Iterator[Received]:
        """The messages that have come, at most `most` of them."""
        for _ in range(most):
            try:
                identity, *frames = self._router.recv_multipart(zmq.NOBLOCK, copy=False)
            except zmq.Again:
                return
            yield Received(identity.bytes, frames)

    def watch_connections(self) -> bool:
        """Note which connections come and go; close those of too many strangers. Was any connection closed?"""
        closed = False
        for event, handle in self._events():
            self._strangers.forget(handle)
            self._admitted.pop(handle, None)
            if event == zmq.EVENT_DISCONNECTED:
                closed = True
            else:
                self._strangers.add(handle)
        self._strangers.limit()
        return closed

    def _events(self) -> Iterator[tuple[int, int]]:
        """What has happened to connections since the last time: the events and the handles."""
        with contextlib.suppress(zmq.Again):
            while True:
                event, handle = _EVENT.unpack(self._monitor.recv_multipart(zmq.NOBLOCK)[0])
                yield event, handle

    def are_strangers_many(self) -> bool:
        """Must the strangers be looked at again soon?"""
        return self._strangers.are_many

    def admit(self, handle: int, session: object) -> None:
        """The client of a connection has a session now."""
        if self._strangers.forget(handle):
            self._admitted[handle] = session

    def dismiss(self, handle: int, session: object) -> None:
        """A session is over: its connection is one more stranger, unless its handle is another connection's by now."""
        if self._admitted.get(handle) is session:
            del self._admitted[handle]
            self._strangers.add(handle, bytes_received(handle) or 0)

    def hang_up(self, handle: int) -> None:
        """End the connection of a client without a session."""
        self._strangers.hang_up(handle)

    def warn(self, handle: int) -> None:
        """A client without a session has sent what only a session may send; one that goes on loses its connection."""
        self._strangers.warn(handle)

    def send(self, identity: bytes, frame: bytes) -> bool:
        """Send one frame; False while the client has too much to read. Raises `ClientGone`."""
        try:
            self._router.send_multipart([identity, frame], zmq.NOBLOCK, copy=len(frame) < _NO_COPY_FROM)
        except zmq.Again:
            return False
        except zmq.ZMQError as error:
            if error.errno == zmq.EHOSTUNREACH:
                raise ClientGone from error
            raise
        return True

    def close(self) -> None:
        """Close the sockets; the last messages have a moment to be sent."""
        self._router.disable_monitor()
        self._monitor.close(0)
        self._router.close()
        self._zap.close(0)
