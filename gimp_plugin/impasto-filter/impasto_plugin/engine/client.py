"""The engine as the filter sees it: submit jobs, read their events. One thread of its own does all the talking."""

import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any
from uuid import uuid4

from impasto_plugin.texts import _
from impasto_wire import PROTOCOL, __version__
from impasto_wire.bands import MARK, WINDOW, unpack_band
from impasto_wire.codec import FROM_ENGINE, decode, encode
from impasto_wire.connection import read_connection
from impasto_wire.errors import EngineUnavailable, ImpastoError, JobCancelled, VersionMismatch, WireError, error_from
from impasto_wire.messages import (
    Accepted,
    AskForecast,
    Cancel,
    Cancelled,
    Credit,
    Failed,
    Finished,
    Forecasted,
    Hello,
    Keep,
    Need,
    Ping,
    Preview,
    Progress,
    Submit,
    ToEngine,
    Welcome,
)
from impasto_wire.pictures import Pixels
from impasto_wire.request import RECIPE, PaintRequest
from impasto_wire.settings import Purpose, Settings

from .jobs import Done, Job, Painted
from .transport import Transport, ZmqTransport

_PING_SECONDS = 1.0
_SILENCE_SECONDS = 20.0
_TICK_SECONDS = 0.02
_STALL_SECONDS = 1.0
"""Between two ticks only so much counts as silence: in a longer time this program was stopped, or the machine slept."""


