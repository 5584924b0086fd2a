"""SqueezeNet 1.0 (Iandola et al. 2016), as torchvision builds it, as far as its eighth named layer."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from .features import Backbone
from .padding import Padding, pad
from .pooling import Pooling, pool
from .weights import Shapes

_FIRES = {3: (96, 16, 64), 4: (128, 16, 64), 5: (128, 32, 128), 7: (256, 32, 128), 8: (256, 48, 192), 9: (384, 48, 192)}
"""Place in torchvision's `features` -> channels: of the input, of the squeezed maps, of each of the two expansions."""
_POOLS = (2, 6)
_NAMES = {
    0: "conv1_1",
    3: "conv2_1",
    4: "conv3_1",
    5: "conv4_1",
    6: "conv5_1",
    7: "conv6_1",
    8: "conv7_1",
    9: "conv8_1",
}


class SqueezeNet(Backbone):
    """SqueezeNet 1.0. Layers `conv1_1` to `conv8_1`; `conv5_1` is a pooling, the others are rectified convolutions."""

    name = "squeezenet"
    cells = {name: 2 if place == 0 else 4 if place < 6 else 8 for place, name in _NAMES.items()}  # noqa: RUF012

    def walk(self, maps: Tensor, pooling: Pooling, padding: Padding) -> Iterator[tuple[str, Tensor]]:
        """Each named layer. The first one is rectified, too: torchvision's rectifier works in place, so that a recorded
        output of the convolution is rectified."""
        for place in range(max(_NAMES) + 1):
            if place == 0:
                maps = F.relu_(F.conv2d(maps, *self.parameter_of("features_0", maps.dtype), stride=2))
            elif place in _POOLS:
                maps = pool(maps, 3, pooling, keeps_rest=True)
            elif place in _FIRES:
                maps = self._fire(maps, f"features_{place}", padding)
            if place in _NAMES:
                yield _NAMES[place], maps

    def _fire(self, maps: Tensor, name: str, padding: Padding) -> Tensor:
        squeezed = F.relu_(F.conv2d(maps, *self.parameter_of(f"{name}_squeeze", maps.dtype)))
        narrow = F.conv2d(squeezed, *self.parameter_of(f"{name}_expand1x1", maps.dtype))
        wide = F.conv2d(pad(squeezed, padding), *self.parameter_of(f"{name}_expand3x3", maps.dtype))
        return F.relu_(torch.cat([narrow, wide], dim=1))


def squeezenet_convolutions() -> Shapes:
    """The network's convolutions under torchvision's names, which are ours too, with their weights' shapes."""
    found: Shapes = [("features.0", "features.0", (96, 3, 7, 7))]
    for place, (inputs, squeezed, expanded) in _FIRES.items():
        shapes = {
            "squeeze": (squeezed, inputs, 1, 1),
            "expand1x1": (expanded, squeezed, 1, 1),
            "expand3x3": (expanded, squeezed, 3, 3),
        }
        found += [(f"features.{place}.{part}",) * 2 + (shape,) for part, shape in shapes.items()]
    return found
