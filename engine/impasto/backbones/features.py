"""What every backbone is: a frozen network that returns the feature maps of some layers, and runs no further."""

from abc import abstractmethod
from collections.abc import Collection, Iterator

import torch
from torch import Tensor, device, nn

from impasto.int8 import QuantisedConvolution
from impasto.limited import ordered

from .padding import Padding
from .pooling import Pooling
from .weights import Weights


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
        self._quantised: dict[str, QuantisedConvolution] = {}

    @property
    def device(self) -> device:
        """Where it runs."""
        return self.gain.device

    @abstractmethod
    def walk(self, maps: Tensor, pooling: Pooling, padding: Padding) -> Iterator[tuple[str, Tensor]]:
        """Each layer with its feature map, one after the other; nothing is run before it is asked for."""

    def walk_in_int8(
        self, maps: Tensor, wanted: Collection[str], pooling: Pooling, padding: Padding
    ) -> Iterator[tuple[str, Tensor]]:
        """The layers that are wanted, in 8-bit integers where the network can be computed in them."""
        return self.walk(maps, pooling, padding)

    def forward(
        self,
        picture: Tensor,
        layers: Collection[str],
        pooling: Pooling = "max",
        padding: Padding = "replicate",
        dtype: torch.dtype = torch.float32,
    ) -> dict[str, Tensor]:
        """``(N, 3, H, W)`` in 0..1 -> ``{"relu4_2": (N, C, H / 8, W / 8), ...}``, computed in `dtype`. In int8,
        these maps are float32, and N is 1.

        Nothing deeper than the deepest of these layers is run. Raises `ValueError` for a layer that it doesn't have.
        """
        wanted, found = set(layers), {}
        normalised = ordered(picture * self.gain - self.offset)
        if dtype is torch.int8:
            walk = self.walk_in_int8(normalised, wanted, pooling, padding)
        else:
            walk = self.walk(normalised.to(dtype), pooling, padding)
        for name, maps in walk:
            if name in wanted:
                found[name] = maps
                if len(found) == len(wanted):
                    return found
        raise ValueError(f"this network has no layers {sorted(wanted - set(found))}")

    def parameter_of(self, name: str, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
        """Weight and bias of a convolution. Weights have the maps' memory order, or each gradient would be copied."""
        return self._in(dtype, f"{name}_weight"), self._in(dtype, f"{name}_bias")

    def quantised(self, name: str) -> QuantisedConvolution:
        """A 3x3 convolution in 8-bit integers."""
        if name not in self._quantised:
            self._quantised[name] = QuantisedConvolution.of(*self.parameter_of(name))
        return self._quantised[name]

    def cast(self, dtype: torch.dtype) -> None:
        """Have every weight in that precision ready. If it were cast during a painting, a small weight could take, and
        keep, a large piece of a GPU's memory."""
        if dtype is torch.int8:
            return  # that takes longer, and isn't needed where there is no GPU
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
