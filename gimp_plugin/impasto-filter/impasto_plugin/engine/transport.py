"""How the filter's frames travel: `send`, `receive`, `poll`, `close`; here through ZeroMQ."""

import importlib
from typing import Any, Protocol

from impasto_plugin.texts import _
from impasto_wire.bands import MAX_MESSAGE
from impasto_wire.connection import Connection
from impasto_wire.errors import EngineUnavailable

_UNSENT_MESSAGES = 1000  # few of them are bands: the engine's credit limits those
_UNREAD_MESSAGES = 64
_WORTH_NO_COPY = 64 << 10


class Transport(Protocol):
    """A two-way stream of frames. Raises `EngineUnavailable` once the other side is gone. For one thread at a time."""

    def send(self, frame: bytes) -> None:
        """Send one frame; never waits."""

    def receive(self) -> bytes | memoryview | None:
        """The next frame that has come, if any; never waits."""

    def poll(self, seconds: float) -> bool:
        """Wait until there is something to receive; False after that time."""

    def close(self) -> None:
        """Close everything."""


class ZmqTransport:
    """Frames through ZeroMQ to the engine that a connection file describes, encrypted."""

    def __init__(self, connection: Connection) -> None:
        # Not at the top: GIMP asks every plug-in for its procedures, and not every GIMP's Python has pyzmq.
        self._zmq: Any = importlib.import_module("zmq")
        self._context = self._zmq.Context()
        self._socket = self._context.socket(self._zmq.DEALER)
        self._socket.maxmsgsize = MAX_MESSAGE
        self._socket.sndhwm = _UNSENT_MESSAGES
        self._socket.rcvhwm = _UNREAD_MESSAGES
        self._socket.linger = 0
        self._socket.reconnect_ivl = -1  # a lost connection is a lost session: report it instead of waiting
        zmq = self._zmq
        self._monitor = self._socket.get_monitor_socket(
            zmq.EVENT_DISCONNECTED | zmq.EVENT_CLOSED | zmq.EVENT_HANDSHAKE_FAILED_AUTH
        )
        self._poller = zmq.Poller()
        self._poller.register(self._socket, zmq.POLLIN)
        self._poller.register(self._monitor, zmq.POLLIN)
        try:
            self._socket.curve_serverkey = connection.server_key.encode()
            self._socket.curve_publickey = connection.client_key.encode()
            self._socket.curve_secretkey = connection.client_secret.encode()
            self._socket.connect(connection.endpoint)
        except zmq.ZMQError as error:
            self.close()
            raise EngineUnavailable(
                _("the engine's address {address!r} can't be used").format(address=connection.endpoint)
            ) from error

    def send(self, frame: bytes) -> None:
        """Send one frame; never waits."""
        try:
            self._socket.send(frame, self._zmq.NOBLOCK, copy=len(frame) < _WORTH_NO_COPY)
        except self._zmq.Again as error:
            raise EngineUnavailable(_("the Impasto engine has ended; start the filter again")) from error

    def receive(self) -> bytes | memoryview | None:
        """The next frame that has come, if any; never waits."""
        try:
            frame: memoryview = self._socket.recv(self._zmq.NOBLOCK, copy=False).buffer
        except self._zmq.Again:
            if self._monitor.poll(0):  # asked after the frames, which may have been sent before the end
                raise EngineUnavailable(_("the Impasto engine has ended or doesn't let this filter in")) from None
            return None
        return frame

    def poll(self, seconds: float) -> bool:
        """Wait until there is something to receive; False after that time."""
        return bool(self._poller.poll(seconds * 1000))

    def close(self) -> None:
        """Close everything."""
        self._socket.disable_monitor()
        self._monitor.close(0)
        self._socket.close(0)
        self._context.destroy(0)
