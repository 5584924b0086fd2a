"""Disks that are too small, or nobody may write on: a sentence, and after it was mended the set-up goes on."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from impasto_setup.errors import Barred, DiskFull, NoNetwork, ProgramFailed, SetUpError, Unsuitable
from impasto_setup.places import alone
from impasto_setup.uv import failure_of

from .conftest import Newcomer, small

UNREACHED = """\
error: Failed to fetch: https://download.example/whl/torch/
  cause: error sending request for url (https://download.example/whl/torch/)
  cause: client error (Connect)
  cause: tcp connect error
  cause: Connection refused (os error 111)
"""
"""What uv 0.13.9 says of a server that isn't there."""


@pytest.fixture
def little_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 30 MB: uv and its wheel fit, the packages don't."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=30m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root can mount a small disk")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_disk_that_is_too_small_is_seen_before_anything_is_downloaded(newcomer: Newcomer, little_disk: Path) -> None:
    person = replace(newcomer, prefix=little_disk / "impasto")
    with pytest.raises(DiskFull, match=r"only \d+ MB are free in .*, and \d+ MB are needed"):
        person.set_up()
    assert person.index.asked == []


def test_a_disk_that_fills_up_meanwhile_is_named_and_the_set_up_goes_on_when_there_is_room(
    newcomer: Newcomer, little_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("impasto_setup.set_up.require_room", lambda *_: None)
    newcomer.lists("cpu", [small(tmp_path, newcomer.index, "canvas", "1.0")])
    person = replace(newcomer, prefix=little_disk / "impasto")
    with pytest.raises(DiskFull, match=r"the disk is full at .*; make room and press Set Up again, it goes on"):
        person.set_up()
    subprocess.run(["mount", "-o", "remount,size=200m", str(little_disk)], check=True)
    person.index.ranges.clear()
    person.set_up()
    assert person.note()["version"] == "0.1.0"


def test_a_place_where_no_folder_can_be_made_is_named(newcomer: Newcomer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    person = replace(newcomer, prefix=tmp_path / "file" / "impasto")
    with pytest.raises(SetUpError, match=r"file/impasto: Not a directory; mend that, and press Set Up again"):
        person.set_up()


def test_two_set_ups_at_once_are_one_too_many(newcomer: Newcomer) -> None:
    with alone(newcomer.prefix), pytest.raises(Unsuitable, match="another GIMP is setting the engine up"):
        newcomer.set_up()
    newcomer.set_up()


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ("error: x\n  cause: failed to write (os error 28): No space left on device", DiskFull, "the disk is full"),
        ("error: failed to run it (os error 225)", Barred, "a virus scanner has stopped uv"),
        ("error: x\n  cause: failed to rename it (os error 32)", Barred, "holds a file in /prefix; wait a minute"),
        (UNREACHED, NoNetwork, "download.example can't be reached (Connection refused (os error 111)); check the"),
        (UNREACHED.replace("111", "10013"), NoNetwork, "a firewall has barred the way to download.example; allow"),
        ("warning: w\nerror: x\n  cause: y: z is broken\n", ProgramFailed, "uv has failed (y: z is broken)"),
        ("", ProgramFailed, "uv has failed (no word)"),
    ],
)
def test_what_uv_says_at_its_end_becomes_a_sentence(said: str, kind: type[SetUpError], words: str) -> None:
    told = failure_of(said, Path("/prefix/uv"))
    assert isinstance(told, kind)
    assert words in str(told)
