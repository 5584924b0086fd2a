"""The pictures that the engine holds: files in a private folder, named by digest and deleted when the engine ends."""

import os
import shutil
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from impasto.folders import private_folder
from impasto.locks import FileLock
from impasto_wire.bands import Band
from impasto_wire.errors import ImpastoError, OutOfMemory, PictureError
from impasto_wire.flow import Incoming, Outgoing
from impasto_wire.messages import Finished, Preview
from impasto_wire.pictures import PictureRef

_LOCK = "lock"


def handover_name(message: Preview | Finished) -> str:
    """The file that a worker writes a picture into. It isn't named by digest: that file may exist and be in use."""
    return f"{message.job}.{message.scale}-{message.step}" if isinstance(message, Preview) else f"{message.job}.result"


@dataclass
class _Held:
    size: int
    pins: int = 0
    is_temporary: bool = False  # a preview or a result: no client sends it again, so it needn't be kept


class Upload:
    """A picture on its way into the store."""

    def __init__(self, ref: PictureRef, part: Path) -> None:
        self.ref = ref
        self.part = part
        self._file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        self._incoming = Incoming(ref, self._write)

    def take(self, band: Band) -> int:
        """Take the next band; returns the credit to give. Raises `WireError`; `OutOfMemory` when the disk is full."""
        return self._incoming.take(band)

    @property
    def is_complete(self) -> bool:
        """Has the whole picture come, with the right digest?"""
        return self._incoming.is_complete

    def _write(self, payload: memoryview) -> None:
        try:
            while payload:
                payload = payload[os.write(self._file, payload) :]
        except OSError as error:
            raise OutOfMemory("the engine's disk is full; free some space and try again") from error

    def close(self) -> None:
        """Close the file; what has come so far stays in `part`."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class Store:
    """Pictures by digest, at most `limit` bytes in all. The least recently used are deleted first; pinned ones stay."""

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder = folder
        self.limit = limit
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._uploads: set[Upload] = set()
        self._parts = 0

    def path(self, digest: str) -> Path:
        """The file that holds a picture's samples."""
        return self.folder / digest

    def pin(self, ref: PictureRef) -> bool:
        """Keep a picture until `unpin`; False when it isn't held. Raises `PictureError` when its size is another."""
        held = self._held.get(ref.digest)
        if held is None:
            return False
        if held.size != ref.size:
            raise PictureError(f"a picture of {held.size} bytes is announced as {ref.size} bytes")
        held.pins += 1
        self._held.move_to_end(ref.digest)
        return True

    def unpin(self, digest: str) -> None:
        """Allow a picture to be deleted; a preview or a result is deleted at once."""
        held = self._held[digest]
        held.pins -= 1
        if held.is_temporary and not held.pins:
            self._delete(digest)

    def begin(self, ref: PictureRef) -> Upload:
        """Make room for a picture that is about to come. Raises `OutOfMemory` when there is none."""
        self._make_room(ref.size)
        self._parts += 1
        try:
            upload = Upload(ref, self.folder / f"{self._parts}.part")
        except OSError as error:
            raise OutOfMemory("the engine can't keep one more picture; try again when other jobs are done") from error
        self._uploads.add(upload)
        return upload

    def finish(self, upload: Upload) -> None:
        """Hold a picture that has come. Before that, with its digest not yet checked, no job can use it."""
        upload.close()
        self._uploads.remove(upload)
        upload.part.replace(self.path(upload.ref.digest))
        held = self._held.setdefault(upload.ref.digest, _Held(upload.ref.size))
        held.is_temporary = False
        self._held.move_to_end(upload.ref.digest)

    def abandon(self, upload: Upload) -> None:
        """Delete what has come so far."""
        upload.close()
        self._uploads.discard(upload)
        upload.part.unlink(missing_ok=True)

    def adopt(self, message: Preview | Finished) -> None:
        """Hold, and pin, the picture that a worker has written. Raises `PictureError`, `OSError`."""
        ref, made = message.picture, self.folder / handover_name(message)
        if made.stat().st_size != ref.size:
            raise PictureError("the worker's picture hasn't the size that it announced")
        made.replace(self.path(ref.digest))
        if not self.pin(ref):
            self._held[ref.digest] = _Held(ref.size, pins=1, is_temporary=True)

    def outgoing(self, job: str, ref: PictureRef) -> Outgoing:
        """A held picture, ready to be sent. It must stay pinned until it is sent."""
        path = self.path(ref.digest)

        def read(offset: int, length: int) -> bytes:
            with path.open("rb", buffering=0) as file:
                file.seek(offset)
                return file.read(length)

        return Outgoing(job, ref, read)

    def sweep(self, jobs: Iterable[str]) -> None:
        """Delete the pictures that a worker which has died wrote for these jobs and didn't announce."""
        for job in jobs:
            for path in self.folder.glob(f"{job}.*"):
                path.unlink(missing_ok=True)

    def _make_room(self, size: int) -> None:
        if size > self.limit:
            raise PictureError(
                f"a picture takes {size >> 20} MiB; the engine keeps at most {self.limit >> 20} MiB, scale it down"
            )
        free = self.limit - size - sum(upload.ref.size for upload in self._uploads)
        total = sum(held.size for held in self._held.values())
        for digest in [digest for digest, held in self._held.items() if not held.pins]:
            if total <= free:
                break
            total -= self._held[digest].size
            self._delete(digest)
        if total > free:
            raise OutOfMemory("the engine's picture store is full of unfinished jobs; try again when some are done")

    def _delete(self, digest: str) -> None:
        del self._held[digest]
        self.path(digest).unlink(missing_ok=True)


class RunFolder:
    """The private folder of one engine, locked while the engine runs."""

    def __init__(self, spool: Path) -> None:
        private_folder(spool)
        _sweep(spool)
        self.path = private_folder(spool / f"run-{os.getpid()}")
        self._lock = FileLock(self.path / _LOCK)
        if not self._lock.acquire():
            raise ImpastoError(f"the folder {self.path} is in use")

    def remove(self) -> None:
        """Delete the folder and its files."""
        self._lock.close()
        shutil.rmtree(self.path, ignore_errors=True)


def _sweep(spool: Path) -> None:
    """Delete the folders that engines left behind when they were killed."""
    for folder in spool.glob("run-*"):
        lock = FileLock(folder / _LOCK)
        if lock.acquire():
            lock.close()
            shutil.rmtree(folder, ignore_errors=True)
