"""Convolutions in 8-bit integers: maps are rounded to 256 levels, gradients to 255, weights to 127; sums are exact.

A processor without bfloat16 multiplies such integers two to four times as fast as float32. What is rounded away is less
than what a person sees, and than what the judge of the benchmarks finds. Jacob et al., "Quantization and Training of
Neural Networks for Efficient Integer-Arithmetic-Only Inference", 2018, section 2.1, with one scale for a map and one
for each channel of weights. torch's compiler calls the same kernels; they are its own, so `is_there` tries them first.
"""

from dataclasses import dataclass
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

_LEVELS, _MIDDLE = 255, 128
"""The largest level, and the one that stands for 0 where there are values on both sides of it."""
_LARGEST_WEIGHT = 63
"""Two products of a level and a weight must fit into 16 bits: processors without VNNI add them up there."""
_ALLOWED_ERROR = 0.03


@dataclass(frozen=True)
class QuantisedWeights:
    """A 3x3 convolution's weights ``(D, C, 3, 3)`` as integers, ready for the kernel."""

    packed: Tensor
    scales: Tensor
    """What the integers of each output channel are multiplied by: ``(D,)``."""
    sums: Tensor
    """The weights of each output channel together: ``(D,)``."""

    @classmethod
    def of(cls, weight: Tensor) -> "QuantisedWeights":
        """The weights, rounded."""
        scales = (weight.abs().amax(dim=(1, 2, 3)) / _LARGEST_WEIGHT).clamp_min(1e-12)
        levels = (weight / scales.view(-1, 1, 1, 1)).round_().to(torch.int8)
        sums = levels.float().sum(dim=(1, 2, 3)) * scales
        once = [1, 1]
        packed = torch.ops.onednn.qconv_prepack(levels, scales, 1.0, 0, once, [0, 0], once, 1, None)
        return cls(packed, scales, sums)

    def convolve(self, levels: Tensor, scale: float, bias: Tensor | None, after: str) -> Tensor:
        """Levels ``(1, C, H + 2, W + 2)``, each worth `scale` -> ``(1, D, H, W)`` in float32."""
        once, zeros = [1, 1], torch.zeros(len(self.scales), dtype=torch.int32)
        weights = self.packed, self.scales, zeros, bias
        where, gives = (once, [0, 0], once, 1), (1.0, 0, torch.float32)
        found: Tensor = torch.ops.onednn.qconv2d_pointwise(levels, scale, 0, *weights, *where, *gives, after, [], "")
        return found


@dataclass(frozen=True)
class QuantisedConvolution:
    """A frozen convolution, forward and back."""

    forward: QuantisedWeights
    backward: QuantisedWeights
    bias: Tensor

    @classmethod
    def of(cls, weight: Tensor, bias: Tensor) -> "QuantisedConvolution":
        """Of float32 weights ``(D, C, 3, 3)`` and ``(D,)``."""
        turned = weight.flip(2, 3).transpose(0, 1)
        return cls(QuantisedWeights.of(weight), QuantisedWeights.of(turned), bias)

    def rectified(self, maps: Tensor, replicates: bool) -> Tensor:
        """Maps ``(1, C, H, W)``, none below 0, padded by one, convolved and rectified: ``(1, D, H, W)``. The padding is
        what is beside it, or 0."""
        scale = max(maps.amax().item() / _LEVELS, 1e-12)
        levels = _padded(maps, scale, 0, 1)
        if replicates:
            _replicate_border(levels)
        return self.forward.convolve(levels, scale, self.bias, "relu")

    def carried_back(self, gradient: Tensor) -> Tensor:
        """From the gradient ``(1, D, H, W)`` of what the convolution gave to that of the padded maps,
        ``(1, C, H + 2, W + 2)``."""
        largest = max(gradient.amax().item(), -gradient.amin().item())  # in one, they take ten times as long
        scale = max(largest / (_LEVELS - _MIDDLE), 1e-30)
        levels = _padded(gradient, scale, _MIDDLE, 2)
        # Every level is too high by the middle one: each output is by that times its weights' sum.
        return self.backward.convolve(levels, scale, self.backward.sums * (-_MIDDLE * scale), "none")


def _padded(maps: Tensor, scale: float, zero: int, border: int) -> Tensor:
    """Maps ``(1, C, H, W)`` as the nearest levels, `zero` standing for 0, in a border of zeros."""
    _, channels, height, width = maps.shape
    padded = torch.empty(1, height + 2 * border, width + 2 * border, channels, dtype=torch.uint8).permute(0, 3, 1, 2)
    for edge in (slice(None, border), slice(-border, None)):
        padded[..., edge, :] = zero
        padded[..., edge] = zero
    half = torch.tensor(zero + 0.5)
    padded[..., border:-border, border:-border] = torch.add(half, maps, alpha=1 / scale)  # the rest is cut off
    return padded


def _replicate_border(padded: Tensor) -> None:
    """Give the border of one cell the values beside it."""
    padded[..., 0], padded[..., -1] = padded[..., 1], padded[..., -2]
    padded[..., 0, :], padded[..., -1, :] = padded[..., 1, :], padded[..., -2, :]


@lru_cache(maxsize=1)
def is_there() -> bool:
    """Is this a processor that multiplies such integers faster than float32, and does this torch do it rightly?"""
    if torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"):
        return False
    generator = torch.Generator().manual_seed(0)
    maps, gradient = (torch.randn(1, 32, 24, 16, generator=generator) for _ in range(2))
    weight, bias = torch.randn(32, 32, 3, 3, generator=generator), torch.randn(32, generator=generator)
    maps = maps.relu().contiguous(memory_format=torch.channels_last)
    try:
        tried = QuantisedConvolution.of(weight, bias)
        found = tried.rectified(maps, replicates=True), tried.carried_back(gradient)
    except (AttributeError, RuntimeError, TypeError):  # this torch has no such kernels, or others
        return False
    padded = F.pad(maps, (1, 1, 1, 1), mode="replicate")
    right = F.conv2d(padded, weight, bias).relu(), F.conv_transpose2d(gradient, weight)
    return all(
        bool((one - other).norm() < _ALLOWED_ERROR * other.norm()) for one, other in zip(found, right, strict=True)
    )
