"""Jobs from their submission until their results are fetched: their pictures come in, they wait, pictures go out."""

import logging
from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import replace
from uuid import uuid4

from impasto_wire.bands import WINDOW, Band
from impasto_wire.errors import EngineFault, ImpastoError, LimitReached, WireError
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
from impasto_wire.pictures import PictureRef

from .queue import JobKind, Queue, QueuedJob
from .session import Awaited, Job, Session
from .store import Store, Upload

log = logging.getLogger(__name__)

UPLOAD_SECONDS = 60.0
"""In so many seconds must `LEAST_UPLOAD` bytes come of the pictures that a session was asked for, or its jobs that wait
for them fail. A band of 512 KiB takes 10 s on a line of 50 kB/s."""
LEAST_UPLOAD = 256 << 10
RESULT_SECONDS = 1800.0
"""So long a result waits for its client. A client fetches what it asked for at once, so nobody loses one by it."""


class Jobs:
    """The jobs of all sessions, by the keys that the workers know them by."""

    def __init__(self, store: Store, queue: Queue) -> None:
        self._store = store
        self._queue = queue
        self._sender = PictureSender(store)
        self._jobs: dict[str, Job] = {}
        self._unfetched: OrderedDict[Job, float] = OrderedDict()
        """Jobs whose results wait, and when their clients last fetched something, the longest ago first."""
        self._orphans: deque[Awaited] = deque()
        """Pictures whose asker is over, while other jobs may still wait for them."""
        self._now = 0.0
        """When `keep_time` was called last, by the broker's clock: a stall of the engine's own is nobody's delay."""

    def get(self, key: str) -> Job | None:
        """The job with that key; None when it is over."""
        return self._jobs.get(key)

    # What a client asks for

    def submit(self, session: Session, submit: Submit) -> None:
        """Take a new job, and ask for the pictures that it lacks.

        Raises `WireError`, `PictureError`, and `LimitReached` where its client has too much already.
        """
        if submit.job in session.jobs:
            raise WireError(f"the job {submit.job} was submitted before")
        job = Job(uuid4().hex, session, submit)
        try:
            for ref in job.missing.values():
                self._store.check(ref)
            session.account.take_job(job.missing.values(), job.result_bytes)
        except ImpastoError as error:
            error.job = submit.job
            raise
        if submit.purpose == "preview":
            if older := session.preview:
                self.drop(older, Cancelled(older.name))
            session.preview = job
        session.jobs[job.name] = self._jobs[job.key] = job
        log.info("job %s: %s of %dx%d", job.key, submit.purpose, submit.layer.width, submit.layer.height)
        self._gather(job)
        self._hand_on()

    def take_band(self, session: Session, band: Band) -> None:
        """Take one band of a picture that was asked for."""
        awaited = session.awaited.get(band.digest)
        job = awaited.asker if awaited else None
        if awaited is None or awaited.upload is None or job is None or job.name != band.job:
            return  # a band of a job that is over can still be on its way
        session.awaited_bytes += len(band.payload)
        try:
            credit = awaited.upload.take(band)
        except ImpastoError as error:
            self.fail(job, error)
            return
        if credit:
            session.open_bands += credit
            session.send(Credit(job.name, band.digest, credit))
        if awaited.upload.is_complete:
            self._hand_out(session, awaited, awaited.upload)

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

    def _gather(self, job: Job) -> None:
        """Pin the pictures that the store has, await the others, and queue the job if there are none."""
        awaited = job.session.awaited
        try:
            for ref in list(job.missing.values()):
                if self._pin(job, ref):
                    continue
                if ref.digest in awaited:
                    awaited[ref.digest].jobs[job.key] = job
                else:
                    self._ask(awaited.setdefault(ref.digest, Awaited(ref.digest, {job.key: job})), ref)
        except ImpastoError as error:
            self._end(job, error)
        else:
            self._queue_if_whole(job)

    def _pin(self, job: Job, ref: PictureRef) -> bool:
        if not self._store.pin(ref, job.session.key):
            return False
        job.pinned.append(ref.digest)
        del job.missing[ref.digest]
        return True

    def _ask(self, awaited: Awaited, ref: PictureRef) -> None:
        """Ask the client for a picture, for the first job that waits for it. Raises `OutOfMemory`."""
        job = awaited.asker
        assert job
        session = job.session
        if len(session.awaited) == 1:
            session.awaited_since, session.awaited_bytes = self._now, 0
        awaited.upload = self._store.begin(ref)
        session.open_bands += WINDOW
        session.send(Need(job.name, ref.digest, WINDOW))

    def _hand_out(self, session: Session, awaited: Awaited, upload: Upload) -> None:
        """Hold a picture that has come, and give it to all jobs that waited for it."""
        self._store.finish(upload, session.key)
        del session.awaited[upload.ref.digest]
        awaited.upload = None
        for job in list(awaited.jobs.values()):
            try:
                self._pin(job, job.missing[upload.ref.digest])
                self._queue_if_whole(job)
            except ImpastoError as error:
                self._end(job, error)
        self._hand_on()

    def _queue_if_whole(self, job: Job) -> None:
        if not job.missing:
            self._queue.add(QueuedJob(job.key, job.session, kind_of(job.submit), job.session.key))

    def _hand_on(self) -> None:
        """Ask again for the pictures whose asker is over, for the next job that waits for them."""
        while self._orphans:
            awaited = self._orphans.popleft()
            if awaited.upload is None and (job := awaited.asker):
                try:
                    self._ask(awaited, job.missing[awaited.digest])
                except ImpastoError as error:
                    self._end(job, error)

    def keep_time(self, now: float, sessions: Iterable[Session]) -> None:
        """Fail what takes too long; called several times a second, with the time of the broker's clock."""
        self._now = now
        for session in sessions:
            with session.containing_faults():
                self._fail_slow_uploads(session)
        while self._unfetched and self._now - next(iter(self._unfetched.values())) > RESULT_SECONDS:
            job = next(iter(self._unfetched))
            self.fail(
                job, LimitReached(f"nobody fetched this painting for {RESULT_SECONDS / 60:g} minutes; paint again")
            )

    def _fail_slow_uploads(self, session: Session) -> None:
        if not session.awaited or self._now - session.awaited_since <= UPLOAD_SECONDS:
            return
        come, session.awaited_since, session.awaited_bytes = session.awaited_bytes, self._now, 0
        if come < LEAST_UPLOAD:
            error = LimitReached(
                f"only {come >> 10} KiB of the pictures came within {UPLOAD_SECONDS:g} s, and at least "
                f"{LEAST_UPLOAD >> 10} KiB must; look at the network and try again"
            )
            for job in [job for job in session.jobs.values() if job.missing]:
                self._end(job, error)
            self._hand_on()

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
            self._store.adopt(message, "")
            self._store.unpin(message.picture.digest)
        elif isinstance(message, Preview):
            self._sender.announce_preview(job, message)
        else:
            log.info("job %s: finished in %.1f s", key, message.seconds)
            job.worker = None
            self._sender.announce_result(job, message)
            self._unfetched[job] = self._now

    def send_waiting(self, session: Session) -> None:
        """Send what the client had no room for before."""
        if session.send_waiting():
            for job in list(session.sending.values()):
                self._send_pictures(job)
                if session.unsent:
                    break

    def _send_pictures(self, job: Job) -> None:
        try:
            is_fetched = self._sender.send(job)
            if job in self._unfetched:
                self._unfetched[job] = self._now
                self._unfetched.move_to_end(job)
            if is_fetched:
                self.release(job)
        except OSError:
            log.exception("job %s: a picture can't be read", job.key)
            self.fail(job, EngineFault("a picture has gone from the engine's disk; try again"))

    # The end of a job

    def fail(self, job: Job, error: ImpastoError) -> None:
        """End a job because of an error."""
        self._end(job, error)
        self._hand_on()

    def _end(self, job: Job, error: ImpastoError) -> None:
        log.info("job %s: failed (%s)", job.key, error.code)
        job.session.send(failure(job.name, error))
        self.release(job)

    def drop(self, job: Job, message: FromEngine) -> None:
        """End a job before its result was fetched; the message tells the client."""
        job.session.send(message)
        self.release(job)
        self._hand_on()

    def release(self, job: Job) -> None:
        """Forget a job, and free everything that it holds."""
        if self._jobs.pop(job.key, None) is None:
            return
        session = job.session
        del session.jobs[job.name]
        if session.preview is job:
            session.preview = None
        self._queue.remove(job.key)
        if job.worker:
            job.worker.cancel(job.key)
        for digest in job.missing:
            self._stop_waiting(job, digest)
        for digest in job.pinned:
            self._store.unpin(digest)
        self._unfetched.pop(job, None)
        session.sending.pop(job.key, None)
        self._sender.discard(job)
        session.account.end_job(job.pictures().values(), job.result_bytes)

    def _stop_waiting(self, job: Job, digest: str) -> None:
        awaited = job.session.awaited.get(digest)
        if awaited is None or job.key not in awaited.jobs:
            return
        is_asker = awaited.asker is job
        del awaited.jobs[job.key]
        if is_asker and awaited.upload:
            self._store.abandon(awaited.upload)
            awaited.upload = None
        if not awaited.jobs:
            del job.session.awaited[digest]
        elif is_asker:
            self._orphans.append(awaited)


class PictureSender:
    """Sends previews and results as their clients give credit: of previews the latest only, a result until it is
    fetched."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def announce_preview(self, job: Job, message: Preview) -> None:
        """Announce a preview. While an older one is being sent, the latest waits."""
        self._store.adopt(message, job.session.key)
        if job.preview and job.preview.is_begun:
            self._discard_next_preview(job)
            job.next_preview = message
        else:
            self._discard_preview(job)
            self._announce_preview(job, message)

    def announce_result(self, job: Job, message: Finished) -> None:
        """Announce the result, and discard the previews."""
        self._store.adopt(message, job.session.key)
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
        session = job.session
        for outgoing in (job.preview, job.result):
            frames = outgoing.frames() if outgoing else iter(())
            while not session.unsent and (frame := next(frames, None)):
                session.send_frame(frame)
        if session.unsent:
            session.sending[job.key] = job
        else:
            session.sending.pop(job.key, None)
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
