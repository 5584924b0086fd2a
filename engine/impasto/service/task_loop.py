"""The worker's loop: takes messages, and paints its tasks, one step after the other."""

import contextlib
import logging
import queue
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from impasto.painting.painter import Painter, PainterLost
from impasto.request import Picture, Step
from impasto_wire import PROTOCOL, __version__
from impasto_wire.errors import EngineFault, ImpastoError, OutOfMemory, PictureError
from impasto_wire.messages import (
    AskForecast,
    Cancel,
    Cancelled,
    Failed,
    Finished,
    Forecasted,
    FromEngine,
    Keep,
    Preview,
    Progress,
    Submit,
    ToEngine,
    Welcome,
)
from impasto_wire.pictures import PictureRef, Samples, digest_of

from .store import handover_name
from .worker_messages import DiskFull, FromWorker, Leaving, MoreDevices, NoRoom, ToWorker, Turn, TurnTaken, Waiting

log = logging.getLogger(__name__)

PREVIEW_SIDE = 1024
_PREVIEW_SECONDS = 0.25
_PROGRESS_SECONDS = 0.1
_WRITES = 4
"""How often a painting is written before its job fails, with pauses of `_WRITE_PAUSE` seconds."""
_WRITE_PAUSE = 0.3
_DTYPES: dict[Samples, str] = {"u8": "<u1", "u16": "<u2", "float": "<f4"}


@dataclass
class Task:
    """One job that was begun."""

    submit: Submit
    steps: Generator[Any, bool | None, Picture]
    begun: float = field(default_factory=time.monotonic)
    """When it was begun, by the monotonic clock."""
    has_stepped: bool = False
    is_kept: bool = False
    """Shall it be finished with the painting as it is now?"""
    reported: float = 0.0
    previewed: float = 0.0


