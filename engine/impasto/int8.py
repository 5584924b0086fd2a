"""Convolutions in 8-bit integers: maps are rounded to 256 levels, gradients to 255, weights to 127; sums are exact.

A processor without fast bfloat16 multiplies such integers two to four times as fast as float32, and what lies between
two convolutions is a quarter of the memory. What is rounded away is less than what a person sees, and than what the
judge of the benchmarks finds. Jacob et al., "Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference", 2018, section 2.1, with one scale for a map and one for each channel of weights.
torch's compiler calls the same kernels; they are its own, so `is_there` tries them first.
"""

from dataclasses import dataclass
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.levels import LARGEST, MIDDLE, MOST, Levels, SignedLevels, largest_of, signed

_LARGEST_WEIGHT = 63
"""Two products of a level and a weight must fit into 16 bits: processors without VNNI add them up there."""
_SAMPLED = (3, 5)
"""Every third row and fifth column tells how large a map's numbers are: what repeats every two or four cells isn't
missed."""
_FEW, _NARROW = 4096, 16
"""A map of fewer cells, or with a shorter side, isn't sampled."""
_NOTHING = 1e-5
"""A sample of which no number is larger than that, divided by the largest bias, has seen nothing but rounding."""
_HEADROOM = 1.25
"""How much larger than those the largest number may be. Even larger ones become that number."""
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

    def convolve(
        self, levels: Tensor, scale: float, bias: Tensor, after: str, stride: tuple[int, int] = (1, 1)
    ) -> Tensor:
        """Levels ``(1, C, H + 2, W + 2)`` of uint8, each worth `scale` -> ``(1, D, H, W)`` in float32, of every so many
        rows and columns only. `after`: what is done with each number, ``relu`` or ``none``."""
        return self._convolved(levels, scale, bias, after, stride, (1.0, 0, torch.float32))

    def convolve_and_round(
        self, levels: Tensor, scale: float, bias: Tensor, after: str, zero: int, most: int
    ) -> tuple[Tensor, float]:
        """The same as uint8, where `zero` stands for 0 and is `most` less than for the largest number expected; and
        what a level is worth. For maps of many cells."""
        what = levels, scale, bias, after
        expected = _HEADROOM * largest_of(self.convolve(*what, _SAMPLED))
        if expected <= _NOTHING * largest_of(bias):
            expected = largest_of(self.convolve(*what))
        worth = max(expected / most, 1e-30)
        return self._convolved(*what, (1, 1), (worth, zero, torch.uint8)), worth

    def _convolved(
        self,
        levels: Tensor,
        scale: float,
        bias: Tensor,
        after: str,
        stride: tuple[int, int],
        gives: tuple[float, int, torch.dtype],
    ) -> Tensor:
        zeros = torch.zeros(len(self.scales), dtype=torch.int32)
        weights = self.packed, self.scales, zeros, bias
        where = stride, [0, 0], [1, 1], 1
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

    def rectified(self, maps: Levels) -> Levels:
        """``(1, C, H, W)`` -> ``(1, D, H, W)``, convolved and rectified."""
        what = maps.padded, maps.scale, self.bias, "relu"
        if are_few(maps.inside):
            return Levels.of(self.forward.convolve(*what), maps.replicates)
        return Levels.around(*self.forward.convolve_and_round(*what, zero=0, most=LARGEST), maps.replicates)

    def carried_back(self, gradient: SignedLevels, found: Levels) -> Tensor:
        """From the gradient ``(1, D, H, W)`` of what was found to that of the padded maps, ``(1, C, H + 2, W + 2)`` in
        float32."""
        return self.backward.convolve(*self._to_carry_back(gradient, found))

    def carried_back_in_levels(self, gradient: SignedLevels, found: Levels, most: int) -> SignedLevels:
        """The same for maps that aren't few, rounded to levels from `-most` to `most`."""
        what = self._to_carry_back(gradient, found)
        raised, scale = self.backward.convolve_and_round(*what, zero=MIDDLE, most=most)
        return SignedLevels(signed(raised).clamp_(-most, most), scale)

    def _to_carry_back(self, gradient: SignedLevels, found: Levels) -> tuple[Tensor, float, Tensor, str]:
        # Every level is too high by the middle one: each output is by that times its weights' sum.
        return gradient.raised(found, border=2), gradient.scale, self.backward.sums * (-MIDDLE * gradient.scale), "none"


def are_few(maps: Tensor) -> bool:
    """Have maps too few cells for a sample of them?"""
    return maps[0, 0].numel() < _FEW or min(maps.shape[-2:]) < _NARROW


@lru_cache(maxsize=1)
def is_there() -> bool:
    """Is this a processor that multiplies such integers faster than float32, and does this torch do it rightly?"""
    if torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"):
        return False
    generator = torch.Generator().manual_seed(0)
    maps, gradient = (torch.randn(1, 32, 72, 64, generator=generator) for _ in range(2))
    weight, bias = torch.randn(32, 32, 3, 3, generator=generator), torch.randn(32, generator=generator)
    maps = maps.relu()
    try:
        tried = QuantisedConvolution.of(weight, bias)
        rectified, levels = tried.rectified(Levels.of(maps, replicates=True)), SignedLevels.of(gradient)
        found = (
            rectified.maps(),
            tried.carried_back(levels, rectified),
            tried.carried_back_in_levels(levels, rectified, MOST).numbers(),
        )
    except (AttributeError, RuntimeError, TypeError):  # this torch has no such kernels, or others
        return False
    forward = F.conv2d(F.pad(maps, (1, 1, 1, 1), mode="replicate"), weight, bias).relu()
    back = F.conv_transpose2d(gradient * (rectified.maps() > 0), weight)
    return all(
        bool((one - other).norm() < _ALLOWED_ERROR * other.norm())
        for one, other in zip(found, (forward, back, back), strict=True)
    )
