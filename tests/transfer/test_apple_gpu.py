"""Painting on Apple graphics, on a device that refuses what those lack."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from fakes.apple_gpu import Refused, apple_gpu
from impasto.backbones import load_backbone
from impasto.request import PaintRequest, Region, WeightedStyle, drained
from impasto.transfer import Recipe, custom_recipe, stylize
from impasto.transfer.recipes import RECIPES
from impasto_wire.settings import Settings

STEPS = 5


def recipe_of(name: str) -> Recipe:
    recipe = replace(custom_recipe(name, steps=STEPS), precision="float32")
    return replace(recipe, coarsest=48, total_steps=STEPS) if recipe.coarsest else replace(recipe, short_side=None)


@pytest.fixture(params=[*RECIPES, "regions"])
def case(request: pytest.FixtureRequest, photo: NDArray[np.uint8], style: WeightedStyle) -> tuple[PaintRequest, Recipe]:
    """A request and the recipe to paint it by."""
    if request.param != "regions":
        return PaintRequest(photo, (style,), Settings(quality="draft", places=0.5)), recipe_of(request.param)
    height, width = photo.shape[:2]
    map_ = np.tile(np.linspace(0, 255, width).astype(np.uint8), (height, 1))
    alpha = np.concatenate([photo, np.full((height, width, 1), 255, np.uint8)], axis=2)
    alpha[:20, :20, 3] = 0
    mirrored = WeightedStyle(style.picture[:, ::-1].copy())
    painted = PaintRequest(
        alpha,
        (style,),
        Settings(quality="draft", seamless="both", seed=3, original_colours=0.3),
        selection=map_,
        detail_map=map_[:, ::-1].copy(),
        regions=(Region(map_, (mirrored,)),),
    )
    return painted, recipe_of("impasto")


def test_nothing_is_asked_of_it_that_it_lacks_and_the_painting_is_the_cpus(
    case: tuple[PaintRequest, Recipe], squeezenet_weights: Path
) -> None:
    request, recipe = case
    weights = squeezenet_weights if recipe.backbone == "squeezenet" else None
    here = drained(stylize(request, load_backbone(recipe.backbone, torch.device("cpu"), weights), recipe))
    with apple_gpu() as device:
        backbone = load_backbone(recipe.backbone, device, weights)
        there = drained(stylize(request, backbone, recipe))
    assert np.abs(there.astype(int) - here).mean() < 0.5


@pytest.mark.parametrize(
    "call",
    [
        lambda tensor: tensor.double(),
        lambda tensor: torch.nn.functional.avg_pool2d(tensor, 2, ceil_mode=True),
        lambda tensor: torch.nn.functional.interpolate(tensor, size=(2, 3), mode="bicubic", antialias=True),
        lambda tensor: torch.linalg.inv(tensor[0, 0, :3, :3]),
    ],
)
def test_the_device_refuses_what_it_should(call: object) -> None:
    with apple_gpu() as device:
        tensor = torch.ones(1, 2, 5, 6).to(device)
        with pytest.raises(Refused):
            call(tensor)  # type: ignore[operator]
