"""What a GPU paints, where there is one: the same picture as a CPU, the same bytes twice, whatever its memory holds."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from skimage.data import chelsea

from impasto.backbones import Backbone, load_backbone
from impasto.request import PaintRequest, WeightedStyle
from impasto.transfer import ALONE, IMPASTO, Recipe, stylize
from impasto.transfer.canvas import Canvas
from impasto.transfer.encoder import Encoder
from impasto.transfer.forecasts import usual_tile_side
from impasto.transfer.objective import Aim, Objective
from impasto.transfer.out_of_memory import free_memory
from impasto.transfer.pyramid import resize
from impasto.transfer.recipes import CLASSIC
from impasto.transfer.styles import style_targets
from impasto.transfer.tiles import USUAL_SIDE, cut_tiles, tile_side
from impasto_wire.settings import Settings

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no GPU")

Pixels = NDArray[np.generic]
GPU = torch.device("cuda")


@pytest.fixture(scope="module")
def on_gpu() -> Backbone:
    return load_backbone("vgg19", GPU)


@pytest.fixture
def small_memory() -> Iterator[None]:
    """As if the GPU had 1.2 GB, of which torch may take all."""
    whole = torch.cuda.get_device_properties(GPU).total_memory
    free_memory()
    torch.cuda.set_per_process_memory_fraction(1.2e9 / whole)
    yield
    torch.cuda.set_per_process_memory_fraction(1.0)


def noise(seed: int, height: int = 101, width: int = 230) -> torch.Tensor:
    coarse = torch.rand(1, 3, 20, 30, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.interpolate(coarse, size=(height, width), mode="bicubic").clamp(0, 1)


def gradient(backbone: Backbone, side: int, recipe: Recipe = IMPASTO) -> torch.Tensor:
    style, content, picture = (noise(seed).to(backbone.device) for seed in (1, 2, 3))
    encoder = Encoder(backbone, recipe, torch.float32)
    targets, portion = style_targets(encoder, [(style, 1.0)]), ALONE.portion(len(content[0, 0]), 0)
    objective = Objective(encoder, Canvas(content), [Aim(targets, 3.0, 0.8)], side, portion)
    return objective.evaluate(picture)[1].cpu()


def painted(
    backbone: Backbone, photo: Pixels, recipe: Recipe = IMPASTO, **settings: object
) -> tuple[Pixels, list[float]]:
    """The painting in the photo's own colours turned round, and the loss of each step."""
    losses = []
    chosen = Settings.from_dict({"quality": "draft", **settings})
    painting = stylize(PaintRequest(photo, (WeightedStyle(photo[..., ::-1].copy()),), chosen), backbone, recipe)
    while True:
        try:
            losses.append(next(painting).loss)
        except StopIteration as end:
            return end.value, losses


@pytest.mark.parametrize("side", [1024, 64])
@pytest.mark.parametrize("recipe", [IMPASTO, IMPASTO.at(4096, 4096)], ids=["all layers", "first layers"])
def test_its_float32_gradient_is_the_cpus(vgg19: Backbone, on_gpu: Backbone, side: int, recipe: Recipe) -> None:
    one, other = gradient(vgg19, 1024, recipe), gradient(on_gpu, side, recipe)
    # Where two neighbours are nearly the same maximum, rounding decides whose gradient it is. TF32 is 3e-2 off.
    assert (one - other).norm() < 5e-3 * one.norm()


def test_a_picture_is_shrunk_as_far_as_print_size_needs() -> None:
    picture = torch.rand(1, 3, 64, 8000, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(resize(picture.to(GPU), 125, 1).cpu(), resize(picture, 125, 1), atol=1e-4, rtol=0)


def test_the_same_settings_give_the_same_bytes(on_gpu: Backbone) -> None:
    first, second = (painted(on_gpu, chelsea()[:200, :300], quality="standard")[0] for _ in range(2))
    assert np.array_equal(first, second)


def test_a_replayed_evaluation_paints_what_launched_ones_do(on_gpu: Backbone, monkeypatch: pytest.MonkeyPatch) -> None:
    replayed, losses = painted(on_gpu, chelsea()[:200, :300])
    monkeypatch.setattr("impasto.transfer.painting.replayed", lambda evaluate, *_: evaluate)
    launched, launched_losses = painted(on_gpu, chelsea()[:200, :300])
    assert losses == launched_losses
    assert np.array_equal(replayed, launched)


def test_replays_leave_no_memory_behind(on_gpu: Backbone) -> None:
    reserved = []
    for _ in range(4):
        painted(on_gpu, chelsea()[:200, :300])
        free_memory()
        reserved.append(torch.cuda.memory_reserved())
    assert reserved[-1] == reserved[0]


def test_it_looks_as_on_a_cpu(vgg19: Backbone, on_gpu: Backbone) -> None:
    photo = chelsea()[:160, :240]
    one, other = (painted(backbone, photo)[0].astype(float) for backbone in (vgg19, on_gpu))
    assert np.abs(one - other).mean() < 0.2 * np.abs(one - photo).mean()


def test_when_its_memory_ends_it_goes_on_in_smaller_tiles(
    on_gpu: Backbone, small_memory: None, caplog: pytest.LogCaptureFixture
) -> None:
    photo = np.tile(chelsea(), (4, 4, 1))[:1100, :1700]
    with caplog.at_level(logging.WARNING):
        result, _ = painted(on_gpu, photo)
    assert result.shape == photo.shape
    assert "going on in tiles of" in caplog.text
    assert np.abs(result.astype(float) - photo).mean() > 5


def test_a_layer_that_its_memory_holds_is_painted_whole(on_gpu: Backbone) -> None:
    side = usual_tile_side(1700, 1100, "draft", IMPASTO, GPU)
    assert side > USUAL_SIDE
    assert len(cut_tiles(1100, 1700, tile_side(1100, 1700, side))) == 1


def test_the_classic_recipe_is_as_exact(squeezenet: Backbone, squeezenet_weights: Path) -> None:
    recipe = replace(CLASSIC, total_steps=50)
    network = load_backbone("squeezenet", GPU, squeezenet_weights)
    (_, one), (_, other) = (painted(backbone, chelsea(), recipe) for backbone in (network, squeezenet))
    assert one == pytest.approx(other, rel=0.005)
