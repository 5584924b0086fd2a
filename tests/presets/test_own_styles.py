"""Styles of one's own: saved, removed, handed on in one file; whatever is wrong is told in one sentence."""

import base64
import hashlib
import io
import json
import logging
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from platformdirs.macos import MacOS
from platformdirs.unix import Unix

from fakes.systems import needs_posix
from impasto_presets import (
    Preset,
    cache_folder,
    export_preset,
    files_of,
    import_preset,
    list_presets,
    load_preset,
    name_for,
    remove_preset,
    rename_preset,
    replace_picture,
    restore_files,
    save_preset,
    user_folder,
)
from impasto_presets.own import read_header
from impasto_presets.parcel import FIRST_WORDS
from impasto_wire.errors import PresetError, PresetExists, PresetInvalid, PresetMissing
from impasto_wire.request import WeightedStyle
from impasto_wire.settings import Settings

SHIPPED = list_presets()


def picture_file(width: int = 32, height: int = 24, kind: str = "JPEG") -> bytes:
    """A picture as the bytes of a file."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(buffer, kind, progressive=True)
    return buffer.getvalue()


JPEG, PNG = picture_file(), picture_file(kind="PNG")
CALM = {"mood": {"calm": [True, None, 1.5]}}
MINE = Preset("mine", "Mine", settings=Settings(strength=0.7), description="Calm.", extras=CALM)


def png_header(width: int, height: int) -> bytes:
    """The beginning of a PNG of that size: all that a decompression bomb needs to be known by."""
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII5B", 13, b"IHDR", width, height, 8, 2, 0, 0, 0)


def parcel(**changed: Any) -> bytes:
    """A style in one file whose digest is right, whatever else is."""
    picture = {"data": base64.b64encode(JPEG).decode(), "weight": 1}
    content = {"name": "sent", "style": {"title": "Sent"}, "pictures": [picture], "thumbnail": None, "sample": None}
    return sealed(json.dumps({**content, **changed}).encode())


def sealed(text: bytes) -> bytes:
    return FIRST_WORDS + hashlib.sha256(text).hexdigest().encode() + b"\n" + text


def test_a_saved_style_is_found_beside_the_shipped_ones_as_it_was_saved(tmp_path: Path) -> None:
    saved = save_preset(tmp_path / "new", MINE, [WeightedStyle(JPEG), WeightedStyle(PNG, 2.5)], JPEG, JPEG)
    assert set(list_presets(tmp_path / "new")) == {*SHIPPED, saved}
    assert replace(saved, pictures=(), thumbnail=None, sample=None) == MINE
    assert saved.extras == MINE.extras
    assert [style.map(Path.read_bytes) for style in saved.pictures] == [WeightedStyle(JPEG), WeightedStyle(PNG, 2.5)]
    assert saved.thumbnail
    assert saved.sample


def test_a_renamed_style_keeps_its_name_for_paintings_that_know_it(tmp_path: Path) -> None:
    saved = save_preset(tmp_path, MINE, [WeightedStyle(JPEG), WeightedStyle(PNG, 2.5)], JPEG, JPEG)
    renamed = rename_preset("mine", tmp_path, " Nôtre, à nous ")
    assert renamed == replace(saved, title="Nôtre, à nous")
    assert (renamed.extras, load_preset("mine", tmp_path)) == (saved.extras, renamed)
    with pytest.raises(PresetInvalid, match="the name has"):
        rename_preset("mine", tmp_path, "a/b")
    with pytest.raises(PresetMissing, match="no style 'woodcut' of your own"):
        rename_preset("woodcut", tmp_path, "Mine")


def test_a_style_with_another_picture_loses_the_sample_of_the_old_one_and_can_be_brought_back(tmp_path: Path) -> None:
    saved = save_preset(tmp_path, MINE, [WeightedStyle(PNG), WeightedStyle(JPEG, 2.5)], JPEG, JPEG)
    files, other = files_of("mine", tmp_path), picture_file(40, 40)
    changed = replace_picture("mine", tmp_path, other, other)
    assert [style.map(Path.read_bytes) for style in changed.pictures] == [
        WeightedStyle(other),
        WeightedStyle(JPEG, 2.5),
    ]
    assert changed.sample is None
    assert changed.thumbnail
    assert changed.thumbnail.read_bytes() == other
    assert restore_files("mine", tmp_path, files) == saved
    remove_preset("mine", tmp_path)
    assert restore_files("mine", tmp_path, files) == saved
    with pytest.raises(PresetInvalid, match="something else"):
        replace_picture("mine", tmp_path, b"none", JPEG)
    assert load_preset("mine", tmp_path) == saved


def test_a_style_that_cannot_be_written_anew_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = save_preset(tmp_path, MINE, [WeightedStyle(JPEG)], JPEG, JPEG)

    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("impasto_presets.own.write_whole", full)
    with pytest.raises(PresetError, match="No space left"):
        rename_preset("mine", tmp_path, "Other")
    assert load_preset("mine", tmp_path) == saved


def test_a_removed_style_leaves_nothing_and_takes_nothing_else(tmp_path: Path) -> None:
    pictures = [WeightedStyle(JPEG), WeightedStyle(JPEG)]
    kept = save_preset(tmp_path, replace(MINE, name="mine-2", title="Mine 2"), pictures, JPEG)
    before = sorted(tmp_path.iterdir())
    save_preset(tmp_path, MINE, pictures, JPEG, JPEG)
    remove_preset("mine", tmp_path)
    assert sorted(tmp_path.iterdir()) == before
    assert load_preset("mine-2", tmp_path) == kept


def test_a_damaged_style_can_be_removed_too(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{")
    remove_preset("bad", tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["nothing", "../mine", "woodcut", "", "a" * 300, "\N{ARTIST PALETTE}"])
def test_what_is_not_ones_own_is_not_removed(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "styles"
    inside.mkdir()
    save_preset(tmp_path, MINE, [WeightedStyle(JPEG)])
    with pytest.raises(PresetError, match="shipped with Impasto" if name == "woodcut" else "there is no style"):
        remove_preset(name, inside)
    assert load_preset("mine", tmp_path)


@pytest.mark.parametrize(
    ("title", "name"),
    [("Evening light", "evening-light"), ("Müller's 2nd, blue", "muller-s-2nd-blue"), ("x" * 80, "x" * 54)],
)
def test_a_title_gives_a_name(title: str, name: str) -> None:
    assert name_for(title).startswith(name) if not title.isascii() else name_for(title) == name


@pytest.mark.parametrize("title", ["con", "夜の海", "Ночь", "LPT1", "Ångström", "-_-", "x" * 80])
def test_every_title_gives_a_style_that_can_be_saved(tmp_path: Path, title: str) -> None:
    preset = Preset(name_for(title), title)
    assert save_preset(tmp_path, preset, [WeightedStyle(JPEG)]) in list_presets(tmp_path)


def test_titles_in_other_scripts_give_different_names() -> None:
    assert len({name_for(title) for title in ("夜 2", "朝 2", "Ночь 2", "2")}) == 4


@pytest.mark.parametrize(
    ("title", "sentence"),
    [
        ("", "has 0 characters"),
        ("   ", "1 to 80"),
        ("a/b", "has '/' in it"),
        ("a\\b", "in it"),
        ("..", r"has '\.' in it"),
        ("mine.json", r"has '\.' in it"),
        ("sun \N{ARTIST PALETTE}", "in it; it may have letters, digits"),
        ("two\nlines", "in it"),
        ("a" * 300, "has 300 characters; it must have 1 to 80"),
    ],
)
def test_a_title_that_is_none_is_refused_in_a_sentence(title: str, sentence: str) -> None:
    with pytest.raises(PresetInvalid, match=sentence):
        name_for(title)


@pytest.mark.parametrize("name", ["mine", SHIPPED[0].name])
def test_a_name_that_is_taken_is_refused_and_harms_nothing(tmp_path: Path, name: str) -> None:
    save_preset(tmp_path, MINE, [WeightedStyle(JPEG)])
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(PresetExists, match=f"there is a style '{name}' already"):
        save_preset(tmp_path, replace(MINE, name=name), [WeightedStyle(PNG)])
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("changed", "pictures", "sentence"),
    [
        ({"name": "../mine"}, [JPEG], "can't be a file's"),
        ({"name": "con"}, [JPEG], "can't be a file's"),
        ({"version": "1\n2"}, [JPEG], "version is .* one line of at most 20 characters"),
        ({"group": "x" * 41}, [JPEG], "group is .* at most 40 characters"),
        ({}, [], "has 0 pictures"),
        ({}, [JPEG] * 17, "has 17 pictures"),
        ({}, [b"GIF89a" + bytes(100)], "must be a JPEG or PNG file"),
        ({}, [b""], "must be a JPEG or PNG file"),
        ({}, [JPEG + bytes(350_000)], "takes 35. KB; at most 350 are allowed"),
        ({}, [png_header(60_000, 60_000)], "is 60000x60000; both sides must have 8 to 8192 pixels"),
        ({}, [png_header(0, 10)], "both sides must have"),
        ({"extras": {"much": "x" * 70_000}}, [JPEG], "takes more than 64 KiB"),
    ],
)
def test_what_is_no_style_is_refused_in_a_sentence_and_writes_nothing(
    tmp_path: Path, changed: dict[str, Any], pictures: list[bytes], sentence: str
) -> None:
    with pytest.raises(PresetInvalid, match=sentence):
        save_preset(tmp_path, replace(MINE, **changed), [WeightedStyle(data) for data in pictures])
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(PresetError, match="can't be written to"):
        save_preset(tmp_path / "file" / "styles", MINE, [WeightedStyle(JPEG)])


def test_a_style_goes_to_another_person_whole(tmp_path: Path) -> None:
    saved = save_preset(tmp_path / "one", MINE, [WeightedStyle(JPEG), WeightedStyle(PNG, 0.25)], JPEG, JPEG)
    export_preset(saved, tmp_path / "mine.impasto")
    again = import_preset(tmp_path / "mine.impasto", tmp_path / "other")
    assert again.extras == saved.extras
    first, second = ({path.name: path.read_bytes() for path in (tmp_path / n).iterdir()} for n in ("one", "other"))
    assert first == second


def test_a_shipped_style_comes_back_under_another_title(tmp_path: Path) -> None:
    export_preset(SHIPPED[0], tmp_path / "out")
    with pytest.raises(PresetExists):
        import_preset(tmp_path / "out", tmp_path)
    again = import_preset(tmp_path / "out", tmp_path, "My own")
    assert (again.name, again.title, again.settings) == ("my-own", "My own", SHIPPED[0].settings)


@pytest.mark.parametrize("place", [0, 30, 100, -2])
def test_a_file_that_was_changed_on_its_way_is_refused(tmp_path: Path, place: int) -> None:
    data = bytearray(parcel())
    data[place] ^= 1
    (tmp_path / "sent").write_bytes(data)
    with pytest.raises(PresetInvalid, match=r"its digest is wrong|is no exported style"):
        import_preset(tmp_path / "sent", tmp_path / "styles")
    assert not (tmp_path / "styles").exists()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (parcel(name="../../evil"), "the name '../../evil' can't be a file's"),
        (parcel(name="/etc/passwd"), "can't be a file's"),
        (parcel(name=7), "doesn't hold a whole style"),
        (parcel(pictures=[]), "has 0 pictures"),
        (parcel(pictures=["sent.jpg"]), "has a picture that is none"),
        (parcel(pictures=[{"data": "!!"}]), "has a picture that is none"),
        (parcel(pictures=[{"data": base64.b64encode(b"text").decode()}]), "must be a JPEG or PNG"),
        (parcel(thumbnail=base64.b64encode(PNG).decode()), "it must be a JPEG"),
        (parcel(style={"deep": json.loads("[" * 700 + "]" * 700)}), "nested too deeply|more than 64 KiB"),
        (sealed(b"[" * 100_000), "is not valid JSON"),
        (sealed(b"[]"), "doesn't hold a whole style"),
        (b"", "is no exported style"),
        (JPEG, "is no exported style"),
        (bytes(9_000_000), "is larger than any style"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",  # a name of megabytes slows reports
)
def test_a_file_that_is_no_style_is_refused_in_a_sentence(tmp_path: Path, data: bytes, sentence: str) -> None:
    (tmp_path / "sent").write_bytes(data)
    with pytest.raises(PresetInvalid, match=sentence) as caught:
        import_preset(tmp_path / "sent", tmp_path / "folder" / "styles")
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["sent"]


def test_pictures_that_name_other_folders_are_named_anew(tmp_path: Path) -> None:
    picture = {"file": "../../evil.jpg", "data": base64.b64encode(JPEG).decode()}
    (tmp_path / "sent").write_bytes(parcel(style={"pictures": [{"file": "../evil.jpg"}]}, pictures=[picture]))
    import_preset(tmp_path / "sent", tmp_path / "a" / "b")
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {"sent", "a/b/sent.jpg", "a/b/sent.json"}


def test_an_invalid_field_of_an_imported_style_falls_back(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "sent").write_bytes(parcel(style={"strength": 7, "mood": "calm"}))
    with caplog.at_level(logging.WARNING):
        found = import_preset(tmp_path / "sent", tmp_path)
    assert (found.settings.strength, found.extras) == (0.5, {"mood": "calm"})
    assert "strength is 7; it must lie in 0..1, so its default is used" in caplog.text


JUNK = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(
    ["title", "group", "strength", "order", "pictures", "file", "weight", "recipe", "name", "extras"]
)
OBJECTS = st.dictionaries(KEYS | st.text(max_size=8), JUNK, max_size=8)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=OBJECTS.map(json.dumps) | OBJECTS.map(lambda found: json.dumps(found)[:-3]) | st.text(max_size=60))
def test_no_json_breaks_the_gallery_or_is_lost_on_its_way(tmp_path: Path, text: str) -> None:
    for path in tmp_path.iterdir():
        path.unlink()
    (tmp_path / "odd.json").write_text(text, encoding="utf-8", errors="replace")
    (tmp_path / "odd.jpg").write_bytes(JPEG)
    good = save_preset(tmp_path, MINE, [WeightedStyle(JPEG)])
    found = set(list_presets(tmp_path)) - set(SHIPPED)
    assert good in found
    for odd in found - {good}:
        export_preset(odd, tmp_path / "sent")
        remove_preset(odd.name, tmp_path)
        again = import_preset(tmp_path / "sent", tmp_path)
        assert replace(again, pictures=odd.pictures) == odd
        assert repr(again.extras) == repr(odd.extras)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["name", "style", "pictures", "thumbnail", "sample"]), JUNK | OBJECTS))
def test_no_parcel_does_more_than_be_refused(tmp_path: Path, changed: dict[str, Any]) -> None:
    (tmp_path / "sent").write_bytes(parcel(**changed))
    try:
        found = import_preset(tmp_path / "sent", tmp_path / "styles")
    except PresetError as error:
        assert "\n" not in str(error)
    else:
        remove_preset(found.name, tmp_path / "styles")
    assert not any(path.is_file() for path in tmp_path.rglob("*") if path.name != "sent")


@given(st.binary(max_size=80).map(lambda rest: b"\xff\xd8" + rest) | st.binary(max_size=80))
def test_any_bytes_have_a_header_or_none(data: bytes) -> None:
    read_header(data)


@pytest.mark.parametrize(("data", "suffix"), [(JPEG, ".jpg"), (PNG, ".png")])
def test_a_header_tells_the_size(data: bytes, suffix: str) -> None:
    assert read_header(data) == (suffix, 32, 24)


@needs_posix
def test_the_filters_folder_is_the_engines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from impasto.folders import folders

    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    unix, mac = Unix("impasto", appauthor=False), MacOS("impasto", appauthor=False)
    assert user_folder("linux", {}) == unix.user_config_path / "presets" == folders().presets
    assert user_folder("darwin", {}) == mac.user_config_path / "presets"
    windows = user_folder("win32", {"LOCALAPPDATA": "C:/Users/me/AppData/Local"})
    assert windows.as_posix() == "C:/Users/me/AppData/Local/impasto/presets"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "else"))
    assert user_folder("linux") == tmp_path / "else" / "impasto" / "presets" == folders().presets
    sandboxed = {"FLATPAK_ID": "org.gimp.GIMP", "XDG_CONFIG_HOME": "/inside"}
    assert user_folder("linux", sandboxed) == tmp_path / ".config" / "impasto" / "presets"
    outside = user_folder("linux", {**sandboxed, "HOST_XDG_CONFIG_HOME": str(tmp_path / "host")})
    assert outside == tmp_path / "host" / "impasto" / "presets"


@needs_posix
def test_the_filters_cache_is_the_engines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from impasto.folders import folders

    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    unix, mac = Unix("impasto", appauthor=False), MacOS("impasto", appauthor=False)
    assert cache_folder("linux", {}) == unix.user_cache_path == folders().cache
    assert cache_folder("darwin", {}) == mac.user_cache_path
    windows = cache_folder("win32", {"LOCALAPPDATA": "C:/Users/me/AppData/Local"})
    assert windows.as_posix() == "C:/Users/me/AppData/Local/impasto/Cache"  # as platformdirs has it
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "else"))
    assert cache_folder("linux") == tmp_path / "else" / "impasto" == folders().cache
    sandboxed = {"FLATPAK_ID": "org.gimp.GIMP", "XDG_CACHE_HOME": "/inside"}
    assert cache_folder("linux", sandboxed) == tmp_path / ".cache" / "impasto"
    assert cache_folder("linux", {**sandboxed, "HOST_XDG_CACHE_HOME": "/host"}) == Path("/host/impasto")


def test_a_missing_file_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(PresetError, match="can't be read"):
        import_preset(tmp_path / "nothing", tmp_path)
    with pytest.raises(PresetMissing):
        load_preset("nothing", tmp_path)
