"""How the preview's picture is drawn: patches over a chequered ground, a veil, the line."""

from collections.abc import Sequence

from gi.repository import GdkPixbuf

from impasto_wire.request import Window

from .colours import BLACK, WHITE
from .patches import Patch
from .view import View

_DARK, _LIGHT, _CHECK = 0x666666, 0x999999, 8


def draw_line(shown: GdkPixbuf.Pixbuf, line: int, thick: int) -> None:
    """A white line between two black ones, which is seen on any picture."""
    width, height = shown.get_width(), shown.get_height()
    for first, last, colour in ((line - thick, line + 2 * thick, BLACK), (line, line + thick, WHITE)):
        first, last = max(0, first), min(width, last)
        if first < last:
            shown.new_subpixbuf(first, 0, last - first, height).fill(colour)


def cover(shown: GdkPixbuf.Pixbuf, veil: GdkPixbuf.Pixbuf, whole: Window, view: View) -> None:
    """Lay a picture with alpha over all of the layer."""
    left, top = view.origin
    right, bottom = left + whole.width * view.zoom, top + whole.height * view.zoom
    first = max(0, round(left)), max(0, round(top))
    last = min(shown.get_width(), round(right)), min(shown.get_height(), round(bottom))
    if first[0] < last[0] and first[1] < last[1]:
        scale = whole.width * view.zoom / veil.get_width(), whole.height * view.zoom / veil.get_height()
        place = *first, last[0] - first[0], last[1] - first[1]
        veil.composite(shown, *place, left, top, *scale, GdkPixbuf.InterpType.BILINEAR, 255)


def composite(shown: GdkPixbuf.Pixbuf, patches: Sequence[Patch], view: View, first: int, last: int) -> None:
    """Draw the patches into the columns from `first` to `last`; transparent parts are chequered."""
    x, y = view.origin
    for picture, part in ((patch.picture, patch.part) for patch in patches):
        left, top = x + part.left * view.zoom, y + part.top * view.zoom
        wide, high = part.width * view.zoom / picture.get_width(), part.height * view.zoom / picture.get_height()
        columns = max(first, round(left)), min(last, round(left + part.width * view.zoom))
        rows = max(0, round(top)), min(shown.get_height(), round(top + part.height * view.zoom))
        if columns[0] >= columns[1] or rows[0] >= rows[1]:
            continue
        place = columns[0], rows[0], columns[1] - columns[0], rows[1] - rows[0]
        smooth = GdkPixbuf.InterpType.NEAREST if wide in (1.0, *range(2, 9)) else GdkPixbuf.InterpType.BILINEAR
        picture.composite_color(shown, *place, left, top, wide, high, smooth, 255, 0, 0, _CHECK, _DARK, _LIGHT)


def put_in_place(patch: Patch, shown: GdkPixbuf.Pixbuf, share: tuple[float, float]) -> None:
    """Copy a patch to its place in a picture of the whole layer, whose sides are those shares of the layer's."""
    picture, part = patch.picture, patch.part
    left, top = part.left * share[0], part.top * share[1]
    right = min(shown.get_width(), round(left + part.width * share[0]))
    bottom = min(shown.get_height(), round(top + part.height * share[1]))
    place = round(left), round(top), right - round(left), bottom - round(top)
    scale = part.width * share[0] / picture.get_width(), part.height * share[1] / picture.get_height()
    if min(place[2:]) > 0:
        picture.scale(shown, *place, left, top, *scale, GdkPixbuf.InterpType.BILINEAR)


def draw_frame(part: GdkPixbuf.Pixbuf, thick: int, colour: int) -> None:
    """Fill the border of a picture, so many pixels of it."""
    width, height = part.get_width(), part.get_height()
    across, down = min(thick, width), min(thick, height)
    for left, top, wide, high in (
        (0, 0, width, down),
        (0, height - down, width, down),
        (0, 0, across, height),
        (width - across, 0, across, height),
    ):
        part.new_subpixbuf(left, top, wide, high).fill(colour)
