from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from impasto import devices, int8
from impasto.backbones import Backbone, Padding, Pooling
from impasto.int8 import QuantisedConvolution
from impasto.levels import MOST, Levels, SignedLevels
from impasto.transfer.canvas import Canvas
from impasto.transfer.encoder import Encoder
from impasto.transfer.objective import Aim, Objective
from impasto.transfer.recipes import IMPASTO
from impasto.transfer.styles import style_targets
from impasto.transfer.team import ALONE

pytestmark = pytest.mark.skipif(
    torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"), reason="no Intel or AMD processor with AVX2"
)
SIZES = [(1, 1), (2, 3), (17, 40), (65, 70)]
"""The last has so many cells that its scale is told by a sample."""


def noise(*shape: int, seed: int = 0) -> Tensor:
    made = torch.randn(*shape, generator=torch.Generator().manual_seed(seed))
    return made.contiguous(memory_format=torch.channels_last) if len(shape) == 4 else made


def distance(one: Tensor, other: Tensor) -> float:
    return float(((one - other).norm() / other.norm()).detach())


@pytest.mark.parametrize("replicates", [True, False])
@pytest.mark.parametrize("size", SIZES)
def test_a_convolution_and_its_gradient_are_near_those_in_float32(size: tuple[int, int], replicates: bool) -> None:
    maps, weight, bias = noise(1, 64, *size).relu(), noise(48, 64, 3, 3, seed=1), noise(48, seed=2)
    pull = noise(1, 48, *size, seed=3)
    convolution = QuantisedConvolution.of(weight, bias)
    found = convolution.rectified(Levels.of(maps, replicates))
    padded = F.pad(maps, (1, 1, 1, 1), mode="replicate" if replicates else "constant")
    assert distance(found.maps(), F.conv2d(padded, weight, bias).relu()) < 0.02
    right = F.conv_transpose2d(pull * (found.maps() > 0), weight)
    levels = SignedLevels.of(pull)
    assert distance(convolution.carried_back(levels, found), right) < 0.02
    for most in (MOST, MOST // 2) if size == SIZES[-1] else ():
        rounded = convolution.carried_back_in_levels(levels, found, most)
        assert rounded.inside.abs().max() <= most
        assert distance(rounded.numbers(), right) < 0.04


def test_a_few_numbers_much_larger_than_the_sampled_ones_are_cut_off_and_change_no_others() -> None:
    maps, weight = noise(1, 64, 70, 70).relu(), noise(32, 64, 3, 3, seed=1)
    maps[:, :, 30:33, 41:44] *= 20  # around no cell of the sample
    convolution = QuantisedConvolution.of(weight, torch.zeros(32))
    right = F.conv2d(F.pad(maps, (1, 1, 1, 1), mode="replicate"), weight).relu()
    found = convolution.rectified(Levels.of(maps, replicates=True)).maps()
    assert right.max() > 2 * found.max()
    assert distance(found[..., :25], right[..., :25]) < 0.15
    assert (found <= right + 0.1 * right.max()).all()


def test_the_largest_levels_and_weights_dont_overflow() -> None:
    """Without VNNI, a processor adds up two products in 16 bits."""
    weight = torch.ones(32, 64, 3, 3)
    forward, back = (QuantisedConvolution.of(sign * weight, torch.zeros(32)) for sign in (1, -1))
    found = forward.rectified(Levels.of(torch.ones(1, 64, 8, 8), replicates=True))
    assert distance(found.maps(), torch.full((1, 32, 8, 8), 576.0)) < 0.01
    carried = back.carried_back(SignedLevels.of(torch.ones(1, 32, 8, 8)), found)
    assert distance(carried[..., 3:7, 3:7], torch.full((1, 64, 4, 4), -288.0)) < 0.02


def test_the_kernels_are_tried_and_found() -> None:
    int8.is_there.cache_clear()
    assert int8.is_there()


@pytest.mark.parametrize("side", [4, 80])
def test_maps_and_gradients_of_nothing_are_nothing(side: int) -> None:
    convolution = QuantisedConvolution.of(noise(32, 64, 3, 3), torch.zeros(32))
    found = convolution.rectified(Levels.of(torch.zeros(1, 64, side, side), replicates=True))
    assert not found.maps().any()
    nothing = SignedLevels.of(torch.zeros(1, 32, side, side))
    assert convolution.carried_back(nothing, found).abs().max() < 1e-20
    assert not convolution.carried_back_in_levels(nothing, found, MOST).inside.any()


@pytest.mark.parametrize("padding", ["replicate", "zeros"])
@pytest.mark.parametrize("pooling", ["blurred", "max", "average"])
@pytest.mark.parametrize("size", [(64, 96), (35, 57), (160, 200), (161, 201)])
def test_layers_and_their_gradients_are_near_those_in_float32(
    size: tuple[int, int], pooling: Pooling, padding: Padding, vgg19: Backbone
) -> None:
    """Layers beside poolings and beside each other, of even and odd sides; of the larger pictures, what lies between
    them is told by samples."""
    layers = ("relu1_1", "relu2_2", "relu3_1", "relu3_2", "relu4_1")
    picture = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(0))
    found, gradients = [], []
    for dtype in (torch.int8, torch.float32):
        leaf = picture.clone().requires_grad_()
        maps = vgg19(leaf, layers, pooling, padding, dtype)
        assert all(maps[name].dtype is torch.float32 for name in layers)
        found.append(maps)
        energy = sum((maps[name].square().mean() for name in layers), start=torch.zeros(()))
        gradients += torch.autograd.grad(energy, leaf)
    for name in layers:
        assert found[0][name].shape == found[1][name].shape
        assert distance(found[0][name], found[1][name]) < 0.06
    assert F.cosine_similarity(gradients[0].flatten(), gradients[1].flatten(), dim=0) > 0.97


