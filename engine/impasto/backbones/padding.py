"""Feature maps with one more cell on each side."""

from typing import Literal

import torch.nn.functional as F
from torch import Tensor

from impasto.limited import is_limited

Padding = Literal["replicate", "zeros"]
"""`zeros` is what the networks were trained with, and drops incomplete pooling windows; it leaves a frame of lines
along the picture's borders. `replicate` repeats the border, and keeps incomplete windows."""


def pad(maps: Tensor, padding: Padding) -> Tensor:
    """The maps with one more cell on each side."""
    if padding == "zeros":
        return F.pad(maps, (1, 1, 1, 1))
    is_simple = maps.device.type == "cpu" or is_limited(maps.device)
    return F.pad(maps, (1, 1, 1, 1), mode="replicate") if is_simple else replicated(maps)


def replicated(maps: Tensor) -> Tensor:
    """The maps with their border repeated, in channels last. On a GPU, torch's own replication changes that order and
    takes seven times as long, and the convolution must change it back."""
    count, channels, height, width = maps.shape
    padded = maps.new_empty(count, height + 2, width + 2, channels).permute(0, 3, 1, 2)
    padded[..., 1:-1, 1:-1] = maps
    padded[..., 1:-1, 0], padded[..., 1:-1, -1] = maps[..., 0], maps[..., -1]
    padded[..., 0, :], padded[..., -1, :] = padded[..., 1, :], padded[..., -2, :]
    return padded


def unpadded(gradient: Tensor, padding: Padding) -> Tensor:
    """The gradient of maps from that of the padded maps: that of a repeated border is added to what it repeats."""
    if padding == "replicate":
        gradient[..., 1, :] += gradient[..., 0, :]
        gradient[..., -2, :] += gradient[..., -1, :]
        gradient[..., :, 1] += gradient[..., :, 0]
        gradient[..., :, -2] += gradient[..., :, -1]
    return gradient[..., 1:-1, 1:-1]
