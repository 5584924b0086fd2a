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
from impasto_wire.messages import AskForecast, Cancel, Submit, ToEngine, Welcome
from impasto_wire.programs import OUT_OF_SIGHT
from impasto_wire.streams import read_frame, write_frame

from .clock import Clock
from .queue import JobKind, QueuedJob
from .worker_messages import ToWorker, Turn

log = logging.getLogger(__name__)

FROM_WORKERS = "inproc://workers"
"""Where the messages of all workers arrive, as (generation, frame); an empty frame: the process has ended."""
CANCEL_SECONDS = 5.0
"""How long a worker may continue with a cancelled job while other jobs wait."""
SILENT_SECONDS = 300.0
"""How long a worker may load its painter, prepare a painting or take a step, and nothing be heard of it."""
SILENT_SECONDS_PER_PIXEL = 1e-4
"""And so much longer for each pixel of its largest task: several times what a step takes on the slowest CPU."""
MOST_BEGUN, MOST_BEGUN_WITH_QUICK = 4, 8
"""How many tasks a worker has begun at most, as each keeps its memory: paintings, and with previews and drafts."""
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
        clock: Clock,
    ) -> None:
        """`generations` numbers all the processes of an engine; the clock tells how long the worker was silent."""
        self.device = device
        self._clock = clock
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
        self.has_hung = False
        """Was it killed because it was silent for too long?"""
        self._heard = 0.0
        self._is_idle = False
        """Has it said that everything is done?"""
        self.tasks: dict[str, QueuedJob] = {}
        """The jobs that it was given, by their keys. One is being painted; the others wait between two steps."""
        self._pixels: dict[str, int] = {}
        self.turn: str | None = None
        """The task that it was last told to paint."""
        self.painting: QueuedJob | None = None
        """The task that it said it paints."""
        self.full_for: set[JobKind] = set()
        """What it has no memory for until a task ends."""
        self.dropped: dict[str, float] = {}
        """Cancelled tasks, and since when."""
        self.question: str | None = None
        """Key of the forecast that it was asked for and hasn't answered yet."""

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
            self.welcome, self.is_leaving, self._is_idle = None, False, False
            self.has_hung, self._heard = False, self._clock.now()
            try:
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    creationflags=OUT_OF_SIGHT,
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

    def send(self, message: ToEngine | ToWorker) -> bool:
        """Send a message without waiting until it is read; False when the process is dead."""
        if self._process is None or self._process.poll() is not None:
            return False
        self._outbox.put(encode(message))
        self.wake()
        return True

    def wake(self) -> None:
        """Note that it has something to do, if it was idle: from now on its silence counts."""
        if self._is_idle:
            self.hear()

    def hear(self) -> None:
        """Note that it has sent something."""
        self._is_idle, self._heard = False, self._clock.now()

    def note_idle(self) -> None:
        """Note that everything is done, unless it has been given something since it said so."""
        self._is_idle = not self.tasks and self.question is None

    def begin(self, job: QueuedJob, submit: Submit) -> bool:
        """Let it begin a task, and paint that first. False when the process is dead."""
        if not self.send(submit):
            return False
        self.tasks[job.key] = job
        self._pixels[job.key] = max(ref.width * ref.height for ref in submit.pictures())
        self.turn = job.key
        return True

    def give_turn(self, key: str) -> None:
        """Let it go on with a task that it has begun."""
        self.send(Turn(key))
        self.turn = key

    def ask(self, question: AskForecast) -> bool:
        """Ask for a forecast; the answer names `question.job`. False when the process is dead."""
        is_sent = self.send(question)
        if is_sent:
            self.question = question.job
        return is_sent

    def cancel(self, key: str) -> None:
        """Stop a task."""
        self.send(Cancel(key))
        self.dropped.setdefault(key, self._clock.now())

    def note_painting(self, key: str) -> None:
        """Note that it paints a task from now on."""
        self.painting = self.tasks.get(key)
        self.turn = self.turn or key

    def end_task(self, key: str) -> None:
        """Note that the worker has ended a task."""
        self.tasks.pop(key, None)
        self._pixels.pop(key, None)
        self.dropped.pop(key, None)
        self.full_for.clear()
        if self.painting and self.painting.key == key:
            self.painting = None
        if self.turn == key:
            self.turn = self.painting.key if self.painting else None

    def refuse(self, key: str) -> None:
        """Note that it has no memory for a task beside those that it has begun."""
        full_for = {*self.full_for, self.tasks[key].kind}
        self.end_task(key)
        self.full_for = full_for

    @property
    def is_switching(self) -> bool:
        """Has it been told whose turn it is, and not said yet that it does so; or does it stop a cancelled task?"""
        painting = self.painting.key if self.painting else None
        return self.turn != painting or self.turn in self.dropped

    def may_begin(self, job: QueuedJob) -> bool:
        """Is there room for one more task of that kind? While the painter is loaded, for one in all."""
        is_quick = job.kind in ("preview", "draft")
        most = (MOST_BEGUN_WITH_QUICK if is_quick else MOST_BEGUN) if self.is_ready else 1
        return len(self.tasks) < most and job.kind not in self.full_for

    def is_stuck(self) -> bool:
        """Has it continued with a cancelled task for too long, and with no other? One that still loads its painter
        hasn't."""
        since = self.dropped.get(self.turn or "")
        is_alone = self.tasks.keys() <= self.dropped.keys()
        return self.is_ready and is_alone and since is not None and self._clock.now() - since > CANCEL_SECONDS

    def is_hung(self) -> bool:
        """Has nothing been heard for so long that it must hang?"""
        patience = SILENT_SECONDS + SILENT_SECONDS_PER_PIXEL * max(self._pixels.values(), default=0)
        return self.is_running and not self._is_idle and self._clock.now() - self._heard > patience

    def clean_up(self) -> tuple[dict[str, QueuedJob], str | None]:
        """Prepare the next start after the process has died: at once, or later if it never became ready. Returns the
        tasks that it had, the one that was being painted last, and the key of its question."""
        if self._process:
            self._process.kill()
            log.warning("worker %d ended with status %s", self.generation, self._process.wait())
            self._process = None
            self.ask_to_end()
        self._failed_starts = 0 if self.welcome else self._failed_starts + 1
        pause = min(2.0 ** (self._failed_starts - 1), _MOST_PAUSE) if self._failed_starts else 0.0
        self._start_at = time.monotonic() + pause
        if self.painting:
            self.tasks[self.painting.key] = self.tasks.pop(self.painting.key)
        tasks, self.tasks, self.dropped, self._pixels = self.tasks, {}, {}, {}
        self.turn = self.painting = None
        self.full_for.clear()
        question, self.question = self.question, None
        return tasks, question

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
