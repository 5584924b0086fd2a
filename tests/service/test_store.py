"""The engine's pictures on disk: never more than the limit, never one that isn't what it says."""

from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fakes.engine import random_pixels
from fakes.systems import needs_posix
from impasto.locks import FileLock
from impasto.service.store import RunFolder, Store, handover_name
from impasto_wire.bands import WINDOW, Band, unpack_band
from impasto_wire.errors import EngineUnavailable, OutOfMemory, PictureError, WireError
from impasto_wire.messages import Finished
from impasto_wire.pictures import PictureRef, Pixels

JOB = "0" * 32
ME = "a key"


def put(store: Store, pixels: Pixels) -> PictureRef:
    """Send a small picture into the store."""
    ref = pixels.ref()
    upload = store.begin(ref)
    upload.take(Band(JOB, ref.digest, 0, pixels.data))
    store.finish(upload, ME)
    return ref


def names(store: Store) -> set[str]:
    return {path.name for path in store.folder.iterdir()}


def test_a_picture_is_held_once_it_is_whole(tmp_path: Path) -> None:
    store, pixels = Store(tmp_path, 1 << 20), random_pixels(10, 10)
    ref = pixels.ref()
    upload = store.begin(ref)
    assert not store.pin(ref, ME)
    upload.take(Band(JOB, ref.digest, 0, pixels.data))
    store.finish(upload, ME)
    assert store.pin(ref, ME)
    assert store.path(ref.digest).read_bytes() == pixels.data


def test_a_picture_comes_out_as_it_went_in(tmp_path: Path) -> None:
    store, pixels = Store(tmp_path, 1 << 22), random_pixels(700, 700)
    ref = pixels.ref()
    upload = store.begin(ref)
    for offset in range(0, ref.size, 1 << 19):
        upload.take(Band(JOB, ref.digest, offset, memoryview(pixels.data)[offset : offset + (1 << 19)]))
    store.finish(upload, ME)
    store.pin(ref, ME)
    outgoing = store.outgoing(JOB, ref)
    outgoing.allow(WINDOW)
    assert b"".join(unpack_band(frame).payload for frame in outgoing.frames()) == pixels.data


def test_the_least_recently_used_picture_goes_first_and_pinned_ones_stay(tmp_path: Path) -> None:
    pictures = [random_pixels(10, 10, seed=number) for number in range(4)]  # 400 bytes each
    store = Store(tmp_path, 1200)
    refs = [put(store, pixels) for pixels in pictures[:3]]
    assert store.pin(refs[0], ME)
    store.unpin(refs[0].digest)  # used last
    assert store.pin(refs[1], ME)
    last = put(store, pictures[3])
    assert names(store) == {refs[0].digest, refs[1].digest, last.digest}


def test_a_full_store_says_so(tmp_path: Path) -> None:
    store = Store(tmp_path, 1000)
    for number in range(2):
        store.pin(put(store, random_pixels(10, 10, seed=number)), ME)
    with pytest.raises(OutOfMemory, match="unfinished jobs"):
        store.begin(random_pixels(10, 10, seed=3).ref())
    with pytest.raises(PictureError, match="scale it down"):
        store.begin(random_pixels(20, 20).ref())


def test_room_is_taken_by_what_has_come_and_not_by_what_was_announced(tmp_path: Path) -> None:
    store = Store(tmp_path, 1000)
    pictures = [random_pixels(10, 10, seed=number) for number in range(50)]
    uploads = [store.begin(pixels.ref()) for pixels in pictures]
    for upload, pixels in list(zip(uploads, pictures, strict=True))[-2:]:
        upload.take(Band(JOB, upload.ref.digest, 0, pixels.data))
        store.finish(upload, ME)
        assert store.pin(upload.ref, ME)
    with pytest.raises(OutOfMemory, match="unfinished jobs"):
        uploads[0].take(Band(JOB, uploads[0].ref.digest, 0, pictures[0].data))


