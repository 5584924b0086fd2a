"""Styles on disk: those that are shipped hold their limits, and a bad file harms only itself."""

import json
import logging
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from impasto_presets import GROUPS, Preset, list_presets, load_preset
from impasto_presets import SHIPPED as SHIPPED_FOLDER
from impasto_presets.preset import fields_of
from impasto_wire.errors import PresetInvalid, PresetMissing
from impasto_wire.request import WeightedStyle
from impasto_wire.settings import Settings, suggested

SHIPPED = list_presets()


def add_style(folder: Path, name: str, text: str | None = None, **fields: object) -> Path:
    """A style of one's own: a JSON file and a picture's first bytes."""
    file = folder / f"{name}.json"
    file.write_text(json.dumps(fields) if text is None else text, encoding="utf-8")
    (folder / f"{name}.jpg").write_bytes(b"\xff\xd8\xff\xe0 a picture")
    return file


def jpeg_size(path: Path) -> tuple[int, int]:
    """Width and height as the file's own frame header tells them."""
    data, place = path.read_bytes(), 2
    while data[place + 1] not in (0xC0, 0xC1, 0xC2):
        place += 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]
    height, width = struct.unpack(">HH", data[place + 5 : place + 9])
    return width, height


def named(name: str, folder: Path) -> Preset:
    return next(preset for preset in list_presets(folder) if preset.name == name)


def test_twenty_styles_are_shipped_some_in_each_group() -> None:
    assert len(SHIPPED) >= 20
    groups = [preset.group for preset in SHIPPED]
    assert set(groups) == set(GROUPS) - {"Yours"}
    assert min(map(groups.count, groups)) >= 3


def test_every_field_is_documented_with_its_default(checkout: Path) -> None:
    schema = (checkout / "gimp_plugin/impasto-filter/impasto_presets/SCHEMA.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", schema, re.MULTILINE))
    written = json.loads((SHIPPED_FOLDER / f"{SHIPPED[0].name}.json").read_text(encoding="utf-8"))
    assert set(written) - set(suggested()) <= set(rows)
    assert "(../impasto_wire/PROTOCOL.md#settings)" in schema
    assert int(rows["order"]) == Preset("mine", "Mine").order


@pytest.mark.parametrize("preset", SHIPPED, ids=lambda preset: preset.name)
def test_a_shipped_style_holds_its_limits(preset: Preset, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert load_preset(preset.name) == preset
    assert not caplog.records
    assert preset.group in GROUPS
    assert preset.title
    assert preset.description
    assert preset.licence == "CC0-1.0"
    assert 0 < preset.settings.strength <= 1
    assert preset.pictures
    for style in preset.pictures:
        assert style.picture.stat().st_size <= 350_000
        assert max(jpeg_size(style.picture)) >= 1024
    for small in (preset.thumbnail, preset.sample):
        assert small is not None
        assert small.stat().st_size < 20_000
        width, height = jpeg_size(small)
        assert 192 <= width == height <= 320


def test_the_whole_gallery_stays_under_8_mb() -> None:
    assert sum(file.stat().st_size for file in SHIPPED[0].pictures[0].picture.parent.iterdir()) < 8_000_000


def test_titles_differ() -> None:
    assert len({preset.title for preset in SHIPPED}) == len(SHIPPED)


OLD_FILE = """{
  "title": "Evening light",
  "group": "Mine",
  "description": "Brown.",
  "version": "1",
  "recipe": "impasto",
  "strength": 0.8,
  "brush_size": 1.5,
  "detail": 0.4,
  "original_colours": 0.25,
  "order": 100,
  "mood": "calm",
  "pictures": [{"file": "evening-light.jpg", "weight": 2.0}]
}"""
"""As an earlier version wrote it."""


def test_a_style_that_an_earlier_version_saved_is_read_and_written_as_it_was(tmp_path: Path) -> None:
    add_style(tmp_path, "evening-light", text=OLD_FILE)
    found = named("evening-light", tmp_path)
    assert found.settings == Settings(strength=0.8, brush_size=1.5, detail=0.4, original_colours=0.25)
    assert found.pictures == (WeightedStyle(tmp_path / "evening-light.jpg", 2.0),)
    old = json.loads(OLD_FILE)
    written = fields_of(found)
    assert written.pop("places") == 0.0, "what came later is as it was"
    assert list(written.items()) == [
        (key, old[key]) for key in (*(key for key in old if key not in ("mood", "pictures")), "mood")
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("strength", 2),
        ("strength", "0.5"),
        ("strength", True),
        ("strength", None),
        ("brush_size", 0.1),
        ("brush_size", 10**400),
        ("detail", -0.1),
        ("original_colours", [0.5]),
        ("title", 7),
        ("title", "   "),
        ("title", "two\nlines"),
        ("group", "x" * 41),
        ("order", 1.5),
        ("recipe", {}),
    ],
)
def test_an_invalid_field_falls_back_to_its_default(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, field: str, value: object
) -> None:
    add_style(tmp_path, "mine", **{"description": "kept", field: value})
    found = named("mine", tmp_path)
    add_style(tmp_path, "mine", description="kept")
    assert found == named("mine", tmp_path)
    assert any("mine" in record.message and field in record.message for record in caplog.records)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_not_a_number_falls_back(tmp_path: Path, number: str) -> None:
    add_style(tmp_path, "mine", text=f'{{"strength": {number}}}')
    assert named("mine", tmp_path).settings == Settings()


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "null", "[" * 50_000, "9" * 10_000, " " * 70_000], ids=len)
def test_a_bad_file_hides_no_other(tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str) -> None:
    add_style(tmp_path, "bad", text=text)
    add_style(tmp_path, "good", title="Good")
    assert [preset.name for preset in list_presets(tmp_path) if preset not in SHIPPED] == ["good"]
    assert "bad.json" in caplog.text
    with pytest.raises(PresetInvalid, match=r"bad\.json"):
        load_preset("bad", tmp_path)


