"""Previews and results on their way to a client: announced, sent as it gives credit, then forgotten."""

from dataclasses import replace

from impasto_wire.messages import Finished, Preview

from .post import Post
from .session import Job
from .store import Store


class Delivery:
    """Of previews the latest only; a result until it is fetched."""

    def __init__(self, store: Store, post: Post) -> None:
        self._store = store
        self._post = post

    def offer_preview(self, job: Job, message: Preview) -> None:
        """Announce a preview, unless an older one is being sent: then the latest waits for its end."""
        self._store.adopt(message)
        if job.preview and job.preview.is_begun:
            self._discard_next_preview(job)
            job.next_preview = message
        else:
            self._discard_preview(job)
            self._announce_preview(job, message)

    def offer_result(self, job: Job, message: Finished) -> None:
        """Announce the result; previews are of no use any more."""
        self._store.adopt(message)
        self._discard_preview(job)
        self._discard_next_preview(job)
        job.result = self._store.outgoing(job.name, message.picture)
        self._post.send(job.session, replace(message, job=job.name))

    def credit(self, job: Job, digest: str, bands: int) -> None:
        """Note how much the client is ready to take. Raises `WireError`."""
        for outgoing in (job.preview, job.result):
            if outgoing and outgoing.ref.digest == digest:
                outgoing.allow(bands)
                break

    def deliver(self, job: Job) -> bool:
        """Send what the client has given credit for, unless it must make room first; True once it has the result."""
        for outgoing in (job.preview, job.result):
            frames = outgoing.frames() if outgoing else iter(())
            while not job.session.unsent and (frame := next(frames, None)):
                self._post.send_frame(job.session, frame)
        if job.preview and job.preview.is_done:
            self._discard_preview(job)
            if job.next_preview:
                latest, job.next_preview = job.next_preview, None
                self._announce_preview(job, latest)
        return job.result is not None and job.result.is_done

    def discard(self, job: Job) -> None:
        """Let go of everything that was to be sent."""
        self._discard_preview(job)
        self._discard_next_preview(job)
        if job.result:
            self._store.unpin(job.result.ref.digest)
            job.result = None

    def _announce_preview(self, job: Job, message: Preview) -> None:
        job.preview = self._store.outgoing(job.name, message.picture)
        self._post.send(job.session, replace(message, job=job.name))

    def _discard_preview(self, job: Job) -> None:
        if job.preview:
            self._store.unpin(job.preview.ref.digest)
            job.preview = None

    def _discard_next_preview(self, job: Job) -> None:
        if job.next_preview:
            self._store.unpin(job.next_preview.picture.digest)
            job.next_preview = None
