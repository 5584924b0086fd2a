"""Jobs from their submission until their results are fetched: their pictures come in, they wait, results go out."""

import logging
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

from .delivery import Delivery
from .post import Post
from .queue import Place, Queue
from .session import MAX_JOBS, Job, Session
from .store import Store

log = logging.getLogger(__name__)


class Jobs:
    """Every session's jobs, by the keys that the workers know them by."""

    def __init__(self, store: Store, post: Post, queue: Queue) -> None:
        self._store = store
        self._post = post
        self._queue = queue
        self._delivery = Delivery(store, post)
        self._jobs: dict[str, Job] = {}

    def get(self, key: str) -> Job | None:
        """The job with that key, unless it is over."""
        return self._jobs.get(key)

    # What a client asks for

    def submit(self, session: Session, submit: Submit) -> None:
        """Take a new job; what it lacks is asked for. Raises `WireError`."""
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

    def _drop_older_previews(self, session: Session) -> None:
        for job in list(session.jobs.values()):
            if job.submit.purpose == "preview":
                self.drop(job, Cancelled(job.name))

    def take_band(self, session: Session, band: Band) -> None:
        """Take one band of a picture that was asked for."""
        job = session.jobs.get(band.job)
        upload = job.uploads.get(band.digest) if job else None
        if job is None or upload is None:
            return  # bands of a job that was dropped may still be under way
        try:
            credit = upload.take(band)
        except ImpastoError as error:
            self.fail(job, error)
            return
        if credit:
            self._post.send(session, Credit(job.name, band.digest, credit))
        if upload.is_complete:
            del job.uploads[band.digest]
            self._store.finish(upload)
            self._gather_all(session)

    def credit(self, session: Session, name: str, digest: str, bands: int) -> None:
        """Send more of a preview or a result. Raises `WireError`."""
        if job := session.jobs.get(name):
            self._delivery.credit(job, digest, bands)
            self._deliver(job)

    def keep(self, session: Session, name: str) -> None:
        """Finish a job that is being painted with what there is."""
        if (job := session.jobs.get(name)) and job.worker:
            job.worker.send(Keep(job.key))

    def cancel(self, session: Session, name: str) -> None:
        """Drop a job, if it is the session's own."""
        if job := session.jobs.get(name):
            self.drop(job, Cancelled(name))

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
            self.fail(job, error)
            return
        if not job.uploads and not job.missing():
            job.is_queued = True
            self._queue.add(Place(job.key, job.session, job.submit.purpose))

    def tell_position(self, job: Job, position: int) -> None:
        """Let the client know its place in the queue, if that has changed."""
        if job.told_position != position:
            job.told_position = position
            self._post.send(job.session, Accepted(job.name, position))

    # Pictures going out

    def offer(self, key: str, message: Preview | Finished) -> None:
        """Announce what a worker has painted; of a job that is over it is deleted. Raises `PictureError`, `OSError`."""
        job = self._jobs.get(key)
        if job is None:
            self._store.adopt(message)
            self._store.unpin(message.picture.digest)
        elif isinstance(message, Preview):
            self._delivery.offer_preview(job, message)
        else:
            log.info("job %s: finished in %.1f s", key, message.seconds)
            job.worker = None
            self._delivery.offer_result(job, message)

    def send_waiting(self, session: Session) -> None:
        """Send what the client had no room for before."""
        if self._post.send_waiting(session):
            for job in list(session.jobs.values()):
                self._deliver(job)

    def _deliver(self, job: Job) -> None:
        try:
            if self._delivery.deliver(job):
                self.release(job)
        except OSError:
            log.exception("job %s: a picture can't be read", job.key)
            self.fail(job, EngineFault("a picture has gone from the engine's disk; try again"))

    # The end of a job

    def fail(self, job: Job, error: ImpastoError) -> None:
        """End a job because of what went wrong."""
        log.info("job %s: failed (%s)", job.key, error.code)
        self.drop(job, failure(job.name, error))

    def drop(self, job: Job, message: FromEngine) -> None:
        """End a job before its result was fetched, and say so."""
        self._post.send(job.session, message)
        self.release(job)
        self._gather_all(job.session)

    def release(self, job: Job) -> None:
        """Let go of everything that a job holds."""
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
        self._delivery.discard(job)


def failure(name: str, error: ImpastoError) -> Failed:
    """What tells a client of an error, under its own name for the job."""
    return Failed(name, error.code, str(error))
