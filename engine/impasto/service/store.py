"""The pictures that the engine holds: files in a private folder, named by digest and deleted when the engine ends."""

import contextlib
import os
import shutil
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from impasto.folders import private_folder
from impasto.locks import FileLock
from impasto_wire.bands import MAX_BAND, Band
from impasto_wire.errors import ImpastoError, OutOfMemory, PictureError
from impasto_wire.files import patiently
from impasto_wire.flow import Incoming, Outgoing
from impasto_wire.messages import Finished, Preview
from impasto_wire.pictures import PictureRef

_LOCK = "lock"
_FULL = "the engine's picture store is full of unfinished jobs; try again when some are done"


def handover_name(message: Preview | Finished) -> str:
    """The file that a worker writes a picture into. It isn't named by digest: that file may exist and be in use."""
    return f"{message.job}.{message.scale}-{message.step}" if isinstance(message, Preview) else f"{message.job}.result"


@dataclass
class _Held:
    size: int
    owners: set[str] = field(default_factory=set)
    """Keys of the clients that have sent it, or that it was painted for: only they may name it without sending it."""
    pins: int = 0
    is_temporary: bool = True  # a preview or a result: no client sends it again, so it needn't be kept


class Upload:
    """A picture on its way into the store. Between two bands it takes no file handle and no memory to speak of."""

    def __init__(self, ref: PictureRef, part: Path, store: "Store") -> None:
        self.ref = ref
        self.part = part
        self.taken = 0
        """Bytes that it takes of the store."""
        self._store = store
        self._incoming = Incoming(ref, self._write)

    def take(self, band: Band) -> int:
        """Take the next band; returns the credit to give. Raises `WireError`; `OutOfMemory` when there is no room."""
        return self._incoming.take(band)

    @property
    def received(self) -> int:
        """Bytes that have come so far."""
        return self._incoming.received

    @property
    def is_complete(self) -> bool:
        """Has the whole picture come, with the right digest?"""
        return self._incoming.is_complete

    def _write(self, payload: memoryview) -> None:
        self._store.take_room(self, len(payload))
        while payload:
            try:
                with self.part.open("ab", buffering=0) as file:
                    payload = payload[file.write(payload) :]
            except OSError as error:
                if not self._store.evict(len(payload)):
                    raise OutOfMemory("the engine's disk is full; free some space and try again") from error