def test_the_first_layer_alone_is_in_float32_and_unknown_layers_are_refused(vgg19: Backbone) -> None:
    picture = torch.rand(1, 3, 32, 32)
    alone, right = (vgg19(picture, ["relu1_1"], dtype=dtype) for dtype in (torch.int8, torch.float32))
    assert torch.equal(alone["relu1_1"], right["relu1_1"])
    with pytest.raises(ValueError, match="conv9_1"):
        vgg19(picture, ["relu2_1", "conv9_1"], dtype=torch.int8)


def test_losses_and_gradients_of_all_layers_are_near_those_in_float32(vgg19: Backbone) -> None:
    picture, style, layer = (torch.rand(1, 3, 96, 128, generator=torch.Generator().manual_seed(n)) for n in range(3))
    found = []
    for dtype in (torch.int8, torch.float32):
        encoder = Encoder(vgg19, IMPASTO, dtype)
        aim = Aim(style_targets(encoder, [(style, 1.0)]), 1.0, 1.0)
        objective = Objective(encoder, Canvas(layer), [aim], 128, ALONE.portion(96, 0))
        losses, gradient = objective.evaluate(picture)
        found.append((losses.total, gradient))
    (loss, gradient), (right_loss, right_gradient) = found
    assert abs(loss / right_loss - 1) < 0.01
    cosine = F.cosine_similarity(gradient.flatten(), right_gradient.flatten(), dim=0)
    assert cosine > 0.95


