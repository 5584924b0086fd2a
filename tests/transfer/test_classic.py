"""The classic recipe against a plain transcription of it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file, save_file
from skimage.data import chelsea, coffee
from torch import Tensor, nn
from torchvision.models import squeezenet1_0
from torchvision.transforms import Resize

from impasto.backbones import load_backbone
from impasto.request import PaintRequest, WeightedStyle
from impasto.transfer import stylize
from impasto.transfer.recipes import CLASSIC

NAMES = {0: "conv1_1", 3: "conv2_1", 4: "conv3_1", 5: "conv4_1", 6: "conv5_1", 7: "conv6_1", 8: "conv7_1", 9: "conv8_1"}
STYLE_WEIGHTS = dict(zip(NAMES.values(), (1.0, 0.8, 0.65, 0.5, 0.45, 0.3, 0.1, 0.15), strict=True))
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
CONTENT, STYLE = chelsea()[20:276, 90:346], coffee()[60:316, 150:406]
"""256x256: the recipe's own size, so that nothing is resized."""


def recorded(features: nn.Sequential, picture: Tensor) -> dict[str, Tensor]:
    maps, found = picture, {}
    for place, layer in enumerate(features):
        maps = layer(maps)
        if place in NAMES:
            found[NAMES[place]] = maps
    return found


def gram(maps: Tensor) -> Tensor:
    _, channels, height, width = maps.shape
    flat = maps.view(channels, height * width)
    return flat @ flat.T / (channels * height * width)


def normalised(pixels: np.ndarray) -> Tensor:
    return (torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255 - MEAN) / STD


def transcribed(
    state: dict[str, Tensor], steps: int, content: np.ndarray, style: np.ndarray
) -> Iterator[tuple[float, float]]:
    """Style and content loss before each step."""
    network = squeezenet1_0(weights=None)
    network.load_state_dict(state)
    features = network.features.eval().requires_grad_(False)
    kept = recorded(features, normalised(content))["conv7_1"]
    grams = {name: gram(maps) for name, maps in recorded(features, normalised(style)).items()}
    target = normalised(content).requires_grad_()
    adam = torch.optim.Adam([target], lr=0.003)
    for _ in range(steps):
        found = recorded(features, target)
        from_content = F.mse_loss(found["conv7_1"], kept)
        from_style = sum(weight * F.mse_loss(gram(found[name]), grams[name]) for name, weight in STYLE_WEIGHTS.items())
        adam.zero_grad()
        (1e6 * from_style + from_content).backward()
        adam.step()
        yield from_style.item(), from_content.item()


def shrunk(pixels: np.ndarray) -> np.ndarray:
    """The script's own: torchvision's Resize on a picture of Pillow's."""
    return np.asarray(Resize(256)(Image.fromarray(pixels)))


def check_losses(
    state: dict[str, Tensor],
    folder: Path,
    steps: int,
    content: np.ndarray = CONTENT,
    style: np.ndarray = STYLE,
    content_tolerance: float = 0.005,
) -> None:
    save_file(state, folder / "squeezenet.safetensors")
    backbone = load_backbone("squeezenet", torch.device("cpu"), folder / "squeezenet.safetensors")
    painting = stylize(PaintRequest(content, (WeightedStyle(style),)), backbone, replace(CLASSIC, total_steps=steps))
    ours = np.array([(step.style_loss, step.content_loss) for step in painting])
    plain = np.array(list(transcribed(state, steps, shrunk(content), shrunk(style))))
    assert ours.shape == plain.shape == (steps, 2)
    assert ours[-1, 0] < 0.95 * ours[0, 0]
    np.testing.assert_allclose(ours[:, 0], plain[:, 0], rtol=0.005)
    np.testing.assert_allclose(ours[:, 1], plain[:, 1], rtol=content_tolerance, atol=1e-9)


def random_state() -> dict[str, Tensor]:
    torch.manual_seed(7)
    return squeezenet1_0(weights=None).state_dict()


def test_the_classic_recipe_is_the_plain_one_with_real_weights(squeezenet_weights: Path, tmp_path: Path) -> None:
    check_losses(load_file(squeezenet_weights), tmp_path, steps=12)


def test_the_classic_recipe_is_the_plain_one_with_any_weights(tmp_path: Path) -> None:
    check_losses(random_state(), tmp_path, steps=6)


def test_pictures_that_must_be_shrunk_are_shrunk_as_the_plain_one_does(
    squeezenet_weights: Path, tmp_path: Path
) -> None:
    """With our usual resampling the style loss would end half as large again. Pillow's arithmetic differs by a bit here
    and there, which the first content losses, near 0, show."""
    check_losses(load_file(squeezenet_weights), tmp_path, 8, chelsea(), coffee(), content_tolerance=0.03)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("is_real", [True, False])
def test_the_classic_recipe_stays_the_plain_one_over_200_steps(
    squeezenet_weights: Path, tmp_path: Path, is_real: bool
) -> None:
    state = load_file(squeezenet_weights) if is_real else random_state()
    check_losses(state, tmp_path, steps=200)
