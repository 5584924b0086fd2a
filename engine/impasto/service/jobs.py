"""Jobs from their submission until their results are fetched: their pictures come in, they wait, pictures go out."""

import logging
from dataclasses import replace
from uuid import uuid4

from impasto_wire.bands import WINDOW, Band
from impasto_wire.errors import EngineFault, ImpastoError, WireError
from impasto_wire.messages import (
    Accepted,
    Cancelled,
    Credit,
    Failed,
    Finished,
    FromEngine,
    Keep,
    Need,
    Preview,
    Submit,
)

from .queue import JobKind, Queue, QueuedJob
from .session import MAX_JOBS, Job, Session
from .store import Store

log = logging.getLogger(__name__)


class Jobs:
    """The jobs of all sessions, by the keys that the workers know them by."""

    def __init__(self, store: Store, queue: Queue) -> None:
        self._store = store
        self._queue = queue
        self._sender = PictureSender(store)
        self._jobs: dict[str, Job] = {}

    def get(self, key: str) -> Job | None:
        """The job with that key; None when it is over."""
        return self._jobs.get(key)

    # What a client asks for

    def submit(self, session: Session, submit: Submit) -> None:
        """Take a new job, and ask for the pictures that it lacks. Raises `WireError`."""
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
        if not self._gather(job):
            self._gather_all(session)

    def _drop_older_previews(self, session: Session) -> None:
        for job in list(session.jobs.values()):
            if job.submit.purpose == "preview":
                self.drop(job, Cancelled(job.name))

    def take_band(self, session: Session, band: Band) -> None:
        """Take one band of a picture that was asked for."""
        job = session.jobs.get(band.job)
        upload = job.uploads.get(band.digest) if job else None
        if job is None or upload is None:
            return  # a band of a job that is over can still be on its way
        try:
            credit = upload.take(band)
        except ImpastoError as error:
            self.fail(job, error)
            return
        if credit:
            session.send(Credit(job.name, band.digest, credit))
        if upload.is_complete:
            del job.uploads[band.digest]
            self._store.finish(upload)
            self._gather_all(session)

    def credit(self, session: Session, name: str, digest: str, bands: int) -> None:
        """Send more of a preview or a result. Raises `WireError`."""
        if job := session.jobs.get(name):
            self._sender.take_credit(job, digest, bands)
            self._send_pictures(job)

    def keep(self, session: Session, name: str) -> None:
        """Let the worker finish a job with the painting as it is now."""
        if (job := session.jobs.get(name)) and job.worker:
            job.worker.send(Keep(job.key))

    def cancel(self, session: Session, name: str) -> None:
        """Drop a job of this session."""
        if job := session.jobs.get(name):
            self.drop(job, Cancelled(name))

    # Pictures coming in

    def _gather_all(self, session: Session) -> None:
        """Gather for all jobs that still wait for pictures; again after one failed, for others may have waited for
        the picture that was coming in for it."""
        while not all(self._gather(job) for job in list(session.jobs.values()) if not job.is_queued):
            pass

    def _gather(self, job: Job) -> bool:
        """Pin the pictures that the store has, ask for those that are missing, and queue the job once all are there.

        False when the job has failed.
        """
        try:
            for ref in job.missing():
                if self._store.pin(ref):
                    job.pinned.append(ref.digest)
                elif not job.session.is_receiving(ref.digest):
                    job.uploads[ref.digest] = self._store.begin(ref)
                    job.session.send(Need(job.name, ref.digest, WINDOW))
        except ImpastoError as error:
            self._end(job, error)
            return False
        if not job.uploads and not job.missing():
            job.is_queued = True
            self._queue.add(QueuedJob(job.key, job.session, kind_of(job.submit), job.session.key))
        return True

    def send_position(self, job: Job, position: int) -> None:
        """Tell the client the job's position in the queue, if it has changed."""
        if job.position != position:
            job.position = position
            job.session.send(Accepted(job.name, position))

    # Pictures going out

    def announce(self, key: str, message: Preview | Finished) -> None:
        """Announce a picture that a worker has painted; if the job is over, delete it. Raises `PictureError`,
        `OSError`."""
        job = self._jobs.get(key)
        if job is None:
            self._store.adopt(message)
            self._store.unpin(message.picture.digest)
        elif isinstance(message, Preview):
            self._sender.announce_preview(job, message)
        else:
            log.info("job %s: finished in %.1f s", key, message.seconds)
            job.worker = None
            self._sender.announce_result(job, message)

    def send_waiting(self, session: Session) -> None:
        """Send what the client had no room for before."""
        if session.send_waiting():
            for job in list(session.jobs.values()):
                self._send_pictures(job)

    def _send_pictures(self, job: Job) -> None:
        try:
            if self._sender.send(job):
                self.release(job)
        except OSError:
            log.exception("job %s: a picture can't be read", job.key)
            self.fail(job, EngineFault("a picture has gone from the engine's disk; try again"))

    # The end of a job

    def fail(self, job: Job, error: ImpastoError) -> None:
        """End a job because of an error."""
        self._end(job, error)
        self._gather_all(job.session)

    def _end(self, job: Job, error: ImpastoError) -> None:
        log.info("job %s: failed (%s)", job.key, error.code)
        job.session.send(failure(job.name, error))
        self.release(job)

    def drop(self, job: Job, message: FromEngine) -> None:
        """End a job before its result was fetched; the message tells the client."""
        job.session.send(message)
        self.release(job)
        self._gather_all(job.session)

    def release(self, job: Job) -> None:
        """Forget a job, and free everything that it holds."""
        if self._jobs.pop(job.key, None) is None:
            return
        job.session.jobs.pop(job.name, None)
        self._queue.remove(job.key)
        if job.worker:
            job.worker.cancel(job.key)
        for upload in job.uploads.values():
            self._store.abandon(upload)
        for digest in job.pinned:
            self._store.unpin(digest)
        self._sender.discard(job)


