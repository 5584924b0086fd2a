"""A convolution whose weights are frozen, padded and rectified, in one piece."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.int8 import QuantisedConvolution

from .padding import Padding, pad


def rectified_convolution(
    maps: Tensor, weight: Tensor, bias: Tensor, padding: Padding, in_int8: QuantisedConvolution | None = None
) -> Tensor:
    """``(N, C, H, W)`` -> ``(N, D, H, W)``: padded by one, convolved 3x3 and rectified; in 8-bit integers if there are
    weights for that."""
    rectified: Tensor = _RectifiedConvolution.apply(maps, weight, bias, padding, in_int8)
    return rectified


class _RectifiedConvolution(torch.autograd.Function):
    """Keeps only its result for the gradient: nothing that the weights' gradients would need is kept or computed.

    Autograd would keep the padded map as well, and copy it again for the gradients of slices and padding: an evaluation
    would take a quarter longer.
    """

    @staticmethod
    def forward(
        ctx: Any, maps: Tensor, weight: Tensor, bias: Tensor, padding: Padding, in_int8: QuantisedConvolution | None
    ) -> Tensor:
        if in_int8 is None:
            rectified = F.conv2d(pad(maps, padding), weight, bias).relu_()
        else:
            rectified = in_int8.rectified(maps, replicates=padding == "replicate")
        ctx.save_for_backward(weight, rectified)
        ctx.padding, ctx.in_int8 = padding, in_int8
        return rectified

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None, None]:
        weight, rectified = ctx.saved_tensors
        gradient = torch.ops.aten.threshold_backward(gradients[0], rectified, 0)
        if ctx.in_int8 is not None:
            return _unpad(ctx.in_int8.carried_back(gradient), ctx.padding), None, None, None, None
        # The gradient of a convolution by its input. `convolution_backward` needs the input, which isn't kept; given a
        # stand-in, it would take the stand-in's memory order for the maps' on a GPU, and reorder everything.
        padded = F.conv_transpose2d(gradient, weight)
        return _unpad(padded, ctx.padding), None, None, None, None


def _unpad(gradient: Tensor, padding: Padding) -> Tensor:
    """The gradient of maps from that of the padded maps: the gradient of a repeated border is added to the border."""
    if padding == "replicate":
        gradient[..., 1, :] += gradient[..., 0, :]
        gradient[..., -2, :] += gradient[..., -1, :]
        gradient[..., :, 1] += gradient[..., :, 0]
        gradient[..., :, -2] += gradient[..., :, -1]
    return gradient[..., 1:-1, 1:-1]
