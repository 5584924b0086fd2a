"""VGG (Simonyan and Zisserman 2014)."""

from collections.abc import Iterator

from torch import Tensor

from .convolution import rectified_convolution
from .features import Backbone
from .padding import Padding
from .pooling import Pooling, pool
from .weights import Shapes, Weights

VGG19_BLOCKS = (2, 2, 4, 4, 4)
VGG16_BLOCKS = (2, 2, 3, 3, 3)
"""Convolutions in each block; a pooling by 2 lies between blocks."""

_CHANNELS = (64, 128, 256, 512, 512)


class Vgg(Backbone):
    """A VGG of these blocks. Layer `relu3_2` is the rectified second convolution of block 3."""

    def __init__(self, name: str, blocks: tuple[int, ...], weights: Weights) -> None:
        super().__init__(weights)
        self.name, self.blocks = name, blocks
        self.cells = {
            f"relu{block}_{index}": 2 ** (block - 1)
            for block, convolutions in enumerate(blocks, start=1)
            for index in range(1, convolutions + 1)
        }

    def walk(
        self, maps: Tensor, pooling: Pooling, padding: Padding, in_int8: bool = False
    ) -> Iterator[tuple[str, Tensor]]:
        """Each rectified convolution, block by block; the first is small, and sees colours below 0."""
        for block, convolutions in enumerate(self.blocks, start=1):
            if block > 1:
                maps = pool(maps, 2, pooling, keeps_rest=padding == "replicate")
            for index in range(1, convolutions + 1):
                name = f"conv{block}_{index}"
                quantised = self.quantised(name) if in_int8 and name != "conv1_1" else None
                maps = rectified_convolution(maps, *self.parameter_of(name, maps.dtype), padding, quantised)
                yield f"relu{block}_{index}", maps


def vgg_convolutions(blocks: tuple[int, ...]) -> Shapes:
    """The network's convolutions in order: ``("conv1_1", "features.0", (64, 3, 3, 3)), ...``, as torchvision counts."""
    found: Shapes = []
    number, inputs = 0, 3
    for block, (convolutions, channels) in enumerate(zip(blocks, _CHANNELS, strict=True), start=1):
        for index in range(1, convolutions + 1):
            found.append((f"conv{block}_{index}", f"features.{number}", (channels, inputs, 3, 3)))
            number, inputs = number + 2, channels
        number += 1
    return found
