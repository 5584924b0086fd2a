"""Starts one worker's process, talks to it through pipes, and starts it again when it dies.

Pipes, not sockets: when one side dies, the stream ends and the other side knows within milliseconds; nothing is on
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
from impasto_wire.messages import AskForecast, Cancel, ToEngine, Welcome
from impasto_wire.streams import read_frame, write_frame

log = logging.getLogger(__name__)

FROM_WORKERS = "inproc://workers"
"""Where the messages of all workers arrive, as (generation, frame); an empty frame: the process has ended."""
CANCEL_SECONDS = 5.0
"""How long a worker may continue with a cancelled job while other jobs wait."""
_MOST_PAUSE = 5.0
_LEVELS = {"DEBUG": logging.DEBUG, "INFO": logging.INFO, "WARNING": logging.WARNING, "ERROR": logging.ERROR}


@dataclass(frozen=True)
class WorkerOptions:
    """What every worker is started with: the folder of pictures, what opens a painter (`module:function`), and the
    seconds without a task after which it is closed."""

    spool: Path
    painter: str
    rest_seconds: float

    def command(self, device: str) -> list[str]:
        """The command that starts a worker for a device."""
        options = ("--spool", str(self.spool), "--painter", self.painter, "--rest", str(self.rest_seconds))
        return [sys.executable, "-m", "impasto.service.worker", *options, "--device", device]


class Worker:
    """One worker: a process, and after its death the next one. Their messages arrive at `FROM_WORKERS`."""

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
        """Has it said that it ends, and that no job is to blame?"""
        self.tasks: list[str] = []
        """Keys of the jobs that it was given: the last one is being painted, those before it were interrupted."""
        self.dropped: dict[str, float] = {}
        """Cancelled tasks, and since when."""
        self.questions: set[str] = set()
        """Keys of the forecasts that it was asked for and hasn't answered yet."""

    @property
    def is_running(self) -> bool:
        """Is there a process?"""
        return self._process is not None

    @property
    def is_ready(self) -> bool:
        """Is there a process, and is its painter loaded?"""
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
        """Send a message without waiting until it is read; False when the process is dead."""
        if self._process is None or self._process.poll() is not None:
            return False
        self._outbox.put(encode(message))
        return True

    def ask(self, question: AskForecast) -> bool:
        """Ask for a forecast; the answer names `question.job`. False when the process is dead."""
        is_sent = self.send(question)
        if is_sent:
            self.questions.add(question.job)
        return is_sent

    def cancel(self, key: str) -> None:
        """Stop a task."""
        self.send(Cancel(key))
        self.dropped.setdefault(key, time.monotonic())

    def end_task(self, key: str) -> None:
        """Note that the worker has ended a task."""
        if key in self.tasks:
            self.tasks.remove(key)
        self.dropped.pop(key, None)

    def is_stuck(self) -> bool:
        """Has it continued with a cancelled task for too long? One that still loads its painter hasn't."""
        task = self.tasks[-1] if self.tasks else ""
        since = self.dropped.get(task)
        return self.welcome is not None and since is not None and time.monotonic() - since > CANCEL_SECONDS

    def clean_up(self) -> tuple[list[str], set[str]]:
        """Prepare the next start after the process has died: at once, or later if it never became ready. Returns the
        keys of the tasks and questions that it had."""
        if self._process:
            self._process.kill()
            log.warning("worker %d ended with status %s", self.generation, self._process.wait())
            self._process = None
            self.ask_to_end()
        self._failed_starts = 0 if self.welcome else self._failed_starts + 1
        pause = min(2.0 ** (self._failed_starts - 1), _MOST_PAUSE) if self._failed_starts else 0.0
        self._start_at = time.monotonic() + pause
        tasks, self.tasks, self.dropped = self.tasks, [], {}
        questions, self.questions = self.questions, set()
        return tasks, questions

    def kill(self) -> None:
        """Kill the process; its death is then reported like any other."""
        if self._process:
            self._process.kill()

    def ask_to_end(self) -> None:
        """Ask the process to end after the messages that it was sent; `close` waits for it."""
        self._outbox.put(b"")

    def close(self) -> None:
        """End the process for good, and the threads that read from it: their sockets must close before the context."""
        self.ask_to_end()
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
    """Write frames, as slowly as the worker may read them; an empty one closes the pipe, which ends the worker."""
    assert process.stdin
    with contextlib.suppress(OSError), process.stdin as stream:
        while frame := outbox.get():
            write_frame(stream, frame)


def _forward(context: zmq.Context[zmq.Socket[bytes]], process: "subprocess.Popen[bytes]", generation: int) -> None:
    assert process.stdout
    with contextlib.suppress(zmq.ContextTerminated), context.socket(zmq.PUSH) as outgoing, process.stdout as stream:
        outgoing.linger = 0
        outgoing.connect(FROM_WORKERS)
        try:
            while frame := read_frame(stream):
                outgoing.send_multipart([b"%d" % generation, frame])
        except (OSError, WireError):
            log.exception("worker %d can't be read", generation)
        outgoing.send_multipart([b"%d" % generation, b""])


def _log_errors(process: "subprocess.Popen[bytes]", generation: int) -> None:
    """Log what a worker writes to standard error, at its own level. A line without one, as in a traceback, has that of
    the line before."""
    assert process.stderr
    level = logging.WARNING
    with process.stderr as stream:
        for line in stream:
            text = line.decode(errors="replace").rstrip()[:2000]
            level = _LEVELS.get(text.partition(" ")[0], level)
            log.log(level, "worker %d: %s", generation, text)
