"""Files that are written whole or not at all."""

import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fakes.systems import needs_posix
from impasto_wire import files
from impasto_wire.files import left_parts, open_regular, read_trusted, write_whole


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    for data in (b"one", b"another"):
        write_whole(path, data)
        assert path.read_bytes() == data
    assert list(tmp_path.iterdir()) == [path]


@needs_posix
def test_a_private_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    write_whole(path, b"{}", 0o600)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_writers_at_the_same_time_never_mix(tmp_path: Path) -> None:
    path = tmp_path / "file"
    contents = [bytes([number]) * (1 << 16) for number in range(4)]

    def write_again_and_again(data: bytes) -> None:
        for _ in range(20):
            write_whole(path, data)
            assert files.patiently(path.read_bytes) in contents

    with ThreadPoolExecutor(len(contents)) as executor:
        list(executor.map(write_again_and_again, contents))
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(OSError, match=r"directory|denied"):
        write_whole(folder, b"data")
    assert list(tmp_path.iterdir()) == [folder]


def test_parts_of_a_killed_writer_are_found(tmp_path: Path) -> None:
    part = tmp_path / ".file.0a1b2c3d.part"
    for path in (part, tmp_path / "file", tmp_path / ".other.0a1b2c3d.part"):
        path.touch()
    assert list(left_parts(tmp_path / "file")) == [part]


@pytest.mark.skipif(os.name == "nt", reason="pipes aren't files there")
def test_nothing_but_a_file_is_written_over_or_read(tmp_path: Path) -> None:
    """A device that a file takes the place of is gone for everybody; a pipe would be waited for."""
    pipe, folder = tmp_path / "pipe", tmp_path / "folder"
    os.mkfifo(pipe)
    folder.mkdir()
    for path in (pipe, Path(os.devnull), folder):
        with pytest.raises(OSError, match=r"data|folder"):
            open_regular(path)
    with pytest.raises(OSError, match="something else than a file"):
        write_whole(pipe, b"data")
    assert pipe.is_fifo()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "pipe"]
    write_whole(tmp_path / "file", b"data")
    with open_regular(tmp_path / "file") as file:
        assert file.read() == b"data"


def test_a_file_that_is_being_read_can_be_replaced_and_one_that_is_being_replaced_read(tmp_path: Path) -> None:
    """On Windows neither goes while the other does; both are tried again."""
    path, texts = tmp_path / "connection.json", [b"a" * 1000, b"b" * 1000]
    write_whole(path, texts[0], 0o600)
    with ThreadPoolExecutor(3) as threads:
        writing = threads.submit(lambda: [write_whole(path, texts[turn % 2], 0o600) for turn in range(100)])
        reading = [threads.submit(lambda: [read_now_and_then(path) for _ in range(200)]) for _ in range(2)]
        assert {text for each in reading for text in each.result()} <= set(texts)
        writing.result()


@needs_posix
def test_a_private_file_is_written_in_a_folder_of_its_owners_where_modes_count_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes = []
    monkeypatch.setattr(files, "_IS_WINDOWS", True)
    monkeypatch.setattr(files, "patiently", lambda action: (modes.append(folder_modes(tmp_path)), action()))
    for mode in (0o666, 0o600):
        write_whole(tmp_path / "connection.json", b"{}", mode)
    assert modes == [[], [0o700]]
    assert [path.name for path in tmp_path.iterdir()] == ["connection.json"]


def read_now_and_then(path: Path) -> bytes:
    time.sleep(0.01)
    return read_trusted(path)


def folder_modes(folder: Path) -> list[int]:
    return [stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir() if path.is_dir()]


def test_what_windows_refuses_for_a_moment_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    refusals = [PermissionError(), PermissionError()]

    def action() -> str:
        if refusals:
            raise refusals.pop()
        return "done"

    monkeypatch.setattr(files, "_IS_WINDOWS", False)
    with pytest.raises(PermissionError):
        files.patiently(action)
    monkeypatch.setattr(files, "_IS_WINDOWS", True)
    refusals.append(PermissionError())
    assert files.patiently(action) == "done"
