from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from impasto import devices, int8
from impasto.backbones import Backbone, Padding
from impasto.backbones.convolution import rectified_convolution
from impasto.int8 import QuantisedConvolution
from impasto.transfer.canvas import Canvas
from impasto.transfer.encoder import Encoder
from impasto.transfer.objective import Aim, Objective
from impasto.transfer.recipes import IMPASTO
from impasto.transfer.styles import style_targets
from impasto.transfer.team import ALONE

pytestmark = pytest.mark.skipif(
    torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"), reason="no Intel or AMD processor with AVX2"
)


def noise(*shape: int, seed: int = 0) -> Tensor:
    made = torch.randn(*shape, generator=torch.Generator().manual_seed(seed))
    return made.contiguous(memory_format=torch.channels_last) if len(shape) == 4 else made


def distance(one: Tensor, other: Tensor) -> float:
    return float(((one - other).norm() / other.norm()).detach())


@pytest.mark.parametrize("padding", ["replicate", "zeros"])
@pytest.mark.parametrize("size", [(1, 1), (2, 3), (17, 40)])
def test_a_convolution_and_its_gradient_are_near_those_in_float32(size: tuple[int, int], padding: Padding) -> None:
    maps, weight, bias = noise(1, 64, *size).relu(), noise(48, 64, 3, 3, seed=1), noise(48, seed=2)
    pull = noise(1, 48, *size, seed=3)
    found, right = (
        rectified_convolution(leaf, weight, bias, padding, quantised)
        for leaf, quantised in (
            (maps.clone().requires_grad_(), QuantisedConvolution.of(weight, bias)),
            (maps.clone().requires_grad_(), None),
        )
    )
    assert distance(found, right) < 0.02
    exact = F.conv2d(
        F.pad(maps, (1, 1, 1, 1), mode="replicate" if padding == "replicate" else "constant"), weight, bias
    )
    assert distance(found, exact.relu()) < 0.02
    gradients = []
    for quantised in (QuantisedConvolution.of(weight, bias), None):
        leaf = maps.clone().requires_grad_()
        gradients += torch.autograd.grad(rectified_convolution(leaf, weight, bias, padding, quantised), leaf, pull)
    # Where a cell is all but 0, the one cuts it off and the other doesn't.
    assert distance(gradients[0], gradients[1]) < 0.15


def test_the_largest_levels_and_weights_dont_overflow() -> None:
    """Without VNNI, a processor adds up two products in 16 bits."""
    weight = torch.ones(32, 64, 3, 3)
    forward, back = (QuantisedConvolution.of(sign * weight, torch.zeros(32)) for sign in (1, -1))
    assert (
        distance(forward.rectified(torch.ones(1, 64, 8, 8), replicates=True), torch.full((1, 32, 8, 8), 576.0)) < 0.01
    )
    found = back.carried_back(torch.ones(1, 32, 8, 8))
    assert distance(found[..., 3:7, 3:7], torch.full((1, 64, 4, 4), -288.0)) < 0.02


def test_the_kernels_are_tried_and_found() -> None:
    int8.is_there.cache_clear()
    assert int8.is_there()


def test_maps_and_gradients_of_nothing_are_nothing() -> None:
    convolution = QuantisedConvolution.of(noise(32, 64, 3, 3), torch.zeros(32))
    assert not convolution.rectified(torch.zeros(1, 64, 4, 4), replicates=True).any()
    assert convolution.carried_back(torch.zeros(1, 32, 4, 4)).abs().max() < 1e-20


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


def test_a_processor_with_bfloat16_uses_that_and_one_without_uses_integers(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu = torch.device("cpu")
    monkeypatch.setattr("torch.cpu._is_avx512_bf16_supported", lambda: True)
    monkeypatch.setattr("torch.backends.cpu.get_cpu_capability", lambda: "AVX512")
    assert devices.working_dtype(cpu) is torch.bfloat16
    monkeypatch.setattr("torch.backends.cpu.get_cpu_capability", lambda: "AVX2")
    assert devices.working_dtype(cpu) is torch.int8
    int8.is_there.cache_clear()
    try:
        monkeypatch.setattr("torch.backends.cpu.get_cpu_capability", lambda: "DEFAULT")
        assert devices.working_dtype(cpu) is torch.float32
    finally:
        int8.is_there.cache_clear()


def test_kernels_that_are_gone_or_wrong_arent_used(monkeypatch: pytest.MonkeyPatch) -> None:
    right = QuantisedConvolution.rectified
    try:
        for lie in (
            lambda *_, **__: torch.ops.onednn.no_such_kernel,
            lambda self, maps, replicates: 1.1 * right(self, maps, replicates),
        ):
            int8.is_there.cache_clear()
            monkeypatch.setattr(QuantisedConvolution, "rectified", lie)
            assert not int8.is_there()
    finally:
        int8.is_there.cache_clear()


def test_classic_and_squeezenet_stay_in_float32(vgg19: Backbone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("impasto.transfer.encoder.working_dtype", lambda device: torch.int8)
    assert Encoder.of(vgg19, IMPASTO).dtype is torch.int8
    assert Encoder.of(vgg19, replace(IMPASTO, precision="float32")).dtype is torch.float32
    assert Encoder.of(vgg19, replace(IMPASTO, backbone="squeezenet")).dtype is torch.float32
