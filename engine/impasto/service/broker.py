"""The broker: takes jobs and pictures from clients, hands them to the worker, and brings back what it paints.

One thread, one loop. It never touches a pixel: pictures go through the store's files.
"""

import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

import zmq

from impasto_wire import PROTOCOL, __version__
from impasto_wire.bands import MARK, WINDOW, unpack_band
from impasto_wire.codec import FROM_ENGINE, MAX_HEADER, TO_ENGINE, decode, encode
from impasto_wire.errors import EngineFault, EngineUnavailable, ImpastoError, VersionMismatch, WireError, WorkerDied
from impasto_wire.messages import (
    Accepted,
    Cancel,
    Cancelled,
    Credit,
    Failed,
    Finished,
    Forecast,
    FromEngine,
    Hello,
    Keep,
    Need,
    Ping,
    Pong,
    Preview,
    Progress,
    Submit,
    Welcome,
)

from .delivery import Delivery
from .door import Arrival, Door, Gone
from .post import Post
from .queue import Place, Queue
from .session import MAX_JOBS, Job, Session
from .store import Store
from .supervisor import NEWS, Worker

log = logging.getLogger(__name__)

_TICK_MS = 250
_HURRIED_TICK_MS = 10
_PROBE_SECONDS = 0.1
_ARRIVALS_AT_ONCE = 16


