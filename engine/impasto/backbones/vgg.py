"""VGG (Simonyan and Zisserman 2014)."""

from collections.abc import Collection, Iterator

from torch import Tensor

from .convolution import rectified_convolution
from .features import Backbone
from .in_int8 import Stage, walk_in_int8
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

    def walk(self, maps: Tensor, pooling: Pooling, padding: Padding) -> Iterator[tuple[str, Tensor]]:
        """Each rectified convolution, block by block."""
        for block, convolutions in enumerate(self.blocks, start=1):
            if block > 1:
                maps = pool(maps, 2, pooling, keeps_rest=padding == "replicate")
            for index in range(1, convolutions + 1):
                maps = rectified_convolution(maps, *self.parameter_of(f"conv{block}_{index}", maps.dtype), padding)
                yield f"relu{block}_{index}", maps

    def walk_in_int8(
        self, maps: Tensor, wanted: Collection[str], pooling: Pooling, padding: Padding
    ) -> Iterator[tuple[str, Tensor]]:
        """The layers that are wanted; the first one is small, sees colours below 0, and stays in float32."""
        first, *others = self.cells
        maps = rectified_convolution(maps, *self.parameter_of("conv1_1"), padding)
        if first in wanted:
            yield first, maps
        names = [name for name in others if name in wanted]
        stages: list[Stage] = []
        for name in others[: others.index(names[-1]) + 1] if names else []:
            if name.endswith("_1"):
                stages.append(Stage(None, pooling))
            stages.append(Stage(self.quantised(name.replace("relu", "conv")), pooling, name in wanted))
        if stages:
            yield from zip(names, walk_in_int8(maps, stages, padding == "replicate"), strict=True)


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
