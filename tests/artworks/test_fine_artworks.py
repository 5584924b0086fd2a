"""Shipped artworks for large layers: known when they are seen, painted once, and by nobody who isn't waited for."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from impasto.painting import fine_artworks
from impasto.painting.fine_artworks import as_fine_as_needed, painted, shipped_name_of
from impasto.pictures.files import read_picture, resized
from impasto.transfer import IMPASTO, recipe_named
from impasto_presets import load_preset
from impasto_wire.settings import Settings

WOODCUT = read_picture(load_preset("woodcut").pictures[0].picture).pixels
LARGE = np.zeros((900, 1400, 3), np.uint8)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "impasto" / "artworks"


def outcome(making: Generator[str, None, Any]) -> tuple[list[str], Any]:
    """The sentences that were told, and what came of it."""
    told = []
    while True:
        try:
            told.append(next(making))
        except StopIteration as made:
            return told, made.value


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize("name", ["woodcut", "impasto-night", "mosaic"])
def test_a_shipped_picture_is_known_by_its_pixels(name: str) -> None:
    pixels = read_picture(load_preset(name).pictures[0].picture).pixels
    assert shipped_name_of(pixels) == name
    noise = np.random.default_rng(0).integers(-2, 3, pixels.shape)
    with_alpha = np.dstack([(pixels + noise).clip(0, 255).astype(np.uint8), np.full(pixels.shape[:2], 255, np.uint8)])
    assert shipped_name_of(with_alpha) == name


@pytest.mark.parametrize("change", [lambda p: p[:, ::-1], lambda p: p[..., ::-1], lambda p: 255 - p, lambda p: p[:-1]])
def test_a_changed_picture_is_not_the_shipped_one(change: Any) -> None:
    assert shipped_name_of(change(WOODCUT)) is None


@pytest.mark.parametrize(
    ("side", "brush_size", "strength", "recipe", "size"),
    [
        (1000, 1, 0.5, "impasto", None),
        (1000, 4, 0.5, "impasto", None),
        (2000, 0.5, 0.5, "impasto", None),
        (1400, 1, 0.5, "impasto", 1536),
        (1400, 2, 0.5, "impasto", 3072),
        (9000, 4, 0.5, "impasto", 4096),
        (1400, 1, 0, "impasto", None),
        (1400, 1, 0.5, "classic", None),
    ],
)
def test_a_layer_gets_the_artwork_that_its_finest_scale_needs(
    monkeypatch: pytest.MonkeyPatch, side: int, brush_size: float, strength: float, recipe: str, size: int | None
) -> None:
    asked = []

    def remember(name: str, size: int) -> Generator[str, None, None]:
        asked.append((name, size))
        yield from ()

    monkeypatch.setattr(fine_artworks, "painted", remember)
    monkeypatch.setattr(fine_artworks, "_BYTES_PER_PIXEL", 0)
    layer = np.zeros((side, side, 3), np.uint8)
    _, picture = outcome(
        as_fine_as_needed(WOODCUT, layer, Settings(brush_size=brush_size, strength=strength), recipe_named(recipe))
    )
    assert asked == ([] if size is None else [("woodcut", size)])
    assert picture is WOODCUT


def test_an_artwork_is_painted_once_and_kept(cache: Path) -> None:
    shipped = read_picture(load_preset("stained-glass").pictures[0].path).pixels
    told, first = outcome(painted("stained-glass", 128))
    assert told
    assert set(told) == {"Painting the artwork at 128 pixels, this once"}
    assert np.abs(resized(first, 32).astype(int) - resized(shipped, 32)).mean() < 15
    [kept] = cache.iterdir()
    again = outcome(painted("stained-glass", 128))
    assert again[0] == []
    assert np.array_equal(again[1], first)
    kept.write_bytes(b"damaged")
    assert outcome(painted("stained-glass", 128))[1] is None
    assert np.array_equal(outcome(painted("stained-glass", 128))[1], first)


def test_an_artwork_that_nobody_waits_for_is_not_painted_on(cache: Path) -> None:
    before = len(children())
    painting = painted("woodcut", 2048)
    next(painting)
    next(painting)
    assert len(children()) == before + 1
    painting.close()
    assert len(children()) == before
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("lacking", ["the extra", "memory", "a cache"])
def test_without_means_to_paint_the_shipped_picture_is_used(
    cache: Path, monkeypatch: pytest.MonkeyPatch, lacking: str
) -> None:
    if lacking == "the extra":
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    elif lacking == "memory":
        monkeypatch.setattr(fine_artworks, "_BYTES_PER_PIXEL", 10**9)
    else:
        cache.parent.write_text("in the way")
    assert outcome(as_fine_as_needed(WOODCUT, LARGE, Settings(), IMPASTO))[1] is WOODCUT


def test_a_picture_of_ones_own_is_used_as_it_is() -> None:
    own = np.zeros((30, 40, 4), np.uint8)
    assert outcome(as_fine_as_needed(own, LARGE, Settings(), IMPASTO)) == ([], own)
