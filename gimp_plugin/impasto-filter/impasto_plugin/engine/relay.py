"""Frames through `impasto relay`, a process with the engine's Python, for a GIMP whose Python can't load ZeroMQ."""

import contextlib
import queue
import subprocess
import threading
from collections.abc import Sequence

from impasto_plugin.texts import _
from impasto_wire.errors import EngineUnavailable, WireError
from impasto_wire.programs import OUT_OF_SIGHT, own_libraries
from impasto_wire.streams import read_frame, write_frame

_END = b""
_END_SECONDS = 2.0


class RelayTransport:
    """A transport through the standard streams of a relay process."""

    def __init__(self, command: Sequence[str], environment: dict[str, str]) -> None:
        try:
            with own_libraries():
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=environment,
                    creationflags=OUT_OF_SIGHT,
                )
        except OSError as error:
            raise EngineUnavailable(
                _(
                    "the Impasto relay can't be started ({reason}); choose Filters ▸ Artistic ▸ Impasto Style Transfer "
                    "to set it up again, or run: python3 install/install.py"
                ).format(reason=error.strerror)
            ) from error
        # Unbounded, so that the relay never waits for us while we wait for it; the credit keeps it short.
        self._coming: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._next: bytes | None = None
        self._reader = threading.Thread(target=self._read, name="impasto-relay", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout
        with contextlib.suppress(OSError, ValueError, WireError):
            while frame := read_frame(self._process.stdout):
                self._coming.put(frame)
        self._coming.put(_END)

    def send(self, frame: bytes) -> None:
        """Send one frame; the relay takes it at once."""
        assert self._process.stdin
        try:
            write_frame(self._process.stdin, frame)
        except (OSError, ValueError) as error:  # its pipe is broken, or closed on our side
            if not self._coming.empty():
                return  # the last message says why
            raise EngineUnavailable(_("the Impasto relay has ended; start the filter again")) from error

    def receive(self) -> bytes | None:
        """The next frame that has come, if any; never waits."""
        if self._next is None and not self.poll(0):
            return None
        frame, self._next = self._next, None
        if frame == _END:
            self._next = frame
            raise EngineUnavailable(_("the Impasto engine has ended; start the filter again"))
        return frame

    def poll(self, seconds: float) -> bool:
        """Wait until there is something to receive; False after that time."""
        if self._next is None:
            with contextlib.suppress(queue.Empty):
                self._next = self._coming.get(block=seconds > 0, timeout=seconds or None)
        return self._next is not None

    def close(self) -> None:
        """End the relay."""
        assert self._process.stdin
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(_END_SECONDS)
        assert self._process.stdout
        self._process.stdout.close()
