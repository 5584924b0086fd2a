"""The worker's process seen from the broker: started, spoken to through its pipes, and started again when it dies.

Pipes, not sockets: each side learns of the other's death by the end of the stream within milliseconds, nothing lies on
disk, and nobody else can connect.
"""

import contextlib
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import zmq

from impasto_wire.codec import encode
from impasto_wire.errors import WireError
from impasto_wire.messages import ToEngine, Welcome
from impasto_wire.streams import read_frame, write_frame

log = logging.getLogger(__name__)

NEWS = "inproc://workers"
CANCEL_SECONDS = 5.0
"""How long a worker may go on with a cancelled job while others wait."""
_MOST_PAUSE = 5.0


class Worker:
    """One worker process after another. Whatever it says arrives at `NEWS` as (generation, frame); empty: it died."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], spool: Path, arguments: Sequence[str]) -> None:
        self._context = context
        self._command = [sys.executable, "-m", "impasto.service.worker", "--spool", str(spool), *arguments]
        self._process: subprocess.Popen[bytes] | None = None
        self._threads: list[threading.Thread] = []
        self._failed_starts = 0
        self._start_at = 0.0
        self.generation = 0
        self.welcome: Welcome | None = None
        self.tasks: list[str] = []
        """Keys of the jobs in the worker's hands; the last is being painted, those before were interrupted."""
        self.dropped: dict[str, float] = {}
        """Tasks that nobody wants any more, and since when."""

    @property
    def is_running(self) -> bool:
        """Is there a process to talk to?"""
        return self._process is not None

    def start_if_due(self) -> None:
        """Start the process if there is none and the pause after a failed start is over."""
        if self._process is None and time.monotonic() >= self._start_at:
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            self.generation += 1
            self.welcome = None
            try:
                self._process = subprocess.Popen(
                    self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
                )
            except OSError:
                log.exception("a worker can't be started")
                self._start_at = time.monotonic() + _MOST_PAUSE
                return
            log.info("worker %d started (process %d)", self.generation, self._process.pid)
            for target in (_forward, _log_errors):
                arguments = (self._context, self._process, self.generation)
                thread = threading.Thread(target=target, args=arguments, daemon=True)
                thread.start()
                self._threads.append(thread)

    def send(self, message: ToEngine) -> bool:
        """Hand a message to the worker; False when it is dead."""
        assert self._process and self._process.stdin
        try:
            write_frame(self._process.stdin, encode(message))
        except OSError:
            return False
        return True

    def drop(self, key: str) -> None:
        """Note that nobody wants a task any more."""
        self.dropped.setdefault(key, time.monotonic())

    def end_task(self, key: str) -> None:
        """Note that the worker is done with a task."""
        if key in self.tasks:
            self.tasks.remove(key)
        self.dropped.pop(key, None)

    def is_stuck(self) -> bool:
        """Has a loaded worker kept on with a dropped task for too long?"""
        task = self.tasks[-1] if self.tasks else ""
        since = self.dropped.get(task)
        return self.welcome is not None and since is not None and time.monotonic() - since > CANCEL_SECONDS

    def bury(self) -> list[str]:
        """Take the tasks of a process that has died. The next one starts at once, or later if this never got ready."""
        if self._process:
            self._process.kill()
            log.warning("worker %d ended with status %s", self.generation, self._process.wait())
            self._process = None
        self._failed_starts = 0 if self.welcome else self._failed_starts + 1
        pause = min(2.0 ** (self._failed_starts - 1), _MOST_PAUSE) if self._failed_starts else 0.0
        self._start_at = time.monotonic() + pause
        tasks, self.tasks, self.dropped = self.tasks, [], {}
        return tasks

    def kill(self) -> None:
        """End the process the hard way; its death is then reported like any other."""
        if self._process:
            self._process.kill()

    def close(self) -> None:
        """End the process for good, and the threads that listened to it: their sockets must not outlive the context."""
        if self._process:
            with contextlib.suppress(OSError):
                assert self._process.stdin
                self._process.stdin.close()
            try:
                self._process.wait(1.0)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        for thread in self._threads:
            thread.join(1.0)


def _forward(context: zmq.Context[zmq.Socket[bytes]], process: subprocess.Popen[bytes], generation: int) -> None:
    assert process.stdout
    with contextlib.suppress(zmq.ContextTerminated), context.socket(zmq.PUSH) as news, process.stdout as stream:
        news.linger = 0
        news.connect(NEWS)
        try:
            while frame := read_frame(stream):
                news.send_multipart([b"%d" % generation, frame])
        except (OSError, WireError):
            log.exception("worker %d can't be read", generation)
        news.send_multipart([b"%d" % generation, b""])


def _log_errors(_context: zmq.Context[zmq.Socket[bytes]], process: subprocess.Popen[bytes], generation: int) -> None:
    assert process.stderr
    with process.stderr as stream:
        for line in stream:
            log.info("worker %d: %s", generation, line.decode(errors="replace").rstrip()[:2000])
