"""What the dialog is made of, as far as it needs no GIMP: views, mixes, favourites."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impasto_plugin.favourites import RECENT, Favourites, read_favourites, write_favourites
from impasto_plugin.mixes import mix_from, text_of
from impasto_plugin.view import View, scaled
from impasto_wire.messages import Window

SIZES = st.tuples(st.integers(1, 5000), st.integers(1, 5000))


@given(SIZES, SIZES, st.floats(0.05, 8), st.tuples(st.floats(-9999, 9999), st.floats(-9999, 9999)))
def test_what_is_seen_lies_within_the_layer(
    layer: tuple[int, int], screen: tuple[int, int], scale: float, moved: tuple[float, float]
) -> None:
    seen = View(layer, screen).zoomed(scale).moved(*moved).seen()
    assert 0 <= seen.left < seen.left + seen.width <= layer[0]
    assert 0 <= seen.top < seen.top + seen.height <= layer[1]


def test_the_wheel_zooms_about_the_point_under_it() -> None:
    view = View((4000, 3000), (480, 480)).zoomed(0.5)
    place = (100.0, 300.0)
    before, after = (
        [(spot - start) / shown.zoom for spot, start in zip(place, shown.origin, strict=True)]
        for shown in (view, view.zoomed(1.0, place))
    )
    assert after == pytest.approx(before, abs=1e-6)


def test_a_view_that_fits_follows_the_window() -> None:
    view = replace(View((4000, 2000), (480, 480)), screen=(800, 800))
    assert view.is_fit
    assert view.seen() == Window(0, 0, 4000, 2000)
    assert view.zoom == pytest.approx(0.2)


def test_a_part_at_half_size_is_the_same_part() -> None:
    assert scaled(Window(100, 50, 301, 201), 0.5, (800, 600)) == Window(50, 25, 150, 101)
    assert scaled(Window(1599, 1199, 1, 1), 0.5, (800, 600)) == Window(799, 599, 1, 1)


@pytest.mark.parametrize(
    ("text", "mix"),
    [
        ("woodcut", (("woodcut", 1.0),)),
        ("woodcut:60+batik:40", (("woodcut", 60.0), ("batik", 40.0))),
        ("woodcut:-1+batik:x", (("woodcut", 1.0), ("batik", 1.0))),
        ("", ()),
    ],
)
def test_a_mix_is_read_as_it_was_written(text: str, mix: tuple[tuple[str, float], ...]) -> None:
    assert mix_from(text) == mix
    if mix:
        assert mix_from(text_of(mix)) == mix


def test_favourites_are_there_the_next_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert read_favourites() == Favourites()
    used = Favourites().with_star("batik", True).with_recent(["woodcut"]).with_recent(["batik"])
    assert used.recent == ("batik", "woodcut")
    write_favourites(used)
    assert read_favourites() == used
    assert used.with_star("batik", False).starred == ()
    assert len(used.with_recent([str(number) for number in range(20)]).recent) == RECENT
    (tmp_path / "impasto" / "favourites.json").write_text("{damaged")
    assert read_favourites() == Favourites()