class Engine:
    """A session with a running engine. Close it, or use it as a context manager; its methods never wait for sockets."""

    def __init__(self, transport: Transport, silence_seconds: float = _SILENCE_SECONDS) -> None:
        self._transport = transport
        self._silence_seconds = silence_seconds
        self._outbox: deque[ToEngine] = deque()
        self._jobs: dict[str, Job] = {}
        self._questions: dict[str, SimpleQueue[Forecasted | ImpastoError]] = {}
        self._lock = threading.Lock()
        self._failure: ImpastoError | None = None
        self._answered = threading.Event()
        self._closing = False
        self._heard = 0.0
        self.welcome: Welcome | None = None
        """What the engine said of itself: version, and, once it knows them, devices and backbones."""
        self._outbox.append(Hello(PROTOCOL, f"impasto-filter {__version__}"))
        self._thread = threading.Thread(target=self._run, name="impasto-engine", daemon=True)
        self._thread.start()

    @classmethod
    def connect(cls, connection_file: Path, timeout: float = 2.0) -> "Engine":
        """A session with the engine that a connection file names. Raises `EngineUnavailable` or `VersionMismatch`."""
        connection = read_connection(connection_file)
        if connection.protocol != PROTOCOL:
            raise VersionMismatch(
                _(
                    "the engine speaks protocol {engine} and the filter {filter}; "
                    "choose Filters ▸ Artistic ▸ Impasto Style Transfer and Update, "
                    "or run the installer again: python3 install/install.py"
                ).format(engine=connection.protocol, filter=PROTOCOL)
            )
        return cls(ZmqTransport(connection)).wait_for_welcome(timeout)

    def wait_for_welcome(self, timeout: float) -> "Engine":
        """Itself, once the engine has answered. Closes itself and raises `EngineUnavailable` if it doesn't."""
        self._answered.wait(timeout)
        failure = self._failure
        if self.welcome is None:
            self.close()
            raise failure or EngineUnavailable(
                _("the Impasto engine does not answer within {seconds:g} s").format(seconds=timeout)
            )
        return self

    def submit(self, purpose: Purpose, request: PaintRequest[Pixels]) -> Job:
        """Queue one job and return at once. Raises `PictureError`, and `EngineUnavailable` once the engine is gone."""
        pictures = {id(picture): picture for picture in request.pictures()}
        refs = {key: picture.ref() for key, picture in pictures.items()}
        message = Submit.of(request.with_pictures(lambda picture: refs[id(picture)]), uuid4().hex, purpose)
        job = Job(message, {refs[key].digest: picture for key, picture in pictures.items()}, self._send_for)
        with self._lock:
            if self._failure:
                raise self._failure
            self._jobs[job.name] = job
            self._outbox.append(message)
        return job

    def paint(
        self,
        request: PaintRequest[Pixels],
        on_progress: Callable[[Progress], None] | None = None,
        on_preview: Callable[[Painted], None] | None = None,
        is_cancelled: Callable[[], bool] | None = None,
        *,
        on_waiting: Callable[[int], None] | None = None,
        purpose: Purpose = "final",
        enough: Callable[[Progress], bool] | None = None,
    ) -> Pixels:
        """The painting: RGB of the layer's samples and size, or the window's. Waits for it.

        Until it is begun, `on_waiting` is called again and again with how many jobs come before it; 0: it is next, at
        the end of another one's step. When a step is `enough`, the painting is taken as it is then.
        The callbacks run in this thread. Raises `JobCancelled` soon after `is_cancelled()` says so, and any other
        `ImpastoError`.
        """
        job = self.submit(purpose, request)
        before, is_begun = 0, False
        try:
            while True:
                if is_cancelled and is_cancelled():
                    raise JobCancelled("the painting was cancelled")
                event = job.next_event(0.1)
                if isinstance(event, Done):
                    return event.picture
                if isinstance(event, Accepted):
                    before = event.position
                is_begun |= isinstance(event, Progress | Painted)
                if on_waiting and not is_begun:
                    on_waiting(before)
                if isinstance(event, Progress) and enough and enough(event):
                    job.keep()
                    enough = None
                if isinstance(event, Progress) and on_progress:
                    on_progress(event)
                elif isinstance(event, Painted) and on_preview:
                    on_preview(event)
        except BaseException:
            job.cancel()
            raise

    def forecast(
        self,
        width: int,
        height: int,
        settings: Settings,
        timeout: float = 10.0,
        recipe: str = RECIPE,
        regions: tuple[Settings, ...] = (),
    ) -> Forecasted:
        """The time and memory that painting a layer of that size would take, with regions of these settings. A long
        step may delay the engine's answer.

        Raises `EngineUnavailable` after `timeout` seconds, and every error that the job itself would raise.
        """
        question = AskForecast(uuid4().hex, width, height, settings, recipe, regions)
        answer: SimpleQueue[Forecasted | ImpastoError] = SimpleQueue()
        with self._lock:
            if self._failure:
                raise self._failure
            self._questions[question.job] = answer
            self._outbox.append(question)
        try:
            told = answer.get(timeout=timeout)
        except Empty as error:
            self._outbox.append(Cancel(question.job))
            raise EngineUnavailable(
                _("the Impasto engine gave no forecast within {seconds:g} s").format(seconds=timeout)
            ) from error
        finally:
            self._questions.pop(question.job, None)
        if isinstance(told, ImpastoError):
            raise told
        return told

    def close(self) -> None:
        """End the session; the engine drops its unfinished jobs."""
        self._closing = True
        if threading.current_thread() is not self._thread:
            self._thread.join(2.0)

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send_for(self, message: Keep | Cancel) -> None:
        with self._lock:
            if message.job in self._jobs:
                self._outbox.append(message)
            if isinstance(message, Cancel):
                self._jobs.pop(message.job, None)

    # The thread that talks to the engine

    def _run(self) -> None:
        try:
            self._talk()
        except ImpastoError as error:
            self._fail_all(error)
        except Exception as error:
            self._fail_all(
                EngineUnavailable(_("the connection to the Impasto engine broke: {error}").format(error=error))
            )
            raise
        finally:
            self._fail_all(EngineUnavailable(_("the connection to the Impasto engine was closed")))
            self._transport.close()

    def _talk(self) -> None:
        self._heard = pinged = ticked = time.monotonic()
        number = 0
        while not self._closing:
            while self._outbox:
                self._say(encode(self._outbox.popleft()))
            now = time.monotonic()
            self._heard += max(0.0, now - ticked - _STALL_SECONDS)
            ticked = now
            if now - pinged >= _PING_SECONDS:
                number, pinged = number + 1, now
                self._say(encode(Ping(number)))
            if self._transport.poll(_TICK_SECONDS):
                self._hear()
            if now - self._heard > self._silence_seconds:
                raise EngineUnavailable(
                    _("the Impasto engine has been silent for {seconds:g} s; start the filter again").format(
                        seconds=self._silence_seconds
                    )
                )

    def _say(self, frame: bytes) -> None:
        try:
            self._transport.send(frame)
        except EngineUnavailable:
            self._hear()  # the last message may say why
            raise

    def _hear(self) -> None:
        while (frame := self._transport.receive()) is not None:
            self._heard = time.monotonic()
            self._take(frame)

    def _fail_all(self, error: ImpastoError) -> None:
        with self._lock:
            self._failure = self._failure or error
            jobs, self._jobs = self._jobs, {}
            questions, self._questions = self._questions, {}
        for answer in questions.values():
            answer.put(error)
        for job in jobs.values():
            job.fail(error)
        self._answered.set()

    def _take(self, frame: bytes | memoryview) -> None:
        if frame[:1] == MARK:
            self._take_band(frame)
            return
        message: Any = decode(frame, FROM_ENGINE)
        if isinstance(message, Welcome):
            self.welcome = message
            self._answered.set()
        elif isinstance(message, Failed) and not message.job:
            raise error_from(message.code, message.message)
        elif answer := self._questions.get(getattr(message, "job", "")):
            answer.put(error_from(message.code, message.message) if isinstance(message, Failed) else message)
        elif job := self._jobs.get(getattr(message, "job", "")):
            self._take_for(job, message)

    def _take_for(self, job: Job, message: Any) -> None:
        match message:
            case Need(digest=digest, bands=bands) | Credit(digest=digest, bands=bands):
                if outgoing := job.outgoing(digest):
                    outgoing.allow(bands)
                    for frame in outgoing.frames():
                        self._say(frame)
            case Accepted():
                job.forget_pictures()
                job.add_event(message)
            case Progress():
                job.add_event(message)
            case Preview() | Finished():
                self._expect(job, message)
            case Cancelled():
                self._end(job, JobCancelled("the painting was cancelled"))
            case Failed(code=code, message=sentence):
                self._end(job, error_from(code, sentence))

    def _expect(self, job: Job, message: Preview | Finished) -> None:
        layer, ref = job.submit.layer, message.picture
        is_result = isinstance(message, Finished)
        allowed = (*job.submit.painted_size, layer.samples) if is_result else (ref.width, ref.height, "u8")
        if (ref.width, ref.height, ref.samples) != allowed or ref.channels != 3 or ref.size > layer.size:
            self._end(job, WireError(_("the engine announced a picture of another size than was asked for")))
            return
        job.expect(message)
        self._say(encode(Credit(job.name, ref.digest, WINDOW)))

    def _take_band(self, frame: bytes | memoryview) -> None:
        band = unpack_band(frame)
        job = self._jobs.get(band.job)
        incoming = job.incoming(band.digest) if job else None
        if job is None or incoming is None:
            return  # it belongs to a job that has been cancelled
        try:
            credit = incoming.take(band)
        except WireError as error:
            self._end(job, error)
            return
        if credit:
            self._say(encode(Credit(job.name, band.digest, credit)))
        if incoming.is_complete:
            is_result = isinstance(job.complete(), Done)
            if is_result:
                self._end(job, None)

    def _end(self, job: Job, error: ImpastoError | None) -> None:
        """Forget a job that is over; if it failed on this side, cancel it in the engine too."""
        self._jobs.pop(job.name, None)
        if error:
            job.fail(error)
            if isinstance(error, WireError):
                self._outbox.append(Cancel(job.name))
