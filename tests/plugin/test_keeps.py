"""What the dialog keeps outside of an image: private, whole, limited, and gone when it should be."""

import json
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.engine import IS_WINDOWS
from impasto_plugin import keeps
from impasto_plugin.keeps import (
    KEPT_DAYS,
    MOST_SAVED,
    MOST_TRIES,
    KeptArguments,
    KeptSettings,
    KeptTry,
    LayerKeep,
    key_of,
    prune,
    read_saved,
    saved_tries,
    tiles_folder,
    try_from,
)
from impasto_plugin.notices import STALE_SECONDS, Notice, notices, notices_folder
from impasto_presets import cache_folder, forget_pictures

VALUES = KeptArguments({"preset": "woodcut", "seed": 3, "style-drawable": 7}, {"style-drawable": {"name": "Canvas"}})


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A cache folder of one's own."""
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.delenv("FLATPAK_ID", raising=False)
    return tmp_path / ("impasto/Cache" if IS_WINDOWS else "impasto")


def a_try(number: int, picture: bytes = b"picture") -> KeptTry:
    return KeptTry(f"{number:032x}", "Woodcut", VALUES, picture, float(number))


def test_settings_marks_and_tries_are_there_the_next_time() -> None:
    keep = LayerKeep([key_of("one")])
    assert keep.settings() is None
    assert keep.tries() == []
    settings = KeptSettings(VALUES, ("a", "b"), "record")
    keep.keep_settings(settings)
    for number in (2, 1):
        keep.keep_try(a_try(number))
    again = LayerKeep([key_of("one")])
    assert again.settings() == settings
    assert again.tries() == [a_try(1), a_try(2)]
    assert LayerKeep([key_of("other")]).settings() is None


def test_maps_that_no_argument_holds_are_there_the_next_time_but_not_in_the_images_file() -> None:
    brushed = replace(VALUES, maps={"brushed": {"area": {"size": [1, 1], "packed": ""}, "detail": None}})
    with_map = replace(a_try(1), values=brushed)
    keep = LayerKeep([key_of("one")])
    keep.keep_settings(KeptSettings(brushed))
    keep.keep_try(with_map)
    assert keep.settings() == KeptSettings(brushed)
    assert keep.tries() == [with_map]
    assert read_saved(saved_tries([with_map, a_try(2)])) == [a_try(2)]
    assert read_saved(json.dumps([with_map.as_json(), a_try(2).as_json()]).encode()) == [a_try(2)]


def test_what_an_earlier_version_kept_has_no_maps() -> None:
    told = a_try(1).as_json()
    del told["values"]["maps"]
    assert try_from(told) == a_try(1)


@given(st.binary(), st.text(), st.booleans(), st.floats(0, 1e12))
def test_a_try_comes_back_from_json_as_it_was(picture: bytes, title: str, is_painted: bool, made: float) -> None:
    before = replace(a_try(1, picture), title=title, is_painted=is_painted, made=made)
    assert try_from(json.loads(json.dumps(before.as_json()))) == before


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such rights")
def test_nobody_else_can_look_into_it(cache: Path) -> None:
    os.umask(0o022)
    keep = LayerKeep([key_of("one")])
    keep.keep_settings(KeptSettings(VALUES))
    keep.keep_try(a_try(1))
    files = [path for path in cache.rglob("*") if path.is_file()]
    assert len(files) == 2
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (cache / "kept", files[0].parent)} == {0o700}


def test_two_gimps_with_the_same_picture_lose_no_try() -> None:
    one, other = LayerKeep([key_of("one")]), LayerKeep([key_of("one")])
    one.keep_try(a_try(1))
    other.keep_try(a_try(2))
    assert one.tries() == other.tries() == [a_try(1), a_try(2)]


def test_an_image_that_was_saved_under_another_name_finds_what_was_kept_before() -> None:
    LayerKeep([key_of("new image")]).keep_try(a_try(1))
    LayerKeep([key_of("new image")]).keep_settings(KeptSettings(VALUES, ("old",)))
    saved = LayerKeep([key_of("photo.xcf"), key_of("new image")])
    assert saved.tries() == [a_try(1)]
    saved.keep_settings(KeptSettings(VALUES, ("new",)))
    assert LayerKeep([key_of("photo.xcf")]).settings() == KeptSettings(VALUES, ("new",))


