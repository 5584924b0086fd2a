"""The preview's rules that need no GIMP: which picture stays, what a mix comes to, colours, what is remembered."""

from pathlib import Path

import pytest

import fakes.gimp_modules  # noqa: F401  before the dialog's modules
from impasto_plugin.crop import Crop, grip_at
from impasto_plugin.dialog.colours import BLACK, SIGN, SIGN_PAPER, WHITE
from impasto_plugin.dialog.habits import Habits, read_habits, write_habits
from impasto_plugin.dialog.patches import KEPT, Patch, Patches
from impasto_plugin.dialog.previews import resting_text
from impasto_plugin.dialog.report import verdict_of
from impasto_plugin.dialog.view import View
from impasto_plugin.image.mixes import percents
from impasto_wire.request import Window

WHOLE = Window(0, 0, 1600, 1064)
READABLE = 4.5
"""The contrast that text needs (WCAG 2.1, 1.4.3)."""


def test_the_text_says_what_the_picture_is_compared_with() -> None:
    layer, close, held, closely = (
        resting_text(is_close, title) for title in (None, "Woodcut") for is_close in (False, True)
    )
    assert "compare with the layer" in layer and "what Paint will give" in close
    assert held == closely and "compare with the try in “Woodcut”" in held and "layer" not in held


def whole(sharpness: float) -> Patch:
    return Patch(object(), WHOLE, sharpness)


def part(sharpness: float, left: int = 100) -> Patch:
    return Patch(object(), Window(left, 100, 300, 200), sharpness)


def test_a_finished_preview_stays_until_the_next_one_is_as_sharp() -> None:
    seen, old = Patches(WHOLE), whole(0.3)
    assert seen.offer(old, is_done=True)
    assert not seen.offer(whole(0.075), is_done=False)
    assert not seen.offer(whole(0.15), is_done=False)
    assert seen.shown == (old,)
    assert seen.offer(whole(0.3), is_done=False)


def test_the_first_preview_is_seen_however_coarse_it_is_and_an_enlarged_tile_gives_way_early() -> None:
    seen = Patches(WHOLE)
    assert seen.offer(whole(0.05), is_done=False)
    assert seen.offer(whole(0.09), is_done=True)  # the tile
    assert not seen.offer(whole(0.075), is_done=False)
    assert seen.offer(whole(0.15), is_done=False)


def test_a_close_look_is_no_mush() -> None:
    seen = Patches(WHOLE)
    seen.offer(whole(0.3), is_done=True)
    assert not seen.offer(part(0.25), is_done=False)
    assert not seen.offer(part(0.3), is_done=False), "no sharper than the enlarged preview"
    assert seen.offer(part(0.5), is_done=False)
    assert seen.offer(part(1.0), is_done=True)
    assert not seen.offer(part(0.5), is_done=False), "it was sharper"
    assert not seen.offer(whole(0.3), is_done=False), "it would hide the close look"
    assert seen.offer(whole(0.3), is_done=True)
    assert len(seen.shown) == 1


def test_of_close_looks_only_some_are_kept() -> None:
    seen = Patches(WHOLE)
    seen.offer(whole(0.3), is_done=True)
    for left in range(20):
        seen.offer(part(1.0, left), is_done=True)
    assert [patch.part.left for patch in seen.shown[1:]] == list(range(19 - KEPT, 20))


def test_one_to_one_is_so_where_a_layer_is_a_little_smaller_than_its_place() -> None:
    view = View((600, 400), (630, 500))
    assert view.zoom == pytest.approx(1.05)
    at_one = view.zoomed(1.0)
    assert (at_one.zoom, at_one.is_fit) == (1.0, False)
    assert at_one.origin == (15, 50)
    assert at_one.zoomed(0.8).is_fit


def test_the_shares_of_a_mix_are_percents_of_the_whole() -> None:
    assert percents((("a", 86), ("b", 50))) == [63, 37]
    assert percents((("a", 1), ("b", 1), ("c", 1))) in ([34, 33, 33], [33, 34, 33], [33, 33, 34])
    assert sum(percents(tuple((str(number), number + 0.3) for number in range(7)))) == 100


def test_the_whole_picture_has_no_edge_that_could_be_pulled() -> None:
    assert grip_at(Crop(), (0.0, 0.0), (0.03, 0.05)) is None
    assert grip_at(Crop(), (0.99, 0.5), (0.03, 0.05)) is None
    assert grip_at(Crop(right=0.99), (0.99, 0.5), (0.03, 0.05)) == ("right", "")


def test_what_is_unfolded_is_remembered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("XDG_CONFIG_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    assert not read_habits().is_more_shown
    write_habits(Habits(is_more_shown=True))
    assert read_habits().is_more_shown
    for damaged in ("{", "[]", '{"is_more_shown": "yes"}', "null"):
        (tmp_path / "impasto" / "dialog.json").write_text(damaged)
        assert read_habits() == Habits()


@pytest.mark.parametrize(
    ("report", "verdict"),
    [
        ("ok      engine  it answers\nok      gpu  none", "All is well"),
        ("ok      engine  it answers\nwarning disk  little is free", "Impasto can paint; look for “warning”"),
        ("wrong   engine  it is gone\nwrong   weights  none\nwarning disk  full", "Something keeps"),
        ("The doctor can't be asked (no such file)", ""),
    ],
)
def test_the_doctor_s_verdict_comes_first_and_in_a_sentence(report: str, verdict: str) -> None:
    said = verdict_of(report)
    assert said.startswith(verdict)
    assert bool(said) == bool(verdict)


def luminance(colour: tuple[float, ...]) -> float:
    """Of an sRGB colour, 0..1 (WCAG 2.1)."""
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """1..21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def colour_of(text: str) -> tuple[float, ...]:
    """#RRGGBB or #RRGGBBAA."""
    return tuple(int(text[place : place + 2], 16) / 255 for place in range(1, len(text), 2))


@pytest.mark.parametrize("picture", [0.0, 0.5, 1.0])
def test_signs_can_be_read_on_every_picture(picture: float) -> None:
    *paper, alpha = colour_of(SIGN_PAPER)
    seen = tuple(alpha * value + (1 - alpha) * picture for value in paper)
    assert contrast(colour_of(SIGN), seen) >= READABLE


def test_lines_on_pictures_have_both_extremes() -> None:
    one, other = (tuple((colour >> shift & 255) / 255 for shift in (24, 16, 8)) for colour in (WHITE, BLACK))
    assert contrast(one, other) >= READABLE
    # On every grey, one of the two can be seen.
    assert all(max(contrast((grey / 255,) * 3, line) for line in (one, other)) >= READABLE for grey in range(256))
