"""Tiles give the whole picture's losses and gradient, whatever their size."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from impasto.backbones import Backbone
from impasto.transfer.canvas import Canvas
from impasto.transfer.encoder import Encoder
from impasto.transfer.objective import Aim, Losses, Objective
from impasto.transfer.recipes import IMPASTO, Recipe
from impasto.transfer.styles import style_targets
from impasto.transfer.team import ALONE
from impasto.transfer.tiles import Tiling, cut_tiles, tile_side

HEIGHT, WIDTH = 101, 230
RECIPE = replace(IMPASTO, variation_weight=1.0)


def noise(seed: int, channels: int = 3) -> torch.Tensor:
    coarse = torch.rand(1, channels, 20, 30, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.interpolate(coarse, size=(HEIGHT, WIDTH), mode="bicubic").clamp(0, 1)


def evaluate(backbone: Backbone, canvas: Canvas, side: int, recipe: Recipe = RECIPE) -> tuple[Losses, torch.Tensor]:
    encoder = Encoder(backbone, recipe, torch.float32)
    targets = style_targets(encoder, [(noise(1), 1.0)])
    objective = Objective(encoder, canvas, [Aim(targets, 3.0, 0.8)], side, ALONE.portion(HEIGHT, 0))
    return objective.evaluate(noise(2))


FIRST_LAYERS = RECIPE.at(4096, 4096)


@pytest.mark.parametrize(
    ("side", "is_masked", "recipe"),
    [
        pytest.param(112, False, RECIPE, id="all layers"),
        pytest.param(64, True, FIRST_LAYERS, id="first layers, masked"),
        pytest.param(64, True, RECIPE, id="all layers, masked", marks=pytest.mark.long),
        pytest.param(112, False, FIRST_LAYERS, id="first layers", marks=pytest.mark.long),
    ],
)
def test_tiles_give_the_whole_pictures_losses_and_gradient(
    vgg19: Backbone, side: int, is_masked: bool, recipe: Recipe
) -> None:
    weights, detail = (noise(3, 1), noise(4, 1)) if is_masked else (None, None)
    canvas = Canvas(noise(5), weights, None, detail)
    whole, whole_gradient = evaluate(vgg19, canvas, 1024, recipe)
    tiled, tiled_gradient = evaluate(vgg19, canvas, side, recipe)
    torch.testing.assert_close(tiled.total, whole.total, rtol=1e-4, atol=0)
    torch.testing.assert_close(tiled.content, whole.content, rtol=1e-4, atol=0)
    difference = (tiled_gradient - whole_gradient).norm() / whole_gradient.norm()
    assert difference < 1e-4


def test_cores_cover_the_picture_once() -> None:
    covered = torch.zeros(HEIGHT, WIDTH)
    for tile in cut_tiles(HEIGHT, WIDTH, 64):
        top, bottom, left, right = tile.core
        covered[top:bottom, left:right] += 1
    assert torch.equal(covered, torch.ones(HEIGHT, WIDTH))


@pytest.mark.parametrize("size", [(75, 113), (113, 75), (300, 451), (512, 512), (16, 17)])
def test_what_is_small_enough_is_one_tile_whatever_its_size(size: tuple[int, int]) -> None:
    assert len(cut_tiles(*size, tile_side(*size))) == 1


LENGTHS = st.integers(1, 3000)


@given(LENGTHS, LENGTHS, st.integers(32, 1500), st.sampled_from((16, 112)))
def test_what_tiles_add_up_to_is_known_without_listing_them(height: int, width: int, side: int, halo: int) -> None:
    listed = cut_tiles(height, width, tile_side(height, width, side), halo)
    windows = [(tile.bottom - tile.top) * (tile.right - tile.left) for tile in listed]
    assert Tiling.of(height, width, side, halo) == Tiling(len(windows), sum(windows), max(windows))
