"""The worker's jobs in hand: begun, painted a step at a time, interrupted, kept, handed over."""

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
    Cancel,
    Cancelled,
    Failed,
    Finished,
    Forecast,
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
from .worker_messages import Leaving, MoreDevices

log = logging.getLogger(__name__)

PREVIEW_SIDE = 1024
_PREVIEW_SECONDS = 0.25
_PROGRESS_SECONDS = 0.1
_DTYPES: dict[Samples, str] = {"u8": "<u1", "u16": "<u2", "float": "<f4"}


@dataclass
class Task:
    """One job in the making."""

    submit: Submit
    steps: Generator[Any, bool | None, Picture]
    begun: float = field(default_factory=time.monotonic)
    is_begun: bool = False
    is_kept: bool = False
    reported: float = 0.0
    previewed: float = 0.0


class Workbench:
    """The tasks in hand: the last one is being painted, those before wait until it is done."""

    def __init__(
        self,
        folder: Path,
        inbox: "queue.SimpleQueue[Any]",
        send: Callable[[FromEngine | MoreDevices | Leaving], None],
        open_painter: Callable[[], Painter],
        rest_seconds: float,
    ) -> None:
        """After `rest_seconds` without a task the painter is closed, until the next one; one that couldn't be had is
        looked for again: weights may have come, or a machine of a cluster."""
        self._folder = folder
        self._inbox = inbox
        self._send = send
        self._open_painter = open_painter
        self._rest_seconds = rest_seconds
        self._painter: Painter | None = None
        self._is_wanting = False
        self._tasks: list[Task] = []

    def work(self) -> None:
        """Paint until the painter is lost."""
        self._look_for_painter()
        try:
            while True:
                for message in self._messages():
                    self._take(message)
                if self._tasks:
                    task = self._tasks[-1]
                    self._try(task.submit.job, self._advance, task)
        except PainterLost as lost:
            log.warning("%s", lost)
            self._send(Leaving())

    def _take(self, message: ToEngine) -> None:
        match message:
            case Submit(job=job):
                self._try(job, self._begin, message)
            case Forecast(job=job):
                self._try(job, self._forecast, message)
            case Cancel(job=job):
                self._cancel(job)
            case Keep(job=job):
                for task in self._tasks:
                    task.is_kept |= task.submit.job == job

    def _look_for_painter(self) -> None:
        """Have a painter ready for the first job; what speaks against it, each job will be told."""
        try:
            self._warm_painter()
        except ImpastoError as error:
            log.warning("nothing can be painted: %s", error)
        self._is_wanting = self._painter is None

    def _warm_painter(self) -> Painter:
        if self._painter is None:
            self._painter = self._open_painter()
            self._send(Welcome(PROTOCOL, __version__, (self._painter.device,), self._painter.backbones))
            if self._painter.more_devices:
                self._send(MoreDevices(self._painter.more_devices))
        return self._painter

    def _try(self, job: str, action: Callable[[Any], None], argument: object) -> None:
        """Do something for a job; if it fails, the job is over and its client hears why."""
        try:
            action(argument)
        except PainterLost:
            raise
        except ImpastoError as error:
            self._give_up(job, error)
        except MemoryError:
            self._give_up(
                job, OutOfMemory("the layer doesn't fit into this machine's memory; paint a copy of half its size")
            )
        except Exception:
            log.exception("job %s met a fault", job)
            self._give_up(job, EngineFault("something went wrong inside the engine; its log has the details"))

    def _give_up(self, job: str, error: ImpastoError) -> None:
        self._tasks = [task for task in self._tasks if task.submit.job != job]
        self._send(Failed(job, error.code, str(error)))

    def _messages(self) -> Generator[Any]:
        """What has come. With nothing to paint it waits, and lets the painter rest if that takes long."""
        if not self._tasks:
            try:
                yield self._inbox.get(timeout=self._rest_seconds if self._painter or self._is_wanting else None)
            except queue.Empty:
                if self._painter:
                    self._rest()
                else:
                    self._look_for_painter()
        with contextlib.suppress(queue.Empty):
            while True:
                yield self._inbox.get_nowait()

    def _rest(self) -> None:
        assert self._painter
        self._painter.close()
        self._painter = None
        log.info("nothing to paint: the painter's memory is free again")

    def _begin(self, submit: Submit) -> None:
        request = submit.with_pictures(self._read)
        self._tasks.append(Task(submit, self._warm_painter().paint(request)))

    def _forecast(self, question: Forecast) -> None:
        size = question.width, question.height
        forecast = self._warm_painter().forecast(*size, question.settings, question.recipe)
        self._send(Forecasted(question.job, forecast.seconds, forecast.bytes, forecast.plan))

    def _cancel(self, job: str) -> None:
        for task in [task for task in self._tasks if task.submit.job == job]:
            self._tasks.remove(task)
            task.steps.close()
            self._send(Cancelled(job))

    def _advance(self, task: Task) -> None:
        if self._painter:  # while someone looks at previews, GIMP shall stay quick
            self._painter.leave_a_core(task.submit.purpose != "final")
        try:
            step = task.steps.send(True if task.is_kept and task.is_begun else None)
        except StopIteration as stop:
            self._finish(task, stop.value)
        else:
            if isinstance(step, str):
                self._send(Progress(task.submit.job, 1, 1, 1, 1, 0.0, 0.0, None, step))
                return
            task.is_begun = True
            self._report(task, step)

    def _report(self, task: Task, step: Step) -> None:
        now, job = time.monotonic(), task.submit.job
        if now - task.reported >= _PROGRESS_SECONDS:
            task.reported = now
            place = (step.scale, step.scales, step.step, step.steps)
            self._send(Progress(job, *place, step.fraction, step.loss, step.seconds_left))
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
        """A picture of the store, mapped copy-on-write: (h, w, channels), or (h, w) for one channel."""
        shape = (ref.height, ref.width, ref.channels)
        try:
            picture = np.memmap(self._folder / ref.digest, dtype=_DTYPES[ref.samples], mode="c", shape=shape)
        except (OSError, ValueError) as error:
            raise PictureError("a picture has gone from the engine's store; try again") from error
        return picture[:, :, 0] if ref.channels == 1 else picture

    def _hand_over(self, message: Preview | Finished, picture: Picture) -> None:
        """Put a picture into the store's folder and announce it."""
        view = picture.data.cast("B")
        try:
            with (self._folder / handover_name(message)).open("wb", buffering=0) as file:
                while view:
                    view = view[file.write(view) :]
        except OSError as error:
            raise OutOfMemory("the engine's disk is full; free some space and try again") from error
        self._send(message)


def _ref_of(picture: Picture, samples: Samples) -> PictureRef:
    height, width, channels = picture.shape
    return PictureRef(digest_of(picture.data.cast("B")), width, height, channels, samples)


def _shrunk(picture: Picture) -> Picture:
    """The picture with its long side at `PREVIEW_SIDE` at most."""
    height, width = picture.shape[:2]
    if max(height, width) <= PREVIEW_SIDE:
        return np.ascontiguousarray(picture)
    from PIL import Image

    scale = PREVIEW_SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.ascontiguousarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX))