def test_half_a_picture_gives_its_room_back(tmp_path: Path) -> None:
    store, pixels = Store(tmp_path, 1000), random_pixels(10, 10)
    for number in range(10):
        upload = store.begin(random_pixels(15, 15, seed=number).ref())
        upload.take(Band(JOB, upload.ref.digest, 0, bytes(600)))
        store.abandon(upload)
    assert put(store, pixels)


def test_an_abandoned_picture_leaves_nothing(tmp_path: Path) -> None:
    store, pixels = Store(tmp_path, 1000), random_pixels(10, 10)
    upload = store.begin(pixels.ref())
    upload.take(Band(JOB, pixels.ref().digest, 0, pixels.data[:100]))
    store.abandon(upload)
    assert names(store) == set()


def test_a_wrong_digest_is_never_held(tmp_path: Path) -> None:
    store, ref = Store(tmp_path, 1000), random_pixels(10, 10).ref()
    upload = store.begin(ref)
    with pytest.raises(WireError, match="digest"):
        upload.take(Band(JOB, ref.digest, 0, bytes(400)))
    store.abandon(upload)
    assert not store.pin(ref, ME)


DiskUsage = namedtuple("DiskUsage", "total used free")


class Disk:
    """A disk of 100 kB on which other programs leave so many bytes free."""

    def __init__(self, store: Store, free: int) -> None:
        self.store = store
        self.free = free

    def usage(self, _: Path) -> DiskUsage:
        ours = sum(path.stat().st_size for path in self.store.folder.iterdir())
        return DiskUsage(100_000, 100_000 - self.free + ours, self.free - ours)


def test_a_disk_keeps_a_twentieth_free_and_what_nobody_needs_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path, 1 << 30)
    disk = Disk(store, 5900)
    monkeypatch.setattr("shutil.disk_usage", disk.usage)
    first, second = (put(store, random_pixels(10, 10, seed=number)) for number in (1, 2))
    assert store.pin(second, ME)
    third = put(store, random_pixels(10, 10, seed=3))
    assert names(store) == {second.digest, third.digest}, "800 of the 900 bytes that are not in the reserve"
    assert store.pin(third, ME)
    with pytest.raises(OutOfMemory, match="must stay free; free some space and try again"):
        put(store, random_pixels(10, 10, seed=4))
    disk.free = 8000
    assert put(store, random_pixels(10, 10, seed=5))
    assert first


