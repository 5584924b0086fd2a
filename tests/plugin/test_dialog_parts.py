"""What the dialog is made of, as far as it needs no GIMP: views, crops, mixes, favourites."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.engine import random_pixels
from impasto_plugin.crop import NEW, SMALLEST, Crop, Grip, grip_at, middle_square, sizable, stretched
from impasto_plugin.dialog.favourites import RECENT, Favourites, read_favourites, write_favourites
from impasto_plugin.dialog.view import View, middle, scaled
from impasto_plugin.image.mixes import mix_from, text_of
from impasto_wire.errors import PictureError
from impasto_wire.request import Window

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


def test_the_middle_of_a_part_has_its_shape_and_no_more_pixels_than_allowed() -> None:
    assert middle(Window(100, 50, 400, 300), 400 * 300) == Window(100, 50, 400, 300)
    assert middle(Window(100, 50, 400, 300), 200 * 150) == Window(200, 125, 200, 150)


def test_on_a_fine_screen_a_small_layer_is_shown_as_large_as_on_a_coarse_one() -> None:
    assert View((100, 100), (480, 480)).fitting == 2
    assert View((100, 100), (960, 960), fine=2).fitting == 4


SHARES = st.floats(0, 1)
GRIPS = st.tuples(st.sampled_from(["", "left", "right"]), st.sampled_from(["", "top", "bottom"]))


def crops() -> st.SearchStrategy[Crop]:
    """Rectangles, some of them with nothing in them."""
    edges = st.tuples(SHARES, SHARES).map(sorted)
    return st.builds(lambda x, y: Crop(x[0], y[0], x[1], y[1]), edges, edges)


@given(crops(), GRIPS, st.lists(st.tuples(SHARES, SHARES), min_size=1, max_size=4))
def test_a_crop_that_is_pulled_about_can_always_be_cut(
    crop: Crop, grip: Grip, places: list[tuple[float, float]]
) -> None:
    for place in places:
        crop, grip = stretched(crop, grip, place)
    left, top, width, height = sizable(crop).box(300, 200)
    assert 0 <= left < left + width <= 300
    assert 0 <= top < top + height <= 200


@given(crops(), st.floats(-2, 2), st.floats(-2, 2))
def test_a_crop_that_is_moved_keeps_its_size_and_stays_within_the_picture(
    crop: Crop, across: float, down: float
) -> None:
    moved = crop.moved(across, down)
    assert moved.right - moved.left == pytest.approx(crop.right - crop.left)
    assert moved.bottom - moved.top == pytest.approx(crop.bottom - crop.top)
    assert min(moved.left, moved.top) >= 0
    assert max(moved.right, moved.bottom) <= 1


def test_a_hand_takes_hold_of_edges_corners_or_all_of_a_crop() -> None:
    crop, reach = Crop(0.2, 0.2, 0.6, 0.8), (0.02, 0.02)
    assert grip_at(crop, (0.21, 0.5), reach) == ("left", "")
    assert grip_at(crop, (0.59, 0.79), reach) == ("right", "bottom")
    assert grip_at(crop, (0.4, 0.5), reach) == ("", "")
    assert grip_at(crop, (0.1, 0.5), reach) is None
    assert grip_at(Crop(), (0.5, 0.5), reach) is None


def test_a_new_crop_may_be_dragged_in_any_direction_and_a_click_means_all() -> None:
    begun = Crop(0.5, 0.5, 0.5, 0.5)
    dragged, grip = stretched(begun, NEW, (0.2, 0.7))
    assert dragged == Crop(0.2, 0.5, 0.5, 0.7)
    assert stretched(dragged, grip, (0.9, 0.6))[0] == Crop(0.5, 0.5, 0.9, 0.6)
    assert sizable(begun) == Crop()
    assert sizable(Crop(0.99, 0.5, 0.995, 0.501)) == Crop(1 - SMALLEST, 0.5, 1.0, 0.5 + SMALLEST)


def test_a_crop_cuts_rows_out_of_a_picture() -> None:
    picture = random_pixels(10, 8)
    cut = Crop(0.2, 0.25, 0.5, 0.75).cut(picture)
    rows = [picture.data[40 * row : 40 * row + 40] for row in range(8)]
    assert (cut.width, cut.height) == (3, 4)
    assert cut.data == b"".join(row[8:20] for row in rows[2:6])
    assert Crop().cut(picture) is picture
    with pytest.raises(PictureError, match="left before right"):
        Crop(0.5, 0, 0.5, 1).cut(picture)


@given(SIZES)
def test_the_middle_square_is_as_large_as_it_can_be(size: tuple[int, int]) -> None:
    left, top, width, height = middle_square(*size).box(*size)
    assert max(abs(min(size) - side) for side in (width, height)) <= 1
    assert abs(size[0] - 2 * left - width) <= 2
    assert abs(size[1] - 2 * top - height) <= 2


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
    for name in ("XDG_CONFIG_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    assert read_favourites() == Favourites()
    used = Favourites().with_star("batik", True).with_recent(["woodcut"]).with_recent(["batik"])
    assert used.recent == ("batik", "woodcut")
    write_favourites(used)
    assert read_favourites() == used
    assert used.with_star("batik", False).starred == ()
    assert len(used.with_recent([str(number) for number in range(20)]).recent) == RECENT
    (tmp_path / "impasto" / "favourites.json").write_text("{damaged")
    assert read_favourites() == Favourites()
