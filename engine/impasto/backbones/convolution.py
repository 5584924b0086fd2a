"""A convolution whose weights are frozen, padded and rectified, in one piece."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from .padding import Padding, pad, unpadded


def rectified_convolution(maps: Tensor, weight: Tensor, bias: Tensor, padding: Padding) -> Tensor:
    """``(N, C, H, W)`` -> ``(N, D, H, W)``: padded by one, convolved 3x3 and rectified."""
    rectified: Tensor = _RectifiedConvolution.apply(maps, weight, bias, padding)
    return rectified


class _RectifiedConvolution(torch.autograd.Function):
    """Keeps only its result for the gradient: nothing that the weights' gradients would need is kept or computed.

    Autograd would keep the padded map as well, and copy it again for the gradients of slices and padding: an evaluation
    would take a quarter longer.
    """

    @staticmethod
    def forward(ctx: Any, maps: Tensor, weight: Tensor, bias: Tensor, padding: Padding) -> Tensor:
        rectified = F.conv2d(pad(maps, padding), weight, bias).relu_()
        ctx.save_for_backward(weight, rectified)
        ctx.padding = padding
        return rectified

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        weight, rectified = ctx.saved_tensors
        gradient = torch.ops.aten.threshold_backward(gradients[0], rectified, 0)
        # The gradient of a convolution by its input. `convolution_backward` needs the input, which isn't kept; given a
        # stand-in, it would take the stand-in's memory order for the maps' on a GPU, and reorder everything.
        return unpadded(F.conv_transpose2d(gradient, weight), ctx.padding), None, None, None
