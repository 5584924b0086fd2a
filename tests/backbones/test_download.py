"""A download survives what networks do to it, and what isn't the right file never appears."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes import file_server
from fakes.file_server import FileServer
from impasto.backbones.download import Expected, Patience, copy, download
from impasto_wire.errors import WeightsMissing

CONTENT = bytes(range(256)) * 4000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
EXPECTED = Expected(DIGEST, len(CONTENT))
QUICK = Patience(stall=20, pause=0)


@pytest.fixture
def server() -> Iterator[FileServer]:
    with file_server.running(CONTENT) as running:
        yield running


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "net.pth"


def part_of(target: Path) -> Path:
    """Where an earlier call may have left what had come."""
    return target.with_name(f".{target.name}.0badcafe.part")


def fetch(server: FileServer, target: Path, patience: Patience = QUICK, *before: str) -> list[tuple[int, int | None]]:
    """Download the server's file; returns what was told of the progress."""
    told: list[tuple[int, int | None]] = []
    addresses = [*before, f"{server.address}/net.pth"]
    download(addresses, target, EXPECTED, lambda have, whole: told.append((have, whole)), patience)
    return told


def test_a_file_comes_whole_and_nothing_else_stays(server: FileServer, target: Path) -> None:
    told = fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]
    assert told[0] == (0, len(CONTENT))
    assert told[-1] == (len(CONTENT), len(CONTENT))


def test_a_broken_connection_is_taken_up_where_it_broke(server: FileServer, target: Path) -> None:
    server.behaviours = [file_server.truncate(100_000), file_server.truncate(50_000)]
    fetch(server, target)
    assert server.ranges == [None, "bytes=100000-", "bytes=150000-"]
    assert target.read_bytes() == CONTENT


def test_silence_ends_a_try(server: FileServer, target: Path) -> None:
    server.behaviours = [file_server.stall(100_000)]
    fetch(server, target, Patience(stall=1, pause=0))
    assert server.ranges == [None, "bytes=100000-"]
    assert target.read_bytes() == CONTENT


def test_what_has_come_serves_the_next_call(server: FileServer, target: Path) -> None:
    server.behaviours = [file_server.truncate(1000)] * 3
    with pytest.raises(WeightsMissing, match="it ended after 3000 of 1024000 bytes"):
        fetch(server, target)
    assert not target.exists()
    fetch(server, target)
    assert server.ranges[-1] == "bytes=3000-"
    assert target.read_bytes() == CONTENT


def test_a_server_without_ranges_gives_it_again_from_the_beginning(server: FileServer, target: Path) -> None:
    part_of(target).write_bytes(CONTENT[:7])
    server.behaviours = [file_server.without_ranges]
    fetch(server, target)
    assert target.read_bytes() == CONTENT


def test_a_part_that_is_whole_already_is_only_checked(server: FileServer, target: Path) -> None:
    part_of(target).write_bytes(CONTENT)
    assert fetch(server, target) == []
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("left", [b"not the file's beginning", CONTENT + b"more"])
def test_a_part_that_belongs_to_something_else_is_thrown_away(server: FileServer, target: Path, left: bytes) -> None:
    part_of(target).write_bytes(left)
    fetch(server, target)
    asked = [f"bytes={len(left)}-"] if len(left) <= len(CONTENT) else []
    assert server.ranges == [*asked, None]
    assert target.read_bytes() == CONTENT


def test_damaged_bytes_never_become_the_file(server: FileServer, target: Path) -> None:
    target.write_bytes(b"an older one")
    server.behaviours = [file_server.corrupt] * 3
    with pytest.raises(WeightsMissing, match="what came is damaged"):
        fetch(server, target)
    assert target.read_bytes() == b"an older one"
    assert list(target.parent.iterdir()) == [target]


def test_a_redirection_is_followed_with_the_range(server: FileServer, target: Path) -> None:
    part_of(target).write_bytes(CONTENT[:5000])
    server.behaviours = [file_server.redirect]
    fetch(server, target)
    assert server.ranges == ["bytes=5000-", "bytes=5000-"]
    assert target.read_bytes() == CONTENT


def test_what_isnt_there_is_asked_for_once_and_what_is_busy_again(server: FileServer, target: Path) -> None:
    server.behaviours = [file_server.refuse(404)]
    with pytest.raises(WeightsMissing, match="the server says 404 Not Found"):
        fetch(server, target)
    assert len(server.ranges) == 1
    server.behaviours = [file_server.refuse(503), file_server.refuse(503)]
    fetch(server, target)
    assert target.read_bytes() == CONTENT


def test_the_next_address_is_asked_where_one_fails(server: FileServer, target: Path) -> None:
    fetch(server, target, QUICK, "http://127.0.0.1:1/net.pth", "file:///etc/hostname", f"{server.address}/net.pth")
    assert target.read_bytes() == CONTENT
    server.behaviours = [file_server.refuse(410)]
    with pytest.raises(WeightsMissing, match=r"127\.0\.0\.1:1/.*: no connection, .*; x:.* no web address; .* 410 Gone"):
        fetch(server, target, QUICK, "http://127.0.0.1:1/net.pth", "x:net.pth")


def test_a_persons_own_file_must_be_the_right_one(tmp_path: Path, target: Path) -> None:
    own = tmp_path / "own.pth"
    with pytest.raises(WeightsMissing, match="there is no file"):
        copy(own, target, EXPECTED)
    own.write_bytes(CONTENT[1:])
    with pytest.raises(WeightsMissing, match=r"its SHA-256 is .* must be"):
        copy(own, target, EXPECTED)
    assert not target.exists()
    own.write_bytes(CONTENT)
    copy(own, target, EXPECTED)
    assert target.read_bytes() == own.read_bytes() == CONTENT


def test_a_file_with_the_same_eight_digits_is_not_the_file(server: FileServer, target: Path, tmp_path: Path) -> None:
    forged = Expected(DIGEST[:8] + "0" * 56, len(CONTENT))
    with pytest.raises(WeightsMissing, match="what came is damaged, or another file"):
        download([f"{server.address}/net.pth"], target, forged, lambda have, whole: None, QUICK)
    (tmp_path / "own.pth").write_bytes(CONTENT)
    with pytest.raises(WeightsMissing, match="its SHA-256 is"):
        copy(tmp_path / "own.pth", target, forged)
    assert not target.exists()


@pytest.mark.parametrize("behaviour", [file_server.endless, file_server.announce(1 << 40)])
def test_no_more_comes_than_the_file_can_have(
    server: FileServer, target: Path, behaviour: file_server.Behaviour
) -> None:
    server.behaviours = [behaviour]
    told: list[int] = []
    with pytest.raises(WeightsMissing, match="1024000"):
        download([f"{server.address}/net.pth"], target, EXPECTED, lambda have, whole: told.append(have), QUICK)
    assert max(told, default=0) <= len(CONTENT)
    assert list(target.parent.iterdir()) == [], "what came is not kept either"


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_what_others_have_left_beside_it_is_not_written_into(server: FileServer, target: Path, tmp_path: Path) -> None:
    """Neither through a link nor into a file that has a second name; a pipe isn't waited for."""
    folder = tmp_path / "cache"
    folder.mkdir()
    target, precious = folder / target.name, tmp_path / "precious"
    precious.write_text("mine")
    part_of(target).symlink_to(precious)
    os.link(precious, folder / f".{target.name}.00000000.part")
    os.mkfifo(folder / f".{target.name}.11111111.part")
    fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert precious.read_text() == "mine"
