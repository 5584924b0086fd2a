"""The engine's pictures on disk: never more than the limit, never one that isn't what it says."""

import os
from pathlib import Path

import pytest

from fakes.engine import random_pixels
from impasto.locks import FileLock
from impasto.service.store import RunFolder, Store, handover_name
from impasto_wire.bands import WINDOW, Band, unpack_band
from impasto_wire.errors import EngineUnavailable, OutOfMemory, PictureError, WireError
from impasto_wire.messages import Finished
from impasto_wire.pictures import PictureRef, Pixels

JOB = "0" * 32


def put(store: Store, pixels: Pixels) -> PictureRef:
    """Send a small picture into the store."""
    ref = pixels.ref()
    upload = store.begin(ref)
    upload.take(Band(JOB, ref.digest, 0, pixels.data))
    store.finish(upload)
    return ref


def names(store: Store) -> set[str]:
    return {path.name for path in store.folder.iterdir()}


def test_a_picture_is_held_once_it_is_whole(tmp_path: Path) -> None:
    store, pixels = Store(tmp_path, 1 << 20), random_pixels(10, 10)
    ref = pixels.ref()
    upload = store.begin(ref)
    assert not store.pin(ref)
    upload.take(Band(JOB, ref.digest, 0, pixels.data))
    store.finish(upload)
    assert store.pin(ref)
    assert store.path(ref.digest).read_bytes() == pixels.data


def test_a_picture_comes_out_as_it_went_in(tmp_path: Path) -> None:
    store, pixels = Store(tmp_path, 1 << 22), random_pixels(700, 700)
    ref = pixels.ref()
    upload = store.begin(ref)
    for offset in range(0, ref.size, 1 << 19):
        upload.take(Band(JOB, ref.digest, offset, memoryview(pixels.data)[offset : offset + (1 << 19)]))
    store.finish(upload)
    store.pin(ref)
    outgoing = store.outgoing(JOB, ref)
    outgoing.allow(WINDOW)
    assert b"".join(unpack_band(frame).payload for frame in outgoing.frames()) == pixels.data


def test_the_least_recently_used_picture_goes_first_and_pinned_ones_stay(tmp_path: Path) -> None:
    pictures = [random_pixels(10, 10, seed=number) for number in range(4)]  # 400 bytes each
    store = Store(tmp_path, 1200)
    refs = [put(store, pixels) for pixels in pictures[:3]]
    assert store.pin(refs[0])
    store.unpin(refs[0].digest)  # used last
    assert store.pin(refs[1])
    last = put(store, pictures[3])
    assert names(store) == {refs[0].digest, refs[1].digest, last.digest}


def test_a_full_store_says_so(tmp_path: Path) -> None:
    store = Store(tmp_path, 1000)
    for number in range(2):
        store.pin(put(store, random_pixels(10, 10, seed=number)))
    with pytest.raises(OutOfMemory, match="unfinished jobs"):
        store.begin(random_pixels(10, 10, seed=3).ref())
    with pytest.raises(PictureError, match="scale it down"):
        store.begin(random_pixels(20, 20).ref())


def test_room_is_kept_for_what_is_still_coming(tmp_path: Path) -> None:
    store = Store(tmp_path, 1000)
    first = store.begin(random_pixels(10, 10, seed=1).ref())
    store.begin(random_pixels(10, 10, seed=2).ref())
    with pytest.raises(OutOfMemory):
        store.begin(random_pixels(10, 10, seed=3).ref())
    store.abandon(first)
    store.begin(random_pixels(10, 10, seed=3).ref())


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
    assert not store.pin(ref)


def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    store, pixels = Store(tmp_path, 1000), random_pixels(10, 10)
    upload = store.begin(pixels.ref())
    upload.close()
    upload._file = os.open("/dev/full", os.O_WRONLY)
    with pytest.raises(OutOfMemory, match="disk is full"):
        upload.take(Band(JOB, pixels.ref().digest, 0, pixels.data))
    store.abandon(upload)


def test_a_result_is_deleted_when_it_is_taken_but_not_if_someone_sent_the_same_bytes(tmp_path: Path) -> None:
    store, pixels = Store(tmp_path, 10_000), random_pixels(10, 10, channels=3)
    message = Finished(JOB, pixels.ref(), 1.0)
    for is_kept in (False, True):
        if is_kept:
            put(store, pixels)
        (tmp_path / handover_name(message)).write_bytes(pixels.data)
        store.adopt(message)
        store.unpin(pixels.ref().digest)
        assert names(store) == ({pixels.ref().digest} if is_kept else set())


def test_a_worker_that_lies_about_a_size_is_not_believed(tmp_path: Path) -> None:
    store, pixels = Store(tmp_path, 10_000), random_pixels(10, 10, channels=3)
    message = Finished(JOB, pixels.ref(), 1.0)
    (tmp_path / handover_name(message)).write_bytes(pixels.data[:-1])
    with pytest.raises(PictureError):
        store.adopt(message)
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


def test_a_private_folder_of_someone_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from impasto.folders import private_folder

    monkeypatch.setattr("os.getuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(EngineUnavailable, match="belongs to someone else"):
        private_folder(tmp_path)
