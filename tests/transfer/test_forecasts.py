"""The forecast's laws; how near it comes to what is measured, a benchmark tells."""

import time
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from impasto.backbones import Backbone
from impasto.devices import working_dtype
from impasto.transfer import IMPASTO, Speed, forecast, measure_speed, recipe_named
from impasto.transfer import forecasts as plan
from impasto.transfer.recipes import RECIPES
from impasto.transfer.tiles import SMALLEST_TILE, STRIDE, USUAL_SIDE, cut_tiles, tile_side
from impasto_wire.errors import OutOfMemory, PictureError
from impasto_wire.settings import Settings

SPEED = Speed(1e-5)


def test_no_evaluation_is_quicker_than_its_launch() -> None:
    quick, launched = Speed(1e-9), Speed(1e-9, 0.01)
    steps = sum(IMPASTO.schedule("draft", 3))
    assert forecast(512, 341, Settings(quality="draft"), quick).seconds < 0.01
    assert forecast(512, 341, Settings(quality="draft"), launched).seconds == pytest.approx(0.01 * (steps + 2))
    whole = [
        forecast(8000, 6000, Settings(quality="draft"), speed).seconds for speed in (Speed(1e-5), Speed(1e-5, 1e-4))
    ]
    assert whole[0] == pytest.approx(whole[1])


def test_speed_is_measured_on_the_device(vgg19: Backbone) -> None:
    assert 1e-8 < measure_speed(vgg19).per_pixel < 1e-2


def test_a_larger_layer_takes_longer_and_more_memory() -> None:
    small, large = (forecast(side, side, Settings(), SPEED) for side in (512, 4096))
    assert large.seconds > 5 * small.seconds
    assert large.bytes > small.bytes


def test_finer_quality_takes_longer() -> None:
    draft, standard, fine = (
        forecast(512, 341, Settings(quality=quality), SPEED).seconds for quality in ("draft", "standard", "fine")
    )
    assert draft < standard < fine


def test_twice_the_speed_is_half_the_time() -> None:
    once, twice = (forecast(512, 341, Settings(), speed).seconds for speed in (SPEED, Speed(SPEED.per_pixel / 2)))
    assert once == pytest.approx(2 * twice)


def test_memory_does_not_follow_a_large_layer_through_the_network() -> None:
    """Tiles: 24 megapixels take less than four times what one megapixel takes."""
    one, twentyfour = (forecast(w, h, Settings(quality="draft"), SPEED).bytes for w, h in ((1200, 800), (6000, 4000)))
    assert twentyfour < 4 * one


def test_strength_zero_costs_no_time() -> None:
    assert forecast(512, 341, Settings(strength=0), SPEED).seconds == 0


@pytest.mark.parametrize(
    ("width", "places", "regions", "measured"),
    [
        (384, 0.0, 1, 1.22),
        (384, 0.0, 3, 1.40),
        (384, 0.5, 0, 1.34),
        (384, 0.5, 1, 1.45),
        (384, 0.5, 3, 2.02),
        (640, 0.0, 1, 1.22),
        (640, 0.0, 3, 1.62),
        (640, 0.5, 0, 1.23),
        (640, 0.5, 1, 1.40),
    ],
)
def test_regions_and_like_to_like_take_as_long_as_measured(
    width: int, places: float, regions: int, measured: float
) -> None:
    """Times of drafts on the CPU, where one without regions and like to like takes 1."""
    plain = forecast(width, width * 2 // 3, Settings(quality="draft"), SPEED)
    settings = Settings(quality="draft", places=places)
    told = forecast(width, width * 2 // 3, settings, SPEED, regions=[settings] * regions)
    assert told.seconds / plain.seconds == pytest.approx(measured, rel=0.12)


def test_only_where_nothing_is_painted_in_any_style_there_is_nothing_to_wait_for() -> None:
    nothing, draft = Settings(strength=0, places=0.5), Settings(quality="draft")
    assert forecast(640, 427, nothing, SPEED, regions=[nothing] * 2).seconds == 0
    assert forecast(640, 427, nothing, SPEED, regions=[draft]).seconds > 0


def test_the_plan_is_told_in_words() -> None:
    by = str(working_dtype(torch.device("cpu"))).removeprefix("torch.")
    assert forecast(512, 341, Settings(), SPEED).plan == f"3 scales, 68 steps, whole, {by}"
    assert forecast(512, 341, Settings(), SPEED, recipe_named("classic")).plan.endswith(", float32")
    assert "tiles" in forecast(4000, 3000, Settings(), SPEED).plan


@pytest.mark.parametrize(("gigabytes", "is_whole"), [(8, False), (24, True)])
def test_on_a_gpu_tiles_are_as_large_as_its_memory_holds(
    gigabytes: int, is_whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = SimpleNamespace(total_memory=gigabytes << 30)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: card)
    monkeypatch.setattr(plan, "precision", lambda *_: torch.bfloat16)
    gpu = torch.device("cuda")
    side = plan.usual_tile_side(4000, 3000, "draft", IMPASTO, gpu)
    assert side > USUAL_SIDE
    assert (len(cut_tiles(3000, 4000, tile_side(3000, 4000, side))) == 1) == is_whole
    assert plan.memory_of(4000, 3000, "draft", IMPASTO, side, gpu) <= 0.7 * card.total_memory


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("size", [(10**9, 1), (10**8, 1), (1, 10**9), (10**7, 100), (31_622, 31_622), (1, 1)])
def test_a_forecast_takes_no_time_whatever_the_size(size: tuple[int, int], recipe: str) -> None:
    """Listed, the tiles of a billion pixels in a row took 85 s, and 12 GiB with the recipe that enlarges them."""
    begun = time.process_time()
    try:
        told = forecast(*size, Settings(), SPEED, recipe_named(recipe))
    except PictureError as error:
        assert str(min(size)) in str(error)
        assert min(size) < recipe_named(recipe).smallest_side
    else:
        assert told.seconds > 0
    assert time.process_time() - begun < 0.05


SIDES = st.integers(1, 4000)


@given(SIDES, SIDES, st.integers(900 << 20, 8 << 30), st.sampled_from(("impasto", "gatys")))
def test_the_largest_tiles_that_fit_are_found_without_trying_all(
    width: int, height: int, budget: int, recipe: str
) -> None:
    by = recipe_named(recipe)
    whole = max(SMALLEST_TILE, -(-max(width, height) // STRIDE) * STRIDE)
    fitting = (
        side
        for side in range(whole, SMALLEST_TILE - 1, -STRIDE)
        if plan.memory_of(width, height, "draft", by, side) <= budget
    )
    try:
        found = plan.tile_side_within(budget, width, height, "draft", by)
    except OutOfMemory:
        found = None
    assert found == next(fitting, None)


@pytest.mark.parametrize("size", [(10**9, 1), (10**7, 32), (10**6, 100), (31_622, 31_622)])
def test_tiles_are_planned_in_no_time_whatever_the_size(size: tuple[int, int]) -> None:
    begun = time.process_time()
    for gib in (1, 10, 100, 1000):
        try:
            plan.tile_side_within(gib << 30, *size, "draft", IMPASTO)
        except OutOfMemory as error:
            assert "takes at least" in str(error)
    assert time.process_time() - begun < 0.05