def test_bytes_that_are_no_text_hide_no_other(tmp_path: Path) -> None:
    add_style(tmp_path, "bad").write_bytes(b"\xff\xfe\x00{")
    add_style(tmp_path, "good")
    assert named("good", tmp_path).title == "Good"


@pytest.mark.parametrize("picture", ["../mine.jpg", "/etc/passwd", "missing.jpg", "mine.json", "", 7, None, "a" * 300])
def test_a_style_without_a_picture_beside_it_is_left_out(tmp_path: Path, picture: object) -> None:
    folder = tmp_path / "styles"
    folder.mkdir()
    (tmp_path / "mine.jpg").write_bytes(b"outside")
    add_style(folder, "mine", pictures=[{"file": picture}])
    assert [preset for preset in list_presets(folder) if preset not in SHIPPED] == []


def test_pictures_keep_their_weights_and_a_missing_one_is_left_out(tmp_path: Path) -> None:
    add_style(tmp_path, "mine", pictures=[{"file": "mine.jpg", "weight": 3}, {"file": "gone.png", "weight": 1}])
    assert named("mine", tmp_path).pictures == (WeightedStyle(tmp_path / "mine.jpg", 3.0),)


def test_unknown_fields_are_kept(tmp_path: Path) -> None:
    add_style(tmp_path, "mine", mood={"calm": True}, strength=0.4)
    assert named("mine", tmp_path).extras == {"mood": {"calm": True}}


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../styles/woodcut",
        "styles/woodcut",
        "woodcut.json",
        "a\\b",
        "Woodcut",
        "\N{ARTIST PALETTE}",
        "a" * 300,
    ],
)
def test_a_name_that_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(PresetMissing, match="there is no style"):
        load_preset(name, tmp_path)


def test_a_missing_style_names_the_value_and_what_there_is() -> None:
    with pytest.raises(PresetMissing) as caught:
        load_preset("wodcut")
    assert "wodcut" in str(caught.value)
    assert all(preset.name in str(caught.value) for preset in SHIPPED)


def test_a_traversal_is_refused_even_where_the_file_is_there(tmp_path: Path) -> None:
    add_style(tmp_path, "outside")
    inside = tmp_path / "styles"
    inside.mkdir()
    with pytest.raises(PresetMissing):
        load_preset("../outside", inside)


def test_a_style_of_ones_own_never_replaces_a_shipped_one(tmp_path: Path) -> None:
    add_style(tmp_path, SHIPPED[0].name, title="Mine")
    assert list_presets(tmp_path) == SHIPPED
    assert load_preset(SHIPPED[0].name, tmp_path) == SHIPPED[0]


def test_a_folder_that_is_not_there_hides_nothing(tmp_path: Path) -> None:
    assert list_presets(tmp_path / "nowhere") == SHIPPED


def test_styles_come_by_group() -> None:
    groups = [GROUPS.index(preset.group) for preset in SHIPPED]
    assert groups == sorted(groups)


def test_only_the_standard_library_is_needed(checkout: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import impasto_presets;"
        "print(len(impasto_presets.list_presets()));"
        "print(sorted({n.partition('.')[0] for n in sys.modules} - sys.stdlib_module_names - {'__main__'}))"
    )
    folder = str(checkout / "gimp_plugin" / "impasto-filter")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, folder], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split("\n")[:2] == [str(len(SHIPPED)), "['impasto_presets', 'impasto_wire']"]
