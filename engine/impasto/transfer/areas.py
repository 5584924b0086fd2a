"""A part of a painting, as it is in a painting of the whole layer.

Coarse scales are painted whole, because the part's statistics depend on what lies around it. Of a finer scale only the
part is painted, with a margin around it, which is larger the coarser the scale.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from impasto.request import PaintRequest, Picture

Size = tuple[int, int]
"""Width and height."""

WHOLE = 640
"""A scale whose long side is at most so many pixels is painted whole."""
CONTEXT = 640
"""At a larger scale, what is painted has sides of at least so many pixels, where the picture has them."""
MARGIN = 48
"""At least so many pixels around the part are painted with it."""


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

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    def at(self, size: Size, other: Size) -> "Area":
        """The same part of a picture of that `size` where it has the `other` size; at least one pixel."""
        left, right = _scaled(self.left, self.right, size[0], other[0])
        top, bottom = _scaled(self.top, self.bottom, size[1], other[1])
        return Area(left, top, right, bottom)

    def within(self, outer: "Area") -> "Area":
        """The same area, counted from the corner of an outer area that contains it."""
        return Area(self.left - outer.left, self.top - outer.top, self.right - outer.left, self.bottom - outer.top)

    def joined(self, other: "Area") -> "Area":
        """The smallest area that contains both."""
        left, top = min(self.left, other.left), min(self.top, other.top)
        return Area(left, top, max(self.right, other.right), max(self.bottom, other.bottom))

    def cut(self, picture: Tensor) -> Tensor:
        """The area's part of ``(1, C, H, W)``."""
        return picture[..., self.top : self.bottom, self.left : self.right]

    def pixels_of(self, picture: Picture) -> Picture:
        """The area's part of ``(H, W, C)``."""
        return picture[self.top : self.bottom, self.left : self.right]


def part_asked_for(request: PaintRequest) -> Area:
    """The request's window, or all of its layer."""
    height, width = request.layer.shape[:2]
    window = request.window
    if window is None:
        return Area(0, 0, width, height)
    return Area(window.left, window.top, window.left + window.width, window.top + window.height)


def painted_areas(part: Area, sizes: Sequence[Size], layer: Size) -> list[Area]:
    """What must be painted at each scale, coarse to fine, for that part of a layer of that size."""
    areas: list[Area] = []
    finer: tuple[Area, Size] | None = None
    for size in reversed(sizes):
        needed = part.at(layer, size)
        if finer is not None:
            needed = needed.joined(finer[0].at(finer[1], size))
        area = Area.whole(size) if max(size) <= WHOLE else _grown(needed, size)
        areas.insert(0, area)
        finer = area, size
    return areas


def _scaled(first: int, last: int, size: int, other: int) -> tuple[int, int]:
    low = min(round(first * other / size), other - 1)
    return low, max(low + 1, min(round(last * other / size), other))


def _grown(area: Area, size: Size) -> Area:
    """The area with its margin, within a picture of that size."""
    left, right = _grown_edges(area.left, area.right, size[0])
    top, bottom = _grown_edges(area.top, area.bottom, size[1])
    return Area(left, top, right, bottom)


def _grown_edges(first: int, last: int, size: int) -> tuple[int, int]:
    """Edges with their margin, no less than `CONTEXT` apart, on even pixels, so that half of it is whole pixels too."""
    more = max(MARGIN, (CONTEXT - (last - first)) // 2)
    low, high = first - more, last + more
    low, high = (low - max(0, high - size), high + max(0, -low)) if high - low < size else (0, size)
    return max(0, low) // 2 * 2, size if high >= size - 1 else min(size, (high + 1) // 2 * 2)