def test_a_processor_with_amx_uses_bfloat16_and_others_integers(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu = torch.device("cpu")

    def dtype_where(capability: str, has_bfloat16: bool, has_amx: bool, has_integers: bool) -> torch.dtype:
        monkeypatch.setattr("torch.backends.cpu.get_cpu_capability", lambda: capability)
        monkeypatch.setattr("torch.cpu._is_avx512_bf16_supported", lambda: has_bfloat16)
        monkeypatch.setattr("torch.cpu._is_amx_tile_supported", lambda: has_amx)
        monkeypatch.setattr(devices, "has_int8", lambda: has_integers)
        return devices.working_dtype(cpu)

    assert dtype_where("AVX512", True, True, True) is torch.bfloat16
    assert dtype_where("AVX512", True, False, True) is torch.int8
    assert dtype_where("AVX512", True, False, False) is torch.bfloat16
    assert dtype_where("AVX2", True, True, True) is torch.int8
    assert dtype_where("AVX2", False, False, False) is torch.float32


def test_a_processor_without_avx2_has_no_integers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.backends.cpu.get_cpu_capability", lambda: "DEFAULT")
    int8.is_there.cache_clear()
    try:
        assert not int8.is_there()
    finally:
        int8.is_there.cache_clear()


def test_kernels_that_are_gone_or_wrong_arent_used(monkeypatch: pytest.MonkeyPatch) -> None:
    forward, back = QuantisedConvolution.rectified, QuantisedConvolution.carried_back_in_levels
    in_float = QuantisedConvolution.carried_back

    def brighter(self: QuantisedConvolution, maps: Levels) -> Levels:
        return replace(forward(self, maps), scale=1.1 * forward(self, maps).scale)

    def stronger(self: QuantisedConvolution, gradient: SignedLevels, found: Levels, most: int) -> SignedLevels:
        return replace(back(self, gradient, found, most), scale=1.1 * back(self, gradient, found, most).scale)

    lies: list[tuple[str, Callable[..., object]]] = [
        ("rectified", lambda *_: torch.ops.onednn.no_such_kernel),
        ("rectified", brighter),
        ("carried_back_in_levels", stronger),
        ("carried_back", lambda self, gradient, found: 1.1 * in_float(self, gradient, found)),
    ]
    try:
        for name, lie in lies:
            int8.is_there.cache_clear()
            with monkeypatch.context() as patched:
                patched.setattr(QuantisedConvolution, name, lie)
                assert not int8.is_there()
    finally:
        int8.is_there.cache_clear()


def test_classic_and_squeezenet_stay_in_float32(vgg19: Backbone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("impasto.transfer.encoder.working_dtype", lambda device: torch.int8)
    assert Encoder.of(vgg19, IMPASTO).dtype is torch.int8
    assert Encoder.of(vgg19, replace(IMPASTO, precision="float32")).dtype is torch.float32
    assert Encoder.of(vgg19, replace(IMPASTO, backbone="squeezenet")).dtype is torch.float32


def test_what_no_cell_of_the_sample_sees_isnt_lost() -> None:
    maps = torch.zeros(1, 32, 70, 70)
    maps[:, :, 30, 42] = 1.0  # seen by the columns 41 to 43, with the gradient's border 42 to 44
    weight = noise(32, 32, 3, 3)
    convolution = QuantisedConvolution.of(weight, torch.zeros(32))
    found = convolution.rectified(Levels.of(maps, replicates=True))
    assert distance(found.maps(), F.conv2d(maps, weight, padding=1).relu()) < 0.02
    carried = convolution.carried_back_in_levels(SignedLevels.of(maps), found, MOST)
    right = F.conv_transpose2d(maps * (found.maps() > 0), weight)
    assert distance(carried.numbers(), right) < 0.02


@pytest.mark.parametrize("axis", [-1, -2])
@pytest.mark.parametrize("shift", range(4))
def test_patterns_that_repeat_every_four_cells_are_seen_wherever_they_begin(shift: int, axis: int) -> None:
    maps = torch.full((1, 32, 72, 72), 0.01)
    maps.movedim(axis, 0)[shift::4] = 1.0
    weight = noise(32, 32, 3, 3)
    found = QuantisedConvolution.of(weight, torch.zeros(32)).rectified(Levels.of(maps, replicates=True))
    right = F.conv2d(F.pad(maps, (1, 1, 1, 1), mode="replicate"), weight).relu()
    assert distance(found.maps(), right) < 0.03


def test_narrow_maps_of_many_cells_arent_sampled() -> None:
    assert int8.are_few(torch.zeros(1, 8, 2, 5000))
    assert int8.are_few(torch.zeros(1, 8, 60, 60))
    assert not int8.are_few(torch.zeros(1, 8, 64, 70))


def test_tiles_in_integers_give_nearly_the_whole_pictures_losses_and_gradient(vgg19: Backbone) -> None:
    """The content of tiles is kept in levels."""
    picture, style, layer = (torch.rand(1, 3, 192, 256, generator=torch.Generator().manual_seed(n)) for n in range(3))
    encoder, found = Encoder(vgg19, IMPASTO, torch.int8).at(256, 192), []
    for side in (256, 128):
        aim = Aim(style_targets(encoder, [(style, 1.0)]), 1.0, 1.0)
        objective = Objective(encoder, Canvas(layer), [aim], side, ALONE.portion(192, 0))
        found.append(objective.evaluate(picture))
    assert objective.content[0]["relu3_1"].__class__ is Levels
    (losses, gradient), (in_tiles, gradient_in_tiles) = found
    assert float(in_tiles.style) == pytest.approx(float(losses.style), rel=0.01)
    assert float(in_tiles.content) == pytest.approx(float(losses.content), rel=0.01)
    assert F.cosine_similarity(gradient.flatten(), gradient_in_tiles.flatten(), dim=0) > 0.97
