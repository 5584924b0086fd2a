"""What every backbone is: a frozen network that returns the feature maps of some layers, and runs no further."""

from abc import abstractmethod
from collections.abc import Collection, Iterator
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, device, nn

from impasto.limited import is_limited, ordered

from .pooling import Pooling
from .weights import Weights

Padding = Literal["replicate", "zeros"]
"""`zeros` is what the networks were trained with, and drops incomplete pooling windows; it leaves a frame of lines
along the picture's borders. `replicate` repeats the border, and keeps incomplete windows."""


class Backbone(nn.Module):
    """A frozen network: an RGB picture in 0..1 -> the rectified feature maps of the layers asked for."""

    name: str
    cells: dict[str, int]
    """Every layer, and the side of the square of pixels that one cell of its map stands for."""
    gain: Tensor
    offset: Tensor

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.register_buffer("gain", weights.gain.view(1, 3, 1, 1))
        self.register_buffer("offset", weights.offset.view(1, 3, 1, 1))
        for name, tensor in weights.tensors.items():
            self.register_buffer(name.replace(".", "_"), tensor)
        self._cast: dict[tuple[str, torch.dtype, device], Tensor] = {}

    @property
    def device(self) -> device:
        """Where it runs."""
        return self.gain.device

    @abstractmethod
    def walk(self, maps: Tensor, pooling: Pooling, padding: Padding) -> Iterator[tuple[str, Tensor]]:
        """Each layer with its feature map, one after the other; nothing is run before it is asked for."""

    def forward(
        self,
        picture: Tensor,
        layers: Collection[str],
        pooling: Pooling = "max",
        padding: Padding = "replicate",
        dtype: torch.dtype = torch.float32,
    ) -> dict[str, Tensor]:
        """``(N, 3, H, W)`` in 0..1 -> ``{"relu4_2": (N, C, H / 8, W / 8), ...}``, computed in `dtype`.

        Nothing deeper than the deepest of these layers is run. Raises `ValueError` for a layer that it doesn't have.
        """
        wanted, found = set(layers), {}
        normalised = ordered(picture * self.gain - self.offset).to(dtype)
        for name, maps in self.walk(normalised, pooling, padding):
            if name in wanted:
                found[name] = maps
                if len(found) == len(wanted):
                    return found
        raise ValueError(f"this network has no layers {sorted(wanted - set(found))}")

    def parameter_of(self, name: str, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
        """Weight and bias of a convolution. Weights have the maps' memory order, or each gradient would be copied."""
        return self._in(dtype, f"{name}_weight"), self._in(dtype, f"{name}_bias")

    def cast(self, dtype: torch.dtype) -> None:
        """Have every weight in that precision ready. If it were cast during a painting, a small weight could take, and
        keep, a large piece of a GPU's memory."""
        for name, _ in self.named_buffers():
            self._in(dtype, name)

    def _in(self, dtype: torch.dtype, name: str) -> Tensor:
        tensor: Tensor = getattr(self, name)
        if tensor.dtype is dtype:
            return tensor
        key = (name, dtype, tensor.device)
        if key not in self._cast:
            self._cast[key] = tensor.to(dtype)
        return self._cast[key]


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