class PictureSender:
    """Sends previews and results as their clients give credit: of previews the latest only, a result until it is
    fetched."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def announce_preview(self, job: Job, message: Preview) -> None:
        """Announce a preview. While an older one is being sent, the latest waits."""
        self._store.adopt(message)
        if job.preview and job.preview.is_begun:
            self._discard_next_preview(job)
            job.next_preview = message
        else:
            self._discard_preview(job)
            self._announce_preview(job, message)

    def announce_result(self, job: Job, message: Finished) -> None:
        """Announce the result, and discard the previews."""
        self._store.adopt(message)
        self._discard_preview(job)
        self._discard_next_preview(job)
        job.result = self._store.outgoing(job.name, message.picture)
        job.session.send(replace(message, job=job.name))

    def take_credit(self, job: Job, digest: str, bands: int) -> None:
        """Note how many more bands the client can take. Raises `WireError`."""
        for outgoing in (job.preview, job.result):
            if outgoing and outgoing.ref.digest == digest:
                outgoing.allow(bands)
                break

    def send(self, job: Job) -> bool:
        """Send the bands that the client has given credit for, until it has no room; True once it has the result."""
        for outgoing in (job.preview, job.result):
            frames = outgoing.frames() if outgoing else iter(())
            while not job.session.unsent and (frame := next(frames, None)):
                job.session.send_frame(frame)
        if job.preview and job.preview.is_done:
            self._discard_preview(job)
            if job.next_preview:
                latest, job.next_preview = job.next_preview, None
                self._announce_preview(job, latest)
        return job.result is not None and job.result.is_done

    def discard(self, job: Job) -> None:
        """Discard the previews and the result."""
        self._discard_preview(job)
        self._discard_next_preview(job)
        if job.result:
            self._store.unpin(job.result.ref.digest)
            job.result = None

    def _announce_preview(self, job: Job, message: Preview) -> None:
        job.preview = self._store.outgoing(job.name, message.picture)
        job.session.send(replace(message, job=job.name))

    def _discard_preview(self, job: Job) -> None:
        if job.preview:
            self._store.unpin(job.preview.ref.digest)
            job.preview = None

    def _discard_next_preview(self, job: Job) -> None:
        if job.next_preview:
            self._store.unpin(job.next_preview.picture.digest)
            job.next_preview = None


def kind_of(submit: Submit) -> JobKind:
    """What a job is painted for; drafts are apart from other paintings."""
    return "draft" if submit.purpose == "final" and submit.settings.quality == "draft" else submit.purpose


def failure(name: str, error: ImpastoError) -> Failed:
    """The message that tells a client about an error, with the client's name for the job."""
    return Failed(name, error.code, str(error))
