"""What a try's menu and tooltip are made of, as far as it needs no GIMP: commands, differences, times, mnemonics."""

import shlex
import time
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

import fakes.gimp_modules  # noqa: F401  before the dialog's modules
from impasto.commands import stylize
from impasto_plugin.arguments import BRUSHED, row_labels, with_mnemonics
from impasto_plugin.commands import command_line, lacking, script_fu, why_no_command
from impasto_plugin.crop import Crop
from impasto_plugin.dialog.differences import differences
from impasto_plugin.dialog.gallery import Gallery
from impasto_plugin.dialog.tries import TOGETHER, Try, is_of_group, time_of
from impasto_plugin.image.styles import first_settings
from impasto_presets import Preset
from impasto_presets.parcel import FIRST_WORDS
from impasto_wire.settings import Settings

WOODCUT = {
    "preset": "woodcut",
    "style-file": None,
    "style-drawable": None,
    **Crop().values(),
    "detail-map": None,
    "region": "selection",
    "paint-at": "full",
    "paint-size": 0,
    "strength": 0.65,
    "brush-size": 1.5,
    "detail": 0.5,
    "original-colours": 0.0,
    "quality": "fine",
    "seed": 7010,
}


@dataclass(frozen=True)
class File:
    """As GIO has one."""

    path: str

    def get_path(self) -> str:
        return self.path

    def get_uri(self) -> str:
        return f"file://{self.path}"


class Layer:
    """As GIMP has one."""

    def get_id(self) -> int:
        return 12


def parsed(command: str) -> dict[str, object]:
    """What the command line makes of a command."""
    parser = ArgumentParser()
    stylize.add_parser(parser.add_subparsers())
    return vars(parser.parse_args(shlex.split(command)[1:]))


def test_the_copied_command_asks_for_the_same() -> None:
    found = parsed(command_line(WOODCUT, Path("/home/me/my cat's.png"), 1000))
    assert found["content"] == Path("/home/me/my cat's.png")
    assert found["preset"] == "woodcut"
    settings = ("strength", "brush_size", "quality", "seed")
    assert [found[name] for name in settings] == ["0.65", "1.5", "fine", "7010"]
    assert found["size"] is None


def test_the_copied_command_knows_pictures_mixes_and_sizes() -> None:
    own = parsed(command_line({**WOODCUT, "style-file": File("/a b.png"), "paint-at": "half"}, None, 500))
    assert (own["style"], own["preset"], own["size"]) == (["/a b.png"], None, "500")
    mixed = parsed(command_line({**WOODCUT, "preset": "woodcut:60+batik:40"}, None, 500))["style"]
    assert isinstance(mixed, list)
    assert [Path(word.rpartition(":")[0]).stem.split(".")[0] for word in mixed] == ["woodcut", "batik"]
    assert [float(word.rpartition(":")[2]) for word in mixed] == [60, 40]


@pytest.mark.parametrize(
    "values",
    [
        {"style-drawable": Layer()},
        {"detail-map": Layer()},
        {BRUSHED: object()},
        {"style-file": File("/a.png"), "crop-left": 0.5},
    ],
)
def test_what_the_command_line_cannot_do_is_said(values: dict[str, object]) -> None:
    assert "save it as a style first" in why_no_command({**WOODCUT, **values})
    assert why_no_command(WOODCUT) == ""


def test_script_fu_has_the_settings_and_quotes_texts() -> None:
    text = script_fu({**WOODCUT, "style-file": File('/a "b"\\.png'), "detail-map": Layer(), "crop-left": 0.25})
    assert '#:style-file "/a \\"b\\"\\\\.png"' in text
    assert "#:detail-map 12" in text
    assert "#:crop-left 0.25" in text
    assert "#:crop-right" not in text
    assert text.count("(") == text.count(")")


def test_the_tooltip_names_what_differs_and_nothing_else() -> None:
    assert differences(WOODCUT, WOODCUT) == []
    other = {**WOODCUT, "strength": 0.3, "quality": "draft", "crop-left": 0.2, "seed": 5}
    assert differences(other, WOODCUT) == ["Strength: 30 %", "Quality: Draft", "Variation: 5", "Another crop"]
    assert differences({**WOODCUT, "preset": "batik"}, WOODCUT) == ["Another style"]
    assert differences({**WOODCUT, "style-file": File("/a")}, {**WOODCUT, "style-file": File("/a")}) == []
    assert differences({**WOODCUT, BRUSHED: 1}, WOODCUT) == ["Painted with the brush"]
    regions = {"region-maps": [Layer()], "region-styles": ["batik"], "region-strengths": [0.5]}
    assert differences({**WOODCUT, **regions}, WOODCUT) == ["Other regions"]
    assert differences({**WOODCUT, **regions}, {**WOODCUT, **regions, "region-maps": [Layer()]}) == []
    assert differences({**WOODCUT, **regions}, {**WOODCUT, **regions, "region-strengths": [0.4]}) == ["Other regions"]


