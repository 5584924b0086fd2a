"""The mark that shows where the brush is: a ring as large as the brush, and a sign for what it does."""

from gi.repository import GdkPixbuf

from impasto_wire.pictures import Pixels

from .colours import BLACK, WHITE
from .window import pixbuf_of

Span = tuple[int, int]
_ARM = 5
"""How long an arm of the sign is, in Gtk's pixels."""


def ring(side: int) -> GdkPixbuf.Pixbuf:
    """A white ring within a black one, on nothing: a pointer."""
    data = bytes(4 * side * side)
    picture = pixbuf_of(Pixels(side, side, 4, "u8", data)).copy()
    draw_ring(picture, (side / 2, side / 2), side / 2, 1)
    return picture


def draw_ring(shown: GdkPixbuf.Pixbuf, middle: tuple[float, float], radius: float, thick: int) -> None:
    """A white ring within a black one, no larger than that, where it lies on the picture."""
    for outer, colour in ((radius, BLACK), (radius - thick, WHITE)):
        inner = outer - thick
        for row in range(max(0, int(middle[1] - outer)), min(shown.get_height(), int(middle[1] + outer) + 1)):
            away = abs(row + 0.5 - middle[1])
            if away < outer:
                for first, last in _spans(middle[0], _half(outer, away), _half(inner, away)):
                    _fill_part(shown, (first, last), (row, row + 1), colour)


def _half(radius: float, away: float) -> float:
    """Half of a circle's width at a distance from its middle."""
    return max(0.0, radius**2 - away**2) ** 0.5 if radius > away else 0.0


def _spans(middle: float, outer: float, inner: float) -> tuple[Span, ...]:
    """Where a row meets a ring: twice, or once near its top and bottom."""
    first, last = round(middle - outer), round(middle + outer)
    if inner == 0:
        return ((first, last),)
    # At least one pixel: the ring has no gaps at its sides.
    return (first, max(first + 1, round(middle - inner))), (min(last - 1, round(middle + inner)), last)


def draw_sign(shown: GdkPixbuf.Pixbuf, middle: tuple[float, float], is_adding: bool, fine: int) -> None:
    """A white plus or minus on black."""
    x, y = round(middle[0]), round(middle[1])
    for around, colour in ((fine, BLACK), (0, WHITE)):
        long, short = _ARM * fine + around, fine + around
        _fill_part(shown, (x - long, x + long), (y - short, y + short), colour)
        if is_adding:
            _fill_part(shown, (x - short, x + short), (y - long, y + long), colour)


def _fill_part(shown: GdkPixbuf.Pixbuf, columns: Span, rows: Span, colour: int) -> None:
    """Fill a rectangle, as far as it lies on the picture."""
    left, right = max(0, columns[0]), min(shown.get_width(), columns[1])
    top, bottom = max(0, rows[0]), min(shown.get_height(), rows[1])
    if left < right and top < bottom:
        shown.new_subpixbuf(left, top, right - left, bottom - top).fill(colour)
