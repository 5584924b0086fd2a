"""A mask that is painted with a brush, stroke by stroke; strokes can be taken back."""

import zlib
from functools import cache

from gi.repository import GdkPixbuf

from impasto_wire.pictures import Pixels

from .window import pixbuf_of

MASK_LONGEST = 1024
"""Long side of a mask: a soft brush needs no more."""
MOST_STROKES = 100
"""How many strokes can be taken back."""
_STAMP = 96
"""Sides of the stamp that is scaled to the brush."""
_SPACING = 0.2
"""The stamps' distance, in radii."""
_LEAST_RADIUS = 1.0
_BLACK, _WHITE = 0x000000FF, 0xFFFFFFFF

Spot = tuple[float, float]
"""In shares of the mask's sides."""


class Mask:
    """Values 0..255 over a layer of that size. It is empty until the first stroke, which begins from a ground."""

    def __init__(self, layer: tuple[int, int]) -> None:
        share = min(1.0, MASK_LONGEST / max(layer))
        self.size = max(1, round(layer[0] * share)), max(1, round(layer[1] * share))
        self._now: GdkPixbuf.Pixbuf | None = None
        self._undo: list[bytes | None] = []
        self._last: Spot = (0.0, 0.0)
        self._kept: Pixels | None = None

    @property
    def can_undo(self) -> bool:
        """Is there a stroke to take back?"""
        return bool(self._undo)

    def values(self) -> Pixels | None:
        """The mask, one channel; None while it is empty. The same object until it changes."""
        if self._now is not None and self._kept is None:
            self._kept = Pixels(*self.size, 1, "u8", _grey(self._now))
        return self._kept

    def take(self, values: Pixels | None) -> None:
        """Be this mask, which has the same size, or empty; that can be taken back too."""
        if values is not self.values():
            self._remember()
            self._now = None if values is None else _picture(bytes(values.data), self.size)
            self._kept = values

    def begin(self, ground: Pixels | int) -> None:
        """Begin a stroke; on an empty mask, the ground is what there is before it: a mask or one value for all."""
        self._remember()
        if self._now is None:
            self._now = _picture(bytes(ground.data), self.size) if isinstance(ground, Pixels) else self._even(ground)

    def _even(self, value: int) -> GdkPixbuf.Pixbuf:
        even = GdkPixbuf.Pixbuf.new(GdkPixbuf.Colorspace.RGB, False, 8, *self.size)
        even.fill(_WHITE if value else _BLACK)
        return even

    def stamp(self, place: Spot, radius: float, softness: float, is_adding: bool) -> None:
        """Set the brush down; `radius` is a share of the long side, softness 0..1."""
        self._last = place
        self._put(place, radius, softness, is_adding)

    def draw_to(self, place: Spot, radius: float, softness: float, is_adding: bool) -> None:
        """Draw from where the brush is to a place."""
        across, down = ((end - start) * side for start, end, side in zip(self._last, place, self.size, strict=True))
        steps = int((across**2 + down**2) ** 0.5 / max(1.0, _SPACING * self._pixels(radius)))
        start = self._last
        self._last = place if steps else start
        for step in range(1, steps + 1):
            share = step / steps
            there = tuple(a + share * (b - a) for a, b in zip(start, place, strict=True))
            self._put((there[0], there[1]), radius, softness, is_adding)

    def undo(self) -> None:
        """Take the last stroke back."""
        if self._undo:
            before = self._undo.pop()
            self._now = None if before is None else _picture(zlib.decompress(before), self.size)
            self._kept = None

    def _pixels(self, radius: float) -> float:
        return max(_LEAST_RADIUS, radius * max(self.size))

    def _remember(self) -> None:
        self._undo.append(None if self._now is None else zlib.compress(_grey(self._now), 1))
        del self._undo[:-MOST_STROKES]

    def _put(self, place: Spot, radius: float, softness: float, is_adding: bool) -> None:
        assert self._now is not None
        self._kept = None
        pixels = self._pixels(radius)
        left, top = (share * side - pixels for share, side in zip(place, self.size, strict=True))
        first = max(0, int(left)), max(0, int(top))
        last = min(self.size[0], int(left + 2 * pixels) + 1), min(self.size[1], int(top + 2 * pixels) + 1)
        if first[0] < last[0] and first[1] < last[1]:
            stamp, scale = _brush_stamp(round(softness * 20), is_adding), 2 * pixels / _STAMP
            area = *first, last[0] - first[0], last[1] - first[1]
            stamp.composite(self._now, *area, left, top, scale, scale, GdkPixbuf.InterpType.BILINEAR, 255)


@cache
def _brush_stamp(softness: int, is_adding: bool) -> GdkPixbuf.Pixbuf:
    """A disc of white or black whose alpha falls towards its edge; softness 0..20."""
    middle, inner = _STAMP / 2, 1 - max(softness, 1) / 20
    alphas = bytearray(_STAMP * _STAMP)
    for row in range(_STAMP):
        for column in range(_STAMP):
            away = ((row + 0.5 - middle) ** 2 + (column + 0.5 - middle) ** 2) ** 0.5 / middle
            share = min(1.0, max(0.0, (1 - away) / (1 - inner)))
            alphas[row * _STAMP + column] = round(255 * (share * share * (3 - 2 * share)) ** 2)
    data = bytearray((b"\xff\xff\xff\0" if is_adding else b"\0\0\0\0") * len(alphas))
    data[3::4] = alphas
    return pixbuf_of(Pixels(_STAMP, _STAMP, 4, "u8", bytes(data)))


def _grey(picture: GdkPixbuf.Pixbuf) -> bytes:
    """The values of an RGB picture whose channels are all the same."""
    data, row, width = picture.get_pixels(), picture.get_rowstride(), picture.get_width()
    return b"".join(data[line * row : line * row + 3 * width : 3] for line in range(picture.get_height()))


def _picture(values: bytes, size: tuple[int, int]) -> GdkPixbuf.Pixbuf:
    """A picture that can be painted on."""
    rgb = bytearray(3 * len(values))
    for channel in range(3):
        rgb[channel::3] = values
    return pixbuf_of(Pixels(*size, 3, "u8", bytes(rgb))).copy()