def test_the_oldest_tries_go_but_not_marked_and_painted_ones() -> None:
    keep = LayerKeep([key_of("one")])
    for number in range(MOST_TRIES + 3):
        keep.keep_try(a_try(number), marked=[a_try(1).digest])
        if number == 0:
            keep.note_painted([a_try(0).digest])
    assert [int(made.made) for made in keep.tries()] == [0, 1, *range(3, MOST_TRIES + 3)]
    assert keep.tries()[0].is_painted


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[1]", b'{"digest": "../../x"}', b'{"arguments": 1, "drawables": 2}', b"\xff"]
)
def test_what_is_damaged_is_left_out(damage: bytes, cache: Path) -> None:
    keep = LayerKeep([key_of("one")])
    keep.keep_settings(KeptSettings(VALUES))
    keep.keep_try(a_try(1))
    keep.keep_try(a_try(2))
    folder = cache / "kept" / key_of("one")
    (folder / "settings.json").write_bytes(damage)
    (folder / f"{a_try(1).digest}.try.json").write_bytes(damage)
    assert keep.settings() is None
    assert keep.tries() == [a_try(2)]
    assert read_saved(damage) == []


def test_what_cannot_be_written_is_not_kept(cache: Path) -> None:
    cache.parent.mkdir(exist_ok=True)
    cache.write_text("a file in its place")
    keep = LayerKeep([key_of("one")])
    keep.keep_settings(KeptSettings(VALUES))
    keep.keep_try(a_try(1))
    assert keep.settings() is None
    with Notice("photo") as notice:
        notice.tell(5.0)
    prune()


def test_what_is_older_than_a_month_goes_by_itself(cache: Path) -> None:
    for name in ("old", "new"):
        LayerKeep([key_of(name)]).keep_try(a_try(1))
    tiles_folder().mkdir()
    for name in ("old.png", "new.png"):
        (tiles_folder() / name).write_bytes(b"tile")
    past = time.time() - (KEPT_DAYS + 1) * 24 * 3600
    for path in (cache / "kept" / key_of("old"), tiles_folder() / "old.png"):
        os.utime(path, (past, past))
    prune()
    assert [path.name for path in (cache / "kept").iterdir()] == [key_of("new")]
    assert [path.name for path in tiles_folder().iterdir()] == ["new.png"]


def test_what_is_too_much_goes_beginning_with_the_oldest(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    monkeypatch.setattr(keeps, "MOST_BYTES", 2500)
    for number in range(3):
        LayerKeep([key_of(number)]).keep_try(a_try(1, bytes(600)))
        moment = time.time() - 100 + number
        os.utime(cache / "kept" / key_of(number), (moment, moment))
    prune()
    assert {path.name for path in (cache / "kept").iterdir()} == {key_of(1), key_of(2)}


def test_tries_saved_with_an_image_are_small_and_begin_with_those_painted() -> None:
    large = bytes(MOST_SAVED // 6)
    tries = [a_try(number, large) for number in range(8)]
    tries[0] = replace(tries[0], is_painted=True)
    data = saved_tries(tries)
    assert len(data) <= MOST_SAVED
    assert [int(made.made) for made in read_saved(data)] == [0, 5, 6, 7]
    assert saved_tries([]) == b""
    assert saved_tries([a_try(1, bytes(MOST_SAVED))]) == b""


def test_forgetting_leaves_the_engine_s_own_files(cache: Path) -> None:
    LayerKeep([key_of("one")]).keep_try(a_try(1))
    tiles_folder().mkdir()
    (tiles_folder() / "tile.png").write_bytes(b"tile")
    (cache / "spool").mkdir()
    (cache / "spool" / "job").write_bytes(b"job")
    assert forget_pictures() == 2
    assert [path.name for path in cache_folder().iterdir()] == ["spool"]


def test_others_learn_what_is_painted_and_how_long_it_takes(cache: Path) -> None:
    with Notice("tubingen") as notice:
        notice.tell(75.0)
        (file,) = notices_folder().iterdir()
        assert notices() == []  # one's own is no other
        file.write_text(json.dumps({**json.loads(file.read_text()), "process": os.getpid() + 1}))
        (other,) = notices()
        assert other.name == "tubingen"
        left = other.left()
        assert left is not None
        assert 70 < left <= 75
        past = time.time() - STALE_SECONDS - 1
        os.utime(file, (past, past))
        assert notices() == []
        assert not file.exists(), "what a killed process left is still there"
    with Notice("tubingen") as notice:
        notice.tell(None)
    assert not list(notices_folder().iterdir())
