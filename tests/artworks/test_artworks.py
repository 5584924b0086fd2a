"""The artworks: the same seed paints the same picture, at any size, with more in it where there is room."""

import functools
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from impasto_artworks import ARTWORKS, ArtworkMissing, paint
from impasto_artworks.oil import OilCanvas
from impasto_artworks.pigments import Palette, absorption, reflectance
from impasto_artworks.ship import ship
from impasto_presets import list_presets

SMALL = 128


def shrunk(picture: NDArray[np.uint8], long_side: int) -> NDArray[np.float64]:
    """The picture at a smaller size, by areas."""
    image = Image.fromarray(picture)
    size = (long_side, round(long_side * image.height / image.width))
    return np.asarray(image.resize(size, Image.Resampling.BOX), dtype=np.float64)


def test_every_shipped_style_has_its_artwork() -> None:
    assert {preset.name for preset in list_presets()} == set(ARTWORKS)


# One of each medium; the others are painted where all counts are full.
MEDIA = {"palette-knife", "granulating-watercolour", "woodcut", "stained-glass"}
QUICKEST = {"granulating-watercolour", "stained-glass"}


def each_or_with_long(always: set[str]) -> list[Any]:
    """All artworks, most of them only with `--long`."""
    return [pytest.param(name, marks=[] if name in always else pytest.mark.long) for name in ARTWORKS]


@functools.cache
def small(name: str) -> NDArray[np.uint8]:
    """The artwork at a small size, with the shipped seed."""
    return paint(name, SMALL)


@pytest.mark.parametrize("name", each_or_with_long(QUICKEST))
def test_a_seed_decides_every_pixel(name: str) -> None:
    again, other = paint(name, SMALL), paint(name, SMALL, seed=4)
    assert again.dtype == np.uint8
    assert max(again.shape) == SMALL
    assert np.array_equal(small(name), again)
    assert np.mean(again != other) > 0.2


@pytest.mark.parametrize("name", each_or_with_long(MEDIA))
def test_a_larger_picture_is_the_same_one_with_more_in_it(name: str) -> None:
    large = paint(name, 3 * SMALL)
    # At a quarter of the size the marks are averaged, and what is left is the picture.
    assert np.abs(shrunk(large, SMALL // 4) - shrunk(small(name), SMALL // 4)).mean() < 13
    blurred = Image.fromarray(small(name)).resize(large.shape[1::-1], Image.Resampling.BICUBIC)
    assert fineness(large) > 1.5 * fineness(np.asarray(blurred))


def fineness(picture: NDArray[np.uint8]) -> float:
    """How much there is in a picture that is no larger than a few pixels."""
    values = picture.astype(np.float64)
    return float(np.abs(values - ndimage.gaussian_filter(values, (1, 1, 0))).mean())


@pytest.mark.parametrize("name", ["", "Woodcut", "../woodcut"])
def test_an_unknown_artwork_is_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(ArtworkMissing, match="choose one of"):
        paint(name, SMALL)


@pytest.mark.parametrize("size", [0, -1, 63, 100_000])
def test_a_size_out_of_range_is_refused_in_a_sentence(size: int) -> None:
    with pytest.raises(ArtworkMissing, match="must lie in"):
        paint("woodcut", size)


def test_the_picture_on_disk_is_the_one_that_the_code_paints(tmp_path: Path) -> None:
    preset = next(preset for preset in list_presets() if preset.name == "granulating-watercolour")
    ship(preset.name, tmp_path)
    again, shipped = (
        np.asarray(Image.open(p), dtype=np.float64)
        for p in (tmp_path / preset.pictures[0].picture.name, preset.pictures[0].picture)
    )
    assert again.shape == shipped.shape
    assert np.abs(again - shipped).mean() < 1


def test_the_command_paints_a_file(tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    command = [sys.executable, "-m", "impasto_artworks", "paint", "stained-glass", "--size", "96", "-o", str(out)]
    subprocess.run(command, check=True, timeout=120)
    assert max(Image.open(out).size) == 96


def test_the_command_refuses_an_unknown_name_without_a_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "impasto_artworks", "paint", "nothing", "-o", str(tmp_path / "out.png")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert "choose one of" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_yellow_and_blue_paint_make_green() -> None:
    red, green, blue = Palette("lemon yellow", "prussian blue").colour({"lemon yellow": 3, "prussian blue": 1})
    assert green > 1.3 * max(red, blue)


def test_a_little_black_darkens_white_more_than_a_blend_would() -> None:
    palette = Palette("warm white", "ivory black")
    greyed, white, black = (palette.colour({"warm white": w, "ivory black": b}) for w, b in ((9, 1), (1, 0), (0, 1)))
    assert np.all(greyed < 0.75 * (0.9 * white + 0.1 * black))


def test_absorption_and_reflectance_are_each_others_inverse() -> None:
    colours = np.linspace(0.01, 0.99, 50)
    assert np.allclose(reflectance(absorption(colours)), colours, atol=1e-5)


def test_some_of_the_ground_shows_through_the_oil(monkeypatch: pytest.MonkeyPatch) -> None:
    bare: list[float] = []
    picture = OilCanvas.picture

    def remember(canvas: OilCanvas, relief: float, gloss: float) -> NDArray[np.uint8]:
        bare.append(1 - float(canvas.painted.mean()))
        return picture(canvas, relief, gloss)

    monkeypatch.setattr(OilCanvas, "picture", remember)
    paint("impasto-night", 512)
    assert 0.03 < bare[0] < 0.15
