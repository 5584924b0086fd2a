"""Part of a painting as painting the whole would make it: coarse scales are painted whole, finer ones as far as needed.

What lies around the part counts in the whole's statistics; of it a margin is painted too, larger the coarser the scale.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from impasto_wire.request import Window

Size = tuple[int, int]
"""Width and height."""

WHOLE = 640
"""Long side of a scale up to which it is painted whole."""
CONTEXT = 640
"""Least side of what is painted at a larger scale, where there is so much."""
MARGIN = 48
"""Pixels around the part that are painted with it, at least."""


@dataclass(frozen=True)
class Area:
    """A rectangle of a picture, edges in pixels."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def whole(cls, size: Size) -> "Area":
        """All of a picture of that size."""
        return cls(0, 0, *size)

    @classmethod
    def of(cls, window: Window) -> "Area":
        """A window of the wire."""
        return cls(window.left, window.top, window.left + window.width, window.top + window.height)

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    def at(self, size: Size, other: Size) -> "Area":
        """The same part of the picture at another size; at least a pixel."""
        left, right = _scaled(self.left, self.right, size[0], other[0])
        top, bottom = _scaled(self.top, self.bottom, size[1], other[1])
        return Area(left, top, right, bottom)

    def within(self, outer: "Area") -> "Area":
        """The same, counted from the corner of an area that holds it."""
        return Area(self.left - outer.left, self.top - outer.top, self.right - outer.left, self.bottom - outer.top)

    def cut(self, picture: Tensor) -> Tensor:
        """The area's part of ``(1, C, H, W)``."""
        return picture[..., self.top : self.bottom, self.left : self.right]


def painted_areas(part: Area | None, sizes: Sequence[Size], layer: Size) -> list[Area]:
    """What is painted at each scale, coarse to fine, for that part of the layer; None: all of it."""
    areas: list[Area] = []
    for size in reversed(sizes):
        if part is None or max(size) <= WHOLE:
            areas.insert(0, Area.whole(size))
            continue
        needed = part.at(layer, size)
        if areas:
            finer = areas[0].at(sizes[-len(areas)], size)
            needed = Area(
                min(needed.left, finer.left),
                min(needed.top, finer.top),
                max(needed.right, finer.right),
                max(needed.bottom, finer.bottom),
            )
        left, right = _grown(needed.left, needed.right, size[0])
        top, bottom = _grown(needed.top, needed.bottom, size[1])
        areas.insert(0, Area(left, top, right, bottom))
    return areas


def _scaled(first: int, last: int, size: int, other: int) -> tuple[int, int]:
    low = min(round(first * other / size), other - 1)
    return low, max(low + 1, min(round(last * other / size), other))


def _grown(first: int, last: int, size: int) -> tuple[int, int]:
    """With its margin, no shorter than `CONTEXT`, and on even pixels, so that half of it is whole pixels too."""
    more = max(MARGIN, (CONTEXT - (last - first)) // 2)
    low, high = first - more, last + more
    low, high = (low - max(0, high - size), high + max(0, -low)) if high - low < size else (0, size)
    return max(0, low) // 2 * 2, size if high >= size - 1 else min(size, (high + 1) // 2 * 2)
