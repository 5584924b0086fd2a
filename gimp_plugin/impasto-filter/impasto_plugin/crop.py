"""The part of a style picture that is used: a rectangle in shares of the picture's sides, and how it is dragged."""

from dataclasses import astuple, dataclass, replace

from impasto_wire.errors import PictureError
from impasto_wire.pictures import Pixels

from .texts import _

EDGES = {"crop-left": 0.0, "crop-top": 0.0, "crop-right": 1.0, "crop-bottom": 1.0}
"""The procedure's arguments, in the order of the fields of `Crop`, with their values for a whole picture."""
SMALLEST = 0.05
"""A crop's smallest share of a side, so that the mouse can take hold of it again."""

Place = tuple[float, float]
Grip = tuple[str, str]
"""What the mouse holds: ``left`` or ``right``, and ``top`` or ``bottom``; each may be empty, both are for all of it."""
NEW: Grip = ("right", "bottom")
"""What the mouse holds when it begins a new rectangle."""
_OPPOSITE = {"left": "right", "right": "left", "top": "bottom", "bottom": "top", "": ""}


@dataclass(frozen=True)
class Crop:
    """A rectangle within a picture: 0 is its left or upper border, 1 its right or lower one."""

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0

    @property
    def is_whole(self) -> bool:
        """Is it all of the picture?"""
        return self == Crop()

    def values(self) -> dict[str, float]:
        """As the procedure's arguments."""
        return dict(zip(EDGES, astuple(self), strict=True))

    def moved(self, across: float, down: float) -> "Crop":
        """The same rectangle at another place, within the picture's borders."""
        width, height = self.right - self.left, self.bottom - self.top
        left, top = min(max(self.left + across, 0.0), 1 - width), min(max(self.top + down, 0.0), 1 - height)
        return Crop(left, top, min(left + width, 1.0), min(top + height, 1.0))

    def box(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Left, top, width and height in a picture of that size: whole pixels, at least one. Raises `PictureError`."""
        if not (0 <= self.left < self.right <= 1 and 0 <= self.top < self.bottom <= 1):
            raise PictureError(
                _(
                    "the crop of the style picture goes from {left:g}, {top:g} to {right:g}, {bottom:g}; "
                    "its edges must lie in 0..1, left before right and top before bottom"
                ).format(left=self.left, top=self.top, right=self.right, bottom=self.bottom)
            )
        left, top = min(round(self.left * width), width - 1), min(round(self.top * height), height - 1)
        right, bottom = round(self.right * width), round(self.bottom * height)
        return left, top, max(1, right - left), max(1, bottom - top)

    def cut(self, picture: Pixels) -> Pixels:
        """That part of a picture. Raises `PictureError`."""
        left, top, width, height = self.box(picture.width, picture.height)
        if (width, height) == (picture.width, picture.height):
            return picture
        pixel = len(picture.data) // (picture.width * picture.height)
        row, data = picture.width * pixel, memoryview(picture.data)
        starts = range(top * row + left * pixel, (top + height) * row, row)
        rows = (data[start : start + width * pixel] for start in starts)
        return Pixels(width, height, picture.channels, picture.samples, b"".join(rows))


def middle_square(width: int, height: int) -> Crop:
    """The largest square in the middle of a picture of that size."""
    across, down = (min(width, height) / side / 2 for side in (width, height))
    return Crop(0.5 - across, 0.5 - down, 0.5 + across, 0.5 + down)


def grip_at(crop: Crop, place: Place, reach: Place) -> Grip | None:
    """What the mouse holds when it is pressed there, edges within `reach`; None if a new rectangle begins."""
    if crop.is_whole:  # its edges can't be seen
        return None
    side = _near(place[0], {"left": crop.left, "right": crop.right}, reach[0])
    end = _near(place[1], {"top": crop.top, "bottom": crop.bottom}, reach[1])
    is_across = crop.left - reach[0] <= place[0] <= crop.right + reach[0]
    is_down = crop.top - reach[1] <= place[1] <= crop.bottom + reach[1]
    return (side, end) if is_across and is_down else None


def stretched(crop: Crop, grip: Grip, place: Place) -> tuple[Crop, Grip]:
    """The crop with the held edges moved there, and what is held then: an edge may pass the opposite edge."""
    moved = replace(crop, **{edge: share for edge, share in zip(grip, place, strict=True) if edge})
    side, end = grip
    if moved.left > moved.right:
        moved, side = replace(moved, left=moved.right, right=moved.left), _OPPOSITE[side]
    if moved.top > moved.bottom:
        moved, end = replace(moved, top=moved.bottom, bottom=moved.top), _OPPOSITE[end]
    return moved, (side, end)


def sizable(crop: Crop) -> Crop:
    """The crop when the mouse is released: large enough to be held again; the whole picture after a click."""
    if crop.left == crop.right or crop.top == crop.bottom:
        return Crop()
    left, top = min(crop.left, 1 - SMALLEST), min(crop.top, 1 - SMALLEST)
    return Crop(left, top, max(crop.right, left + SMALLEST), max(crop.bottom, top + SMALLEST))


def _near(place: float, edges: dict[str, float], reach: float) -> str:
    """The nearer edge, if it lies within reach; empty if not."""
    distance, name = min((abs(place - edge), name) for name, edge in edges.items())
    return name if distance <= reach else ""
