"""An engine made of a script: what it has received is kept, what it is to say is put in."""

import queue
import threading

from impasto_wire.bands import MARK
from impasto_wire.codec import TO_ENGINE, decode, encode
from impasto_wire.errors import EngineUnavailable
from impasto_wire.messages import FromEngine, ToEngine


class ScriptedTransport:
    """A transport whose other end is the test."""

    def __init__(self) -> None:
        self.sent: queue.SimpleQueue[ToEngine | bytes] = queue.SimpleQueue()
        self.closed = threading.Event()
        self.is_broken = threading.Event()
        self._coming: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._next: bytes | None = None

    def say(self, message: FromEngine | bytes) -> None:
        """Let the client hear something."""
        self._coming.put(message if isinstance(message, bytes) else encode(message))

    def hang_up(self) -> None:
        """End the connection."""
        self._coming.put(b"")

    def send(self, frame: bytes) -> None:
        if self.is_broken.is_set():
            raise EngineUnavailable("nobody takes it any more")
        self.sent.put(frame if frame[:1] == MARK else decode(frame, TO_ENGINE))

    def receive(self) -> bytes | None:
        frame, self._next = self._next, None
        if frame is None:
            try:
                frame = self._coming.get_nowait()
            except queue.Empty:
                return None
        if not frame:
            raise EngineUnavailable("the engine hung up")
        return frame

    def poll(self, seconds: float) -> bool:
        if self._next is None:
            try:
                self._next = self._coming.get(timeout=seconds)
            except queue.Empty:
                return False
        return True

    def close(self) -> None:
        self.closed.set()
