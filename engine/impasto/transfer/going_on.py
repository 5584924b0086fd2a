"""Where a painting begins that goes on from an earlier one: at which scale, and in what picture."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from .areas import Area, Size
from .pyramid import resize
from .recipes import Recipe

_ENLARGED = 1.25


@dataclass(frozen=True)
class GoingOn:
    """A painting of the whole layer, perhaps by other settings, from which another one goes on.

    One of the layer's own size is only changed: the finest scales take a few steps from it. A smaller one stands for
    the scales that it is large enough for, and the finer ones are painted as always.
    """

    earlier: Tensor
    """``(1, 3, H, W)`` in 0..1."""

    def plan(self, sizes: Sequence[Size], steps: Sequence[int], recipe: Recipe) -> tuple[list[Size], list[int]]:
        """Sizes and steps of the scales that are left to paint, of those of a whole painting, coarse to fine.

        A scale without steps is finished: its picture is the earlier one.
        """
        reached = max((index for index, size in enumerate(sizes) if self.is_large_enough(size)), default=None)
        if reached is None or not recipe.going_on:
            return list(sizes), list(steps)
        if reached < len(sizes) - 1:
            return list(sizes[reached:]), [0, *steps[reached + 1 :]]
        few = recipe.going_on[-len(sizes) :]
        return list(sizes[-len(few) :]), list(few)

    def is_large_enough(self, size: Size) -> bool:
        """Has it about as many pixels as a scale of that size? Enlarged by a quarter, strokes are still strokes."""
        height, width = self.earlier.shape[-2:]
        return _ENLARGED * width >= size[0] and _ENLARGED * height >= size[1]

    def at(self, size: Size, area: Area) -> Tensor:
        """An area of it, where the whole has that size."""
        return area.cut(resize(self.earlier, *size))
