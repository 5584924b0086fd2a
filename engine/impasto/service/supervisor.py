"""One worker's process seen from the broker: started, spoken to through its pipes, started again when it dies.

Pipes, not sockets: each side learns of the other's death by the end of the stream within milliseconds, nothing lies on
disk, and nobody else can connect.
"""

import contextlib
import logging
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zmq

from impasto_wire.codec import encode
from impasto_wire.errors import WireError
from impasto_wire.messages import Cancel, Forecast, ToEngine, Welcome
from impasto_wire.streams import read_frame, write_frame

log = logging.getLogger(__name__)

NEWS = "inproc://workers"
CANCEL_SECONDS = 5.0
"""How long a worker may go on with a cancelled job while others wait."""
_MOST_PAUSE = 5.0
_LEVELS = {"DEBUG": logging.DEBUG, "INFO": logging.INFO, "WARNING": logging.WARNING, "ERROR": logging.ERROR}


@dataclass(frozen=True)
class WorkerOptions:
    """What every worker is started with: where pictures lie, what paints, and when that may rest."""

    spool: Path
    painter: str
    rest_seconds: float

    def command(self, device: str) -> list[str]:
        """How a worker for a device is started."""
        options = ("--spool", str(self.spool), "--painter", self.painter, "--rest", str(self.rest_seconds))
        return [sys.executable, "-m", "impasto.service.worker", *options, "--device", device]


class Worker:
    """One worker process after another. What each says arrives at `NEWS` as (generation, frame); empty: it died."""

    def __init__(
        self,
        context: zmq.Context[zmq.Socket[bytes]],
        options: WorkerOptions,
        device: str,
        generations: Iterator[int],
    ) -> None:
        """`generations` numbers all the processes of an engine."""
        self.device = device
        self._context = context
        self._command = options.command(device)
        self._generations = generations
        self._process: subprocess.Popen[bytes] | None = None
        self._outbox: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._failed_starts = 0
        self._start_at = 0.0
        self.generation = 0
        self.welcome: Welcome | None = None
        self.is_leaving = False
        """Does it end by no fault of what it has in hand?"""
        self.tasks: list[str] = []
        """Keys of the jobs in the worker's hands; the last is being painted, those before were interrupted."""
        self.dropped: dict[str, float] = {}
        """Tasks that nobody wants any more, and since when."""
        self.questions: set[str] = set()
        """Keys of the forecasts that it was asked for and hasn't answered yet."""

    @property
    def is_running(self) -> bool:
        """Is there a process to talk to?"""
        return self._process is not None

    @property
    def is_ready(self) -> bool:
        """Is there a process, and its painter loaded?"""
        return self.is_running and self.welcome is not None

    def start_if_due(self) -> None:
        """Start the process if there is none and the pause after a failed start is over."""
        if self._process is None and time.monotonic() >= self._start_at:
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            self.generation = next(self._generations)
            self.welcome, self.is_leaving = None, False
            try:
                self._process = subprocess.Popen(
                    self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
                )
            except OSError:
                log.exception("a worker can't be started")
                self._start_at = time.monotonic() + _MOST_PAUSE
                return
            log.info("worker %d started (process %d, device %s)", self.generation, self._process.pid, self.device)
            self._outbox = queue.SimpleQueue()
            self._start_thread(_write, self._process, self._outbox)
            self._start_thread(_forward, self._context, self._process, self.generation)
            self._start_thread(_log_errors, self._process, self.generation)

    def _start_thread(self, target: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        thread.start()
        self._threads.append(thread)

    def send(self, message: ToEngine) -> bool:
        """Hand a message to the worker, without waiting for it to be read; False when it is dead."""
        if self._process is None or self._process.poll() is not None:
            return False
        self._outbox.put(encode(message))
        return True

    def ask(self, question: Forecast) -> bool:
        """Ask for a forecast; the answer names `question.job`. False when the worker is dead."""
        is_sent = self.send(question)
        if is_sent:
            self.questions.add(question.job)
        return is_sent

    def cancel(self, key: str) -> None:
        """Stop a task that nobody wants any more."""
        self.send(Cancel(key))
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

    def bury(self) -> tuple[list[str], set[str]]:
        """Take the keys of tasks and questions from a process that has died. The next one starts at once, or later if
        this one never got ready."""
        if self._process:
            self._process.kill()
            log.warning("worker %d ended with status %s", self.generation, self._process.wait())
            self._process = None
            self.dismiss()
        self._failed_starts = 0 if self.welcome else self._failed_starts + 1
        pause = min(2.0 ** (self._failed_starts - 1), _MOST_PAUSE) if self._failed_starts else 0.0
        self._start_at = time.monotonic() + pause
        tasks, self.tasks, self.dropped = self.tasks, [], {}
        questions, self.questions = self.questions, set()
        return tasks, questions

    def kill(self) -> None:
        """End the process the hard way; its death is then reported like any other."""
        if self._process:
            self._process.kill()

    def dismiss(self) -> None:
        """Ask the process to end after what it was sent; `close` waits for it."""
        self._outbox.put(b"")

    def close(self) -> None:
        """End the process for good, and the threads that listened to it: their sockets must not outlive the context."""
        self.dismiss()
        if process := self._process:
            self._process = None
            try:
                process.wait(1.0)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for thread in self._threads:
            thread.join(1.0)


def _write(process: "subprocess.Popen[bytes]", outbox: "queue.SimpleQueue[bytes]") -> None:
    """Hand frames over, as slowly as the worker may take them; an empty one closes the pipe, which ends the worker."""
    assert process.stdin
    with contextlib.suppress(OSError), process.stdin as stream:
        while frame := outbox.get():
            write_frame(stream, frame)


def _forward(context: zmq.Context[zmq.Socket[bytes]], process: "subprocess.Popen[bytes]", generation: int) -> None:
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


def _log_errors(process: "subprocess.Popen[bytes]", generation: int) -> None:
    """Log what a worker logs, at its own level; what says none, a crash for one, is a warning."""
    assert process.stderr
    level = logging.WARNING
    with process.stderr as stream:
        for line in stream:
            text = line.decode(errors="replace").rstrip()[:2000]
            level = _LEVELS.get(text.partition(" ")[0], level)
            log.log(level, "worker %d: %s", generation, text)
