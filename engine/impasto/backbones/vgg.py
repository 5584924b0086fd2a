"""VGG as a frozen feature extractor (Simonyan and Zisserman 2014), run only as deep as asked."""

from collections.abc import Collection, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .weights import rgb_means

VGG19_BLOCKS = (2, 2, 4, 4, 4)
"""Convolutions in each block; a max pooling by 2 lies between blocks."""


class Backbone(nn.Module):
    """A frozen VGG: an RGB picture in 0..1 -> the rectified feature maps of the layers asked for."""

    means: Tensor

    def __init__(self, blocks: tuple[int, ...], weights: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.blocks = blocks
        self.register_buffer("means", rgb_means().view(1, 3, 1, 1))
        for name, tensor in weights.items():
            self.register_buffer(name.replace(".", "_"), tensor)

    def forward(self, picture: Tensor, layers: Collection[str]) -> dict[str, Tensor]:
        """``(N, 3, H, W)`` in 0..1 -> ``{"relu4_2": (N, C, H / 8, W / 8), ...}``; nothing past the deepest is run.

        Convolutions pad by replication: zeros leave a frame of lines along the picture's borders.
        """
        wanted, found = set(layers), {}
        maps = picture * 255 - self.means
        for block, convolutions in enumerate(self.blocks, start=1):
            if block > 1:
                maps = F.max_pool2d(maps, 2, ceil_mode=True)
            padded = _pad(maps)
            for index in range(1, convolutions + 1):
                padded = self._convolve(padded, f"conv{block}_{index}")
                maps = padded[..., 1:-1, 1:-1]
                name = f"relu{block}_{index}"
                if name in wanted:
                    found[name] = maps
                    if len(found) == len(wanted):
                        return found
        raise ValueError(f"this network has no layers {sorted(wanted - set(found))}")

    def _convolve(self, padded: Tensor, name: str) -> Tensor:
        """Convolve and rectify a padded map; the result is padded again.

        Padding before rectifying, in place, leaves one map to be kept for the gradient instead of two.
        """
        weight: Tensor = getattr(self, f"{name}_weight")
        bias: Tensor = getattr(self, f"{name}_bias")
        return F.relu_(_pad(F.conv2d(padded, weight, bias)))


def _pad(maps: Tensor) -> Tensor:
    return F.pad(maps, (1, 1, 1, 1), mode="replicate")


def build_vgg(blocks: tuple[int, ...], weights: Mapping[str, Tensor]) -> Backbone:
    """A frozen VGG of these blocks with these weights, in evaluation mode."""
    network = Backbone(blocks, weights).eval().requires_grad_(False)
    return network.to(memory_format=torch.channels_last)