class Broker:
    """Sessions on one side, a worker on the other, a queue and a store between them."""

    def __init__(
        self,
        context: zmq.Context[zmq.Socket[bytes]],
        door: Door,
        store: Store,
        worker_arguments: Sequence[str],
        is_ending: Callable[[float], bool],
    ) -> None:
        """`is_ending(seconds without sessions)` is asked several times a second."""
        self._door = door
        self._store = store
        self._post = Post(door)
        self._delivery = Delivery(store, self._post)
        self._is_ending = is_ending
        self._news = context.socket(zmq.PULL)
        self._news.bind(NEWS)
        self._worker = Worker(context, store.folder, worker_arguments)
        self._queue = Queue()
        self._sessions: dict[bytes, Session] = {}
        self._jobs: dict[str, Job] = {}
        self._left_at = time.monotonic()
        self._recheck_until = 0.0
        self._probed_at = 0.0

    def run(self) -> None:
        """Serve until `is_ending` says so, then let everyone know and end the worker."""
        poller = zmq.Poller()
        self._door.register(poller)
        poller.register(self._news, zmq.POLLIN)
        try:
            while not self._is_ending(self._idle_seconds()):
                self._worker.start_if_due()
                poller.poll(self._tick_ms())
                self._door.authenticate()
                self._take_news()
                for arrival in self._door.arrivals(_ARRIVALS_AT_ONCE):
                    self._take(arrival)
                self._send_waiting()
                self._end_sessions()
                self._dispatch()
        finally:
            self._close()

    def _tick_ms(self) -> int:
        """How long nothing may happen before a look at the clock: ZeroMQ doesn't tell when a client has made room."""
        return _HURRIED_TICK_MS if any(session.unsent for session in self._sessions.values()) else _TICK_MS

    def _close(self) -> None:
        farewell = EngineUnavailable("the Impasto engine was stopped; start the filter again")
        for session in self._sessions.values():
            self._post.send(session, _failed("", farewell))
        self._worker.close()
        self._news.close(0)

    def _idle_seconds(self) -> float:
        return 0.0 if self._sessions else time.monotonic() - self._left_at

    # From clients

    def _take(self, arrival: Arrival) -> None:
        session = self._sessions.get(arrival.identity)
        try:
            if len(arrival.frames) != 1:
                raise WireError("a message must be one frame")
            frame = arrival.frames[0]
            if session:
                session.seen = time.monotonic()
            if session and frame.buffer[:1] == MARK:
                self._on_band(session, frame.buffer)
            elif session:
                self._on_message(session, decode(frame.buffer[: MAX_HEADER + 1], TO_ENGINE))
            else:
                self._greet(arrival, decode(frame.buffer[: MAX_HEADER + 1], TO_ENGINE))
        except ImpastoError as error:
            log.info("refused a message: %s (%s)", error, error.code)
            self._refuse(arrival.identity, error)

    def _refuse(self, identity: bytes, error: ImpastoError) -> None:
        with contextlib.suppress(Gone):
            self._door.send(identity, encode(_failed(error.job, error)))

    def _greet(self, arrival: Arrival, hello: object) -> None:
        if not isinstance(hello, Hello):
            raise EngineUnavailable("the session has ended; say Hello first")
        if hello.protocol != PROTOCOL:
            raise VersionMismatch(
                f"the filter speaks protocol {hello.protocol} and the engine {PROTOCOL}; "
                "run the installer again: python3 install/install.py"
            )
        session = Session(arrival.identity, str(arrival.frames[0].get("User-Id")), time.monotonic())
        self._sessions[arrival.identity] = session
        log.info("session %s begins (%s)", arrival.identity.hex(), hello.client[:40])
        self._post.send(session, self._welcome())

    def _welcome(self) -> Welcome:
        known = self._worker.welcome or Welcome(PROTOCOL, __version__, (), ())
        return replace(known, queue=len(self._queue) + len(self._worker.tasks))

    def _on_message(self, session: Session, message: Any) -> None:
        match message:
            case Ping(number):
                self._post.send(session, Pong(number))
            case Submit():
                self._on_submit(session, message)
            case Credit(name, digest, bands):
                self._on_credit(session, name, digest, bands)
            case Forecast(name):
                self._on_forecast(session, name, message)
            case Keep(name):
                if (job := session.jobs.get(name)) and job.key in self._worker.tasks:
                    self._worker.send(Keep(job.key))
            case Cancel(name):
                if job := session.jobs.get(name):
                    self._drop(job, Cancelled(name))
            case Hello():
                raise WireError("a session says Hello once")

    def _on_submit(self, session: Session, submit: Submit) -> None:
        try:
            if submit.job in session.jobs:
                raise WireError(f"the job {submit.job} was submitted before")
            if len(session.jobs) >= MAX_JOBS:
                raise WireError(f"a session can have at most {MAX_JOBS} jobs at a time")
        except WireError as error:
            error.job = "" if submit.job in session.jobs else submit.job
            raise
        if submit.purpose == "preview":
            self._drop_older_previews(session)
        job = Job(uuid4().hex, session, submit)
        session.jobs[job.name] = self._jobs[job.key] = job
        log.info("job %s: %s of %dx%d", job.key, submit.purpose, submit.layer.width, submit.layer.height)
        self._gather(job)

    def _on_forecast(self, session: Session, name: str, question: Forecast) -> None:
        key = uuid4().hex
        if len(session.questions) < MAX_JOBS and self._worker.is_running:
            session.questions[key] = name
            if self._worker.send(replace(question, job=key)):
                return
            del session.questions[key]
        self._post.send(session, _failed(name, WorkerDied("the engine can't forecast right now; try again")))

    def _drop_older_previews(self, session: Session) -> None:
        for job in list(session.jobs.values()):
            if job.submit.purpose == "preview":
                self._drop(job, Cancelled(job.name))

    def _on_band(self, session: Session, frame: memoryview) -> None:
        band = unpack_band(frame)
        job = session.jobs.get(band.job)
        upload = job.uploads.get(band.digest) if job else None
        if job is None or upload is None:
            return  # bands of a job that was dropped may still be under way
        try:
            credit = upload.take(band)
        except ImpastoError as error:
            self._fail(job, error)
            return
        if credit:
            self._post.send(session, Credit(job.name, band.digest, credit))
        if upload.is_complete:
            del job.uploads[band.digest]
            self._store.finish(upload)
            self._gather_all(session)

    def _on_credit(self, session: Session, name: str, digest: str, bands: int) -> None:
        job = session.jobs.get(name)
        if job:
            self._delivery.credit(job, digest, bands)
            self._deliver(job)

    # Pictures coming in

    def _gather_all(self, session: Session) -> None:
        for job in list(session.jobs.values()):
            if not job.is_queued:
                self._gather(job)

    def _gather(self, job: Job) -> None:
        """Hold what there is, ask for what is missing, and queue the job once all is there."""
        try:
            for ref in job.missing():
                if self._store.pin(ref):
                    job.pinned.append(ref.digest)
                elif not job.session.is_receiving(ref.digest):
                    job.uploads[ref.digest] = self._store.begin(ref)
                    self._post.send(job.session, Need(job.name, ref.digest, WINDOW))
        except ImpastoError as error:
            self._fail(job, error)
            return
        if not job.uploads and not job.missing():
            job.is_queued = True
            self._queue.add(Place(job.key, job.session, job.submit.purpose))

    # The worker

    def _dispatch(self) -> None:
        """Give the worker its next job, and tell everyone whose place in the queue has changed."""
        place = self._queue.first()
        if place and self._worker.is_running and self._is_free_for(place):
            job = self._jobs[place.job]
            if self._worker.send(replace(job.submit, job=job.key)):
                self._queue.take(place)
                self._worker.tasks.append(job.key)
                self._tell_position(job, 0)
        for position, waiting in enumerate(self._queue.order()):
            self._tell_position(self._jobs[waiting.job], position)
        if place and self._worker.is_stuck():
            log.warning("worker %d doesn't stop a cancelled job", self._worker.generation)
            self._worker.kill()

    def _is_free_for(self, place: Place) -> bool:
        """Is nothing being painted, or only thumbnails, which everything else interrupts?"""
        running = [self._jobs.get(key) for key in self._worker.tasks]
        return not running or (
            place.purpose != "thumbnail" and all(job and job.submit.purpose == "thumbnail" for job in running)
        )

    def _tell_position(self, job: Job, position: int) -> None:
        if job.told_position != position:
            job.told_position = position
            self._post.send(job.session, Accepted(job.name, position))

    def _take_news(self) -> None:
        while self._news.poll(0):
            generation, frame = self._news.recv_multipart()
            if int(generation) != self._worker.generation:
                continue
            if not frame:
                self._on_death()
                continue
            try:
                self._on_news(decode(frame, FROM_ENGINE))
            except (ImpastoError, OSError):
                log.exception("worker %d can't be understood", self._worker.generation)
                self._worker.kill()

    def _on_news(self, message: Any) -> None:
        """Pass on what the worker says, under the client's name for the job."""
        if isinstance(message, Welcome):
            self._worker.welcome = message
            for session in self._sessions.values():
                self._post.send(session, self._welcome())
            return
        for session in self._sessions.values():
            if name := session.questions.pop(message.job, ""):
                self._post.send(session, replace(message, job=name))
                return
        if isinstance(message, (Finished, Cancelled, Failed)):
            self._worker.end_task(message.job)
        job = self._jobs.get(message.job)
        match message:
            case Preview() | Finished() if job is None:
                self._store.adopt(message)
                self._store.unpin(message.picture.digest)
            case Preview() if job:
                self._delivery.offer_preview(job, message)
            case Finished() if job:
                log.info("job %s: finished in %.1f s", job.key, message.seconds)
                self._delivery.offer_result(job, message)
            case Progress() if job:
                self._post.send(job.session, replace(message, job=job.name))
            case Failed() if job:
                self._drop(job, replace(message, job=job.name))

    def _on_death(self) -> None:
        *interrupted, painting = self._worker.bury() or [""]
        self._store.sweep()
        died = WorkerDied("the process that was painting ended unexpectedly; try again")
        for session in self._sessions.values():
            for name in session.questions.values():
                self._post.send(session, _failed(name, died))
            session.questions.clear()
        for key in interrupted:
            if job := self._jobs.get(key):
                self._queue.put_back(Place(key, job.session, job.submit.purpose))
        if job := self._jobs.get(painting):
            self._fail(job, died)

    def _deliver(self, job: Job) -> None:
        try:
            if self._delivery.deliver(job):
                self._release(job)
        except OSError:
            log.exception("job %s: a picture can't be read", job.key)
            self._fail(job, EngineFault("a picture has gone from the engine's disk; try again"))

    # The end of jobs and sessions

    def _fail(self, job: Job, error: ImpastoError) -> None:
        log.info("job %s: failed (%s)", job.key, error.code)
        self._drop(job, _failed(job.name, error))

    def _drop(self, job: Job, message: FromEngine) -> None:
        """End a job before its result was fetched, and say so."""
        self._post.send(job.session, message)
        self._release(job)
        self._gather_all(job.session)

    def _release(self, job: Job) -> None:
        """Let go of everything that a job holds."""
        if self._jobs.pop(job.key, None) is None:
            return
        job.session.jobs.pop(job.name, None)
        self._queue.remove(job.key)
        if job.key in self._worker.tasks:
            self._worker.send(Cancel(job.key))
            self._worker.drop(job.key)
        for upload in job.uploads.values():
            self._store.abandon(upload)
        for digest in job.pinned:
            self._store.unpin(digest)
        self._delivery.discard(job)

    def _send_waiting(self) -> None:
        for session in self._sessions.values():
            if self._post.send_waiting(session):
                for job in list(session.jobs.values()):
                    self._deliver(job)

    def _end_sessions(self) -> None:
        now = time.monotonic()
        if self._door.watch(len(self._sessions)):
            self._recheck_until = now + 1.0  # the ROUTER forgets a peer a moment after the monitor reports it
        if now < self._recheck_until and now - self._probed_at > _PROBE_SECONDS:
            self._probed_at = now
            for session in self._sessions.values():
                self._post.send(session, Pong(0))
        for session in list(self._sessions.values()):
            if not session.is_over(now) and self._door.knows(session.key):
                continue
            log.info("session %s ends", session.identity.hex())
            del self._sessions[session.identity]
            for job in list(session.jobs.values()):
                self._release(job)
            self._queue.forget(session)
            self._left_at = now


def _failed(name: str, error: ImpastoError) -> Failed:
    return Failed(name, error.code, str(error))
