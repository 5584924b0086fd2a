"""The connection file: private, whole, and refused when it is neither."""

import json
import stat
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from fakes.systems import needs_posix
from impasto_wire.connection import Connection, read_connection, write_connection
from impasto_wire.errors import EngineUnavailable

CONNECTION = Connection("tcp://127.0.0.1:5", "s" * 40, "c" * 40, "x" * 40, 1, "0.1.0", 77)


@needs_posix
def test_a_connection_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "connection.json"
    write_connection(path, CONNECTION)
    assert read_connection(path) == CONNECTION
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    write_connection(path, replace(CONNECTION, pid=78))
    assert read_connection(path).pid == 78
    assert list(tmp_path.iterdir()) == [path]


@needs_posix
def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "connection.json"
    write_connection(path, CONNECTION)
    for mode in (0o640, 0o604, 0o620):
        path.chmod(mode)
        with pytest.raises(EngineUnavailable, match="others can read"):
            read_connection(path)


def test_no_file_means_no_engine(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="not running"):
        read_connection(tmp_path / "connection.json")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", json.dumps({**asdict(CONNECTION), "pid": "77"}), '{"pid": 1}'])
def test_a_damaged_file_is_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "connection.json"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(EngineUnavailable, match="damaged"):
        read_connection(path)