class Store:
    """Pictures by digest, at most `limit` bytes and `most` files in all, and so many that the disk doesn't get full.

    Pictures that no job needs are deleted when room is needed, the least recently used ones first. Room is taken by
    what has come, not by what was announced. No operation takes longer because more pictures are held.
    """

    def __init__(self, folder: Path, limit: int, most: int = 32_768) -> None:
        self.folder = folder
        self.limit = limit
        self.most = most
        self._held: dict[str, _Held] = {}
        self._unused: OrderedDict[str, None] = OrderedDict()
        """Digests of the pictures that no job needs, the least recently used one first."""
        self._uploads: set[Upload] = set()
        self._bytes = 0
        """Of all files: pictures that are held, and what has come of others."""
        self._used_bytes = 0
        """Of those that can't be deleted now."""
        self._parts = 0
        self._lingering: set[Path] = set()
        """Files that no job needs and that couldn't be deleted: on Windows, while somebody reads them."""

    def path(self, digest: str) -> Path:
        """The file that holds a picture's samples."""
        return self.folder / digest

    def pin(self, ref: PictureRef, owner: str) -> bool:
        """Keep a picture until `unpin`; False when that owner must send it. Raises `PictureError` when its size is
        another."""
        held = self._held.get(ref.digest)
        if held is None or owner not in held.owners:
            return False
        if held.size != ref.size:
            raise PictureError(f"a picture of {held.size} bytes is announced as {ref.size} bytes")
        self._pin(ref.digest, held)
        return True

    def _pin(self, digest: str, held: _Held) -> None:
        if not held.pins:
            self._unused.pop(digest, None)
            self._used_bytes += held.size
        held.pins += 1

    def unpin(self, digest: str) -> None:
        """Allow a picture to be deleted; a preview or a result is deleted at once."""
        held = self._held[digest]
        held.pins -= 1
        if not held.pins:
            self._used_bytes -= held.size
            self._unused[digest] = None
            if held.is_temporary:
                self._delete(digest)

    def check(self, ref: PictureRef) -> None:
        """Raise `PictureError` for a picture that is too large at any time."""
        if ref.size > self.limit:
            raise PictureError(
                f"a picture takes {ref.size >> 20} MiB; the engine keeps at most {self.limit >> 20} MiB, scale it down"
            )

    def begin(self, ref: PictureRef) -> Upload:
        """Begin to take a picture. Raises `PictureError`, `OutOfMemory` when there can be no room for it."""
        self.check(ref)
        if self._used_bytes + ref.size > self.limit:
            raise OutOfMemory(_FULL)
        while len(self._held) + len(self._uploads) >= self.most:
            if not self._unused:
                raise OutOfMemory(_FULL)
            self._delete(next(iter(self._unused)))
        self._parts += 1
        upload = Upload(ref, self.folder / f"{self._parts}.part", self)
        self._uploads.add(upload)
        return upload

    def finish(self, upload: Upload, owner: str) -> None:
        """Hold a picture that has come. Before that, with its digest not yet checked, no job can use it."""
        digest = upload.ref.digest
        held = self._hold(upload.part, upload.ref)
        self._forget(upload)
        held.is_temporary = False
        held.owners.add(owner)
        if not held.pins:
            self._unused.move_to_end(digest)

    def abandon(self, upload: Upload) -> None:
        """Delete what has come so far."""
        if upload in self._uploads:
            self._forget(upload)
            self._remove(upload.part)

    def _forget(self, upload: Upload) -> None:
        self._uploads.remove(upload)
        self._bytes -= upload.taken
        self._used_bytes -= upload.taken

    def adopt(self, message: Preview | Finished, owner: str) -> None:
        """Hold, and pin, the picture that a worker has written. Raises `PictureError`, `OSError`."""
        ref, made = message.picture, self.folder / handover_name(message)
        if made.stat().st_size != ref.size:
            raise PictureError("the worker's picture hasn't the size that it announced")
        held = self._hold(made, ref)
        held.owners.add(owner)
        self._pin(ref.digest, held)
        self.make_room(0)

    def _hold(self, file: Path, ref: PictureRef) -> _Held:
        """Hold the picture in a file. If there is one with that digest, that file stays: a worker may be reading it."""
        held, path = self._held.get(ref.digest), self.path(ref.digest)
        if held or path in self._lingering:
            self._lingering.discard(path)
            self._remove(file)
        else:
            patiently(lambda: file.replace(path))
        if held:
            return held
        self._held[ref.digest] = held = _Held(ref.size)
        self._unused[ref.digest] = None
        self._bytes += held.size
        return held

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
                self._remove(path)

    def make_room(self, size: int) -> bool:
        """Delete pictures that no job needs until so many bytes fit, and a reserve on the disk; False if they don't."""
        disk = shutil.disk_usage(self.folder)
        return self.evict(max(self._bytes + size - self.limit, size + _reserve(disk.total) - disk.free))

    def evict(self, size: int) -> bool:
        """Delete pictures that no job needs until so many bytes are free; False if there are none to delete."""
        while size > 0 and self._unused:
            size -= self._delete(next(iter(self._unused)))
        return size <= 0

    def take_room(self, upload: Upload, size: int) -> None:
        """Count bytes that are about to be written. Raises `OutOfMemory` when there is no room for them."""
        if not self.make_room(size):
            raise OutOfMemory(self._why_full())
        upload.taken += size
        self._bytes += size
        self._used_bytes += size

    def _why_full(self) -> str:
        disk = shutil.disk_usage(self.folder)
        if disk.free > _reserve(disk.total) + MAX_BAND:
            return _FULL
        return (
            f"the engine's disk has {disk.free >> 20} MiB free, and {_reserve(disk.total) >> 20} MiB must stay free; "
            "free some space and try again"
        )

    def _delete(self, digest: str) -> int:
        """Delete a picture that no job needs; returns the bytes that came free."""
        size = self._held.pop(digest).size
        del self._unused[digest]
        self._bytes -= size
        return size if self._remove(self.path(digest)) else 0

    def _remove(self, path: Path) -> bool:
        """Delete a file, now or as soon as nobody reads it any more; is it gone?"""
        self._lingering.add(path)
        for file in [*self._lingering]:
            with contextlib.suppress(PermissionError):
                file.unlink(missing_ok=True)
                self._lingering.discard(file)
        return path not in self._lingering


def _reserve(disk_bytes: int) -> int:
    """Bytes of a disk that are left free: for the workers' results, and for everybody else."""
    return min(disk_bytes // 20, 1 << 30)


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