def test_a_disk_that_says_it_has_room_and_has_none_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quota, for example: what nobody needs is deleted, then the job fails, and nothing of it stays."""
    store = Store(tmp_path, 1 << 20)
    cached = put(store, random_pixels(10, 10, seed=1))
    pixels = random_pixels(10, 10, seed=2)
    upload = store.begin(pixels.ref())
    upload.part = Path("/dev/full")
    with pytest.raises(OutOfMemory, match="disk is full"):
        upload.take(Band(JOB, pixels.ref().digest, 0, pixels.data))
    assert cached.digest not in names(store)


def test_who_only_knows_a_digest_must_send_the_picture(tmp_path: Path) -> None:
    store, pixels = Store(tmp_path, 1000), random_pixels(10, 10)
    ref = put(store, pixels)
    assert not store.pin(ref, "another key")
    assert not store.pin(replace(ref, width=99), "another key"), "not even its size is told"
    upload = store.begin(ref)
    upload.take(Band(JOB, ref.digest, 0, pixels.data))
    store.finish(upload, "another key")
    assert store.pin(ref, "another key")
    assert names(store) == {ref.digest}


def test_so_many_pictures_are_held_at_most(tmp_path: Path) -> None:
    store = Store(tmp_path, 1 << 20, most=3)
    refs = [put(store, random_pixels(4, 4, seed=number)) for number in range(5)]
    assert names(store) == {ref.digest for ref in refs[2:]}
    for ref in refs[2:]:
        assert store.pin(ref, ME)
    with pytest.raises(OutOfMemory):
        store.begin(random_pixels(4, 4, seed=9).ref())


def test_a_result_is_deleted_when_it_is_taken_but_not_if_someone_sent_the_same_bytes(tmp_path: Path) -> None:
    store, pixels = Store(tmp_path, 10_000), random_pixels(10, 10, channels=3)
    message = Finished(JOB, pixels.ref(), 1.0)
    for is_kept in (False, True):
        if is_kept:
            put(store, pixels)
        (tmp_path / handover_name(message)).write_bytes(pixels.data)
        store.adopt(message, ME)
        store.unpin(pixels.ref().digest)
        assert names(store) == ({pixels.ref().digest} if is_kept else set())


def test_a_worker_that_lies_about_a_size_is_not_believed(tmp_path: Path) -> None:
    store, pixels = Store(tmp_path, 10_000), random_pixels(10, 10, channels=3)
    message = Finished(JOB, pixels.ref(), 1.0)
    (tmp_path / handover_name(message)).write_bytes(pixels.data[:-1])
    with pytest.raises(PictureError):
        store.adopt(message, ME)
    store.sweep([JOB])
    assert names(store) == set()


def test_a_run_folder_of_a_dead_engine_is_swept_and_a_living_one_kept(tmp_path: Path) -> None:
    dead = tmp_path / "run-1"
    dead.mkdir()
    (dead / "picture").write_bytes(b"x")
    living = tmp_path / "run-2"
    living.mkdir()
    lock = FileLock(living / "lock")
    assert lock.acquire()
    mine = RunFolder(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"run-2", mine.path.name}
    mine.remove()
    lock.close()
    assert {path.name for path in tmp_path.iterdir()} == {"run-2"}


def test_a_lock_is_held_by_one_and_freed_by_its_end(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert first.acquire()
    assert not second.acquire()
    first.close()
    assert second.acquire()
    second.close()
    assert list(tmp_path.iterdir()) == []


@needs_posix
def test_a_private_folder_of_someone_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from impasto.folders import private_folder

    monkeypatch.setattr("os.getuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(EngineUnavailable, match="belongs to someone else"):
        private_folder(tmp_path)


def test_a_picture_that_somebody_reads_can_go_and_come_again(tmp_path: Path) -> None:
    """Windows deletes and replaces no file that a process has mapped, as a worker maps the pictures of its jobs."""
    store, (pixels, other) = Store(tmp_path, 1 << 20), (random_pixels(10, 10, seed=seed) for seed in range(2))
    ref = put(store, pixels)
    read = np.memmap(store.path(ref.digest), dtype="<u1", mode="c")
    store.evict(1)
    assert not store.pin(ref, ME)
    assert put(store, pixels) == ref, "it came again while its older self was read"
    assert store.pin(ref, ME)
    assert bytes(read) == store.path(ref.digest).read_bytes() == pixels.data
    store.unpin(ref.digest)
    store.evict(1)
    read._mmap.close()  # type: ignore[attr-defined]
    assert names(store) <= {ref.digest}, "nothing but that picture may linger, and only on Windows"
    assert names(store) - {put(store, other).digest} <= {ref.digest}
    store.evict(1)
    assert names(store) == set(), "what lingered went as soon as it could"


def test_a_painting_that_somebody_reads_can_come_again(tmp_path: Path) -> None:
    store, pixels = Store(tmp_path, 1 << 20), random_pixels(10, 10, 3)
    ref = pixels.ref()
    finished = Finished(JOB, ref, 1.0)
    for _ in range(2):
        (tmp_path / handover_name(finished)).write_bytes(pixels.data)
        store.adopt(finished, ME)
        read = np.memmap(store.path(ref.digest), dtype="<u1", mode="c")
        store.unpin(ref.digest)
    assert bytes(read) == pixels.data
    store.sweep([JOB])
    assert not (tmp_path / handover_name(finished)).exists()