class TaskLoop:
    """Paints the task whose turn it is, step by step; the other tasks that were begun wait between two steps.

    A task has its turn when it is begun, and when the broker says so; if it ends, the one that was begun last has it.
    """

    def __init__(
        self,
        folder: Path,
        inbox: "queue.SimpleQueue[Any]",
        send: Callable[[FromEngine | FromWorker], None],
        open_painter: Callable[[], Painter],
        rest_seconds: float,
    ) -> None:
        """After `rest_seconds` without a task the painter is closed, until the next task comes. If no painter can be
        opened, it is tried again after as many seconds: by then there may be weights, or a machine of a cluster."""
        self._folder = folder
        self._inbox = inbox
        self._send = send
        self._open_painter = open_painter
        self._rest_seconds = rest_seconds
        self._painter: Painter | None = None
        self._has_failed_to_open = False
        self._tasks: list[Task] = []
        self._turn = ""
        self._painting = ""
        """The job whose steps are painted, as the broker knows it."""

    def run(self) -> None:
        """Take messages and paint until the painter is lost."""
        self._try_to_open_painter()
        try:
            while True:
                for message in self._messages():
                    self._take(message)
                if self._tasks:
                    task = self._task_in_turn()
                    self._try(task.submit.job, self._advance, task)
        except PainterLost as lost:
            log.warning("%s", lost)
            self._send(Leaving())

    def _task_in_turn(self) -> Task:
        task = next((task for task in self._tasks if task.submit.job == self._turn), self._tasks[-1])
        if task.submit.job != self._painting:
            self._painting = task.submit.job
            self._send(TurnTaken(self._painting))
        return task

    def _take(self, message: ToEngine | ToWorker) -> None:
        match message:
            case Turn(job=job):
                self._turn = job
            case Submit(job=job):
                self._try(job, self._begin, message)
            case AskForecast(job=job):
                self._try(job, self._forecast, message)
            case Cancel(job=job):
                self._cancel(job)
            case Keep(job=job):
                for task in self._tasks:
                    task.is_kept |= task.submit.job == job

    def _try_to_open_painter(self) -> None:
        """Open a painter before the first job comes. If that fails, each job will fail with the reason."""
        try:
            self._opened_painter()
        except ImpastoError as error:
            log.warning("nothing can be painted: %s", error)
        self._has_failed_to_open = self._painter is None

    def _opened_painter(self) -> Painter:
        if self._painter is None:
            self._painter = self._open_painter()
            self._send(Welcome(PROTOCOL, __version__, (self._painter.device,), self._painter.backbones))
            if self._painter.more_devices:
                self._send(MoreDevices(self._painter.more_devices))
        return self._painter

    def _try(self, job: str, action: Callable[[Any], None], argument: object) -> None:
        """Call `action(argument)`; if it fails, the job has failed, and the client is sent the reason."""
        try:
            action(argument)
        except PainterLost:
            raise
        except ImpastoError as error:
            self._fail(job, error)
        except MemoryError:
            self._fail(
                job, OutOfMemory("the layer doesn't fit into this machine's memory; paint a copy of half its size")
            )
        except Exception:
            log.exception("job %s met a fault", job)
            self._fail(job, EngineFault("something went wrong inside the engine; its log has the details"))

    def _fail(self, job: str, error: ImpastoError) -> None:
        self._tasks = [task for task in self._tasks if task.submit.job != job]
        self._send(Failed(job, error.code, str(error)))

    def _messages(self) -> Generator[Any]:
        """The messages that have come. Without a task it waits for one, and closes the painter if none comes."""
        if not self._tasks:
            if self._inbox.empty():
                self._send(Waiting())
            try:
                yield self._inbox.get(timeout=self._rest_seconds if self._painter or self._has_failed_to_open else None)
            except queue.Empty:
                if self._painter:
                    self._close_painter()
                else:
                    self._try_to_open_painter()
        with contextlib.suppress(queue.Empty):
            while True:
                yield self._inbox.get_nowait()

    def _close_painter(self) -> None:
        assert self._painter
        self._painter.close()
        self._painter = None
        log.info("nothing to paint: the painter's memory is free again")

    def _begin(self, submit: Submit) -> None:
        painter = self._opened_painter()
        if self._tasks and not painter.has_room_for(*submit.painted_size, submit.settings, submit.recipe):
            self._send(NoRoom(submit.job))
            return
        request = submit.with_pictures(self._read)
        self._tasks.append(Task(submit, painter.paint(request)))
        self._turn = submit.job

    def _forecast(self, question: AskForecast) -> None:
        size = question.width, question.height
        forecast = self._opened_painter().forecast(*size, question.settings, question.recipe, question.regions)
        self._send(Forecasted(question.job, forecast.seconds, forecast.bytes, forecast.plan))

    def _cancel(self, job: str) -> None:
        for task in [task for task in self._tasks if task.submit.job == job]:
            self._tasks.remove(task)
            task.steps.close()
            self._send(Cancelled(job))

    def _advance(self, task: Task) -> None:
        if self._painter:  # GIMP must stay responsive while a person looks at previews
            self._painter.leave_a_core(task.submit.purpose != "final")
        try:
            step = task.steps.send(True if task.is_kept and task.has_stepped else None)
        except StopIteration as stop:
            self._finish(task, stop.value)
        else:
            if isinstance(step, str):
                self._send(Progress(task.submit.job, 1, 1, 1, 1, 0.0, 0.0, None, step))
                return
            task.has_stepped = True
            self._report(task, step)

    def _report(self, task: Task, step: Step) -> None:
        now, job = time.monotonic(), task.submit.job
        if now - task.reported >= _PROGRESS_SECONDS:
            task.reported = now
            numbers = (step.scale, step.scales, step.step, step.steps)
            self._send(Progress(job, *numbers, step.fraction, step.loss, step.seconds_left))
        if task.submit.purpose != "thumbnail" and now - task.previewed >= _PREVIEW_SECONDS:
            task.previewed = now
            picture = _shrunk(step.picture())
            self._hand_over(Preview(job, _ref_of(picture, "u8"), step.scale, step.step), picture)

    def _finish(self, task: Task, painting: Picture) -> None:
        self._tasks.remove(task)
        samples, (width, height) = task.submit.layer.samples, task.submit.painted_size
        assert painting.shape == (height, width, 3), painting.shape
        painting = np.ascontiguousarray(painting, _DTYPES[samples])
        ref = _ref_of(painting, samples)
        self._hand_over(Finished(task.submit.job, ref, time.monotonic() - task.begun), painting)

    def _read(self, ref: PictureRef) -> Picture:
        """A picture of the store, mapped copy-on-write: ``(h, w, channels)``, or ``(h, w)`` for one channel."""
        shape = (ref.height, ref.width, ref.channels)
        try:
            picture = np.memmap(self._folder / ref.digest, dtype=_DTYPES[ref.samples], mode="c", shape=shape)
        except (OSError, ValueError) as error:
            raise PictureError("a picture has gone from the engine's store; try again") from error
        return picture[:, :, 0] if ref.channels == 1 else picture

    def _hand_over(self, message: Preview | Finished, picture: Picture) -> None:
        """Write a picture into the store's folder, then send its message.

        On a full disk a preview is left out; for a painting the broker makes room, and it is tried again.
        """
        path = self._folder / handover_name(message)
        for tries_left in reversed(range(_WRITES)):
            try:
                _write(path, picture)
            except OSError as error:
                path.unlink(missing_ok=True)
                if isinstance(message, Preview):
                    log.warning("job %s: a preview can't be written (%s)", message.job, error.strerror)
                    return
                if not tries_left:
                    raise OutOfMemory("the engine's disk is full; free some space and try again") from error
                self._send(DiskFull(picture.nbytes))
                time.sleep(_WRITE_PAUSE)
            else:
                self._send(message)
                return


def _write(path: Path, picture: Picture) -> None:
    view = picture.data.cast("B")
    with path.open("wb", buffering=0) as file:
        while view:
            view = view[file.write(view) :]


def _ref_of(picture: Picture, samples: Samples) -> PictureRef:
    height, width, channels = picture.shape
    return PictureRef(digest_of(picture.data.cast("B")), width, height, channels, samples)


def _shrunk(picture: Picture) -> Picture:
    """The picture, with its long side at most `PREVIEW_SIDE`."""
    height, width = picture.shape[:2]
    if max(height, width) <= PREVIEW_SIDE:
        return np.ascontiguousarray(picture)
    from PIL import Image

    scale = PREVIEW_SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.ascontiguousarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX))