def test_tries_of_one_style_and_time_belong_together() -> None:
    first = Try({}, "Woodcut", "a", None, 1000.0)
    assert is_of_group(Try({}, "Woodcut", "b", None, 1000.0 + TOGETHER), first)
    assert not is_of_group(Try({}, "Woodcut", "b", None, 1001.0 + TOGETHER), first)
    assert not is_of_group(Try({}, "Batik", "b", None, 1001.0), first)
    noon = time.mktime((2026, 3, 5, 12, 7, 0, 0, 0, -1))
    assert time_of(noon, noon + 60) == "12:07"
    assert ":" not in time_of(noon, noon + 86400)
    assert time_of(0.0) == ""


def test_every_row_has_a_mnemonic_of_its_own() -> None:
    """Some share one with another row: rows and buttons want more letters than their words have. None takes a
    button's."""
    letters = [label[label.index("_") + 1].lower() for label in row_labels().values()]
    assert len(set(letters)) >= len(letters) - 8
    assert not {*letters} & {"p", "c", "m", "g", "u", "i", "n"}


def test_labels_share_the_letters_as_well_as_they_can() -> None:
    assert with_mnemonics({"a": "ab", "b": "a"}, "") == {"a": "a_b", "b": "_a"}
    assert with_mnemonics({"a": "a", "b": "a"}, "") == {"a": "_a", "b": "_a"}
    assert with_mnemonics({"a": "质量"}, "") == {"a": "质量"}
    assert with_mnemonics({"a": "Да", "b": "А"}, "") == {"a": "_Да", "b": "_А"}
    assert with_mnemonics({"a": "Éa"}, "") == {"a": "É_a"}


def test_of_dropped_files_styles_are_imported_computers_added_and_one_picture_is_taken(tmp_path: Path) -> None:
    parcel, picture, pairing = tmp_path / "a.impasto-style", tmp_path / "b.png", tmp_path / "studio"
    parcel.write_bytes(FIRST_WORDS + b"0" * 64)
    picture.write_bytes(b"a picture")
    pairing.write_bytes(b'{"endpoint": "tcp://studio:5577"}')
    gone = tmp_path / "gone.png", tmp_path / "gone.json"
    taken: dict[str, object] = {"pairings": []}
    own = SimpleNamespace(take_parcels=lambda files: taken.update(parcels=files))
    gallery = SimpleNamespace(
        _own=own, _on_picture=lambda file: taken.update(picture=file), _on_pairing=taken["pairings"].append
    )
    Gallery.take_files(gallery, [parcel, picture, pairing, *gone])
    assert taken == {"parcels": [parcel], "picture": picture, "pairings": [pairing, gone[1]]}


def test_the_dialog_begins_with_like_to_like_but_in_styles_that_were_saved() -> None:
    """A style that a person saved before there was the setting is painted as it was."""
    shipped, saved = Preset("a", "A", group="Oil"), Preset("b", "B", settings=Settings(strength=0.9))
    told = Preset("c", "C", group="Oil", settings=Settings(places=0.2))
    assert first_settings(None).places == first_settings(shipped).places == 1.0
    assert first_settings(saved) == Settings(strength=0.9)
    assert first_settings(told).places == 0.2


def test_regions_are_told_to_a_script_as_far_as_they_are_drawables() -> None:
    channel = SimpleNamespace(get_id=lambda: 7)
    names = ("region-maps", "region-styles", "region-strengths")
    none, one = {key: [] for key in names}, dict(zip(names, ([channel], ["woodcut"], [0.5]), strict=True))
    assert "region-" not in script_fu({**WOODCUT, **none})
    told = script_fu({**WOODCUT, **one})
    for word in ("#:region-maps (vector 7)", '#:region-styles (list "woodcut")', "#:region-strengths (vector 0.5)"):
        assert word in told
    assert not lacking({**WOODCUT, **none}) and not lacking({**WOODCUT, **one})
    assert "selected or brushed" in lacking({**WOODCUT, **one, "region-maps": ["pixels"]})
    assert "selected or brushed" in lacking({**WOODCUT, **none, BRUSHED: object()})
    assert "--region" in why_no_command({**WOODCUT, **one})
    assert not why_no_command({**WOODCUT, **none})
