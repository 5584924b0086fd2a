"""What part of a layer the preview shows, and how large: fit, zoom about a point, move."""

from dataclasses import dataclass, replace

from impasto_wire.request import Window

LARGEST = 8.0
"""Screen pixels for each of the layer's, at most."""
FIT_AT_MOST = 2.0
"""Gtk's pixels for each of the layer's, at most, when all of the layer is shown."""


@dataclass(frozen=True)
class View:
    """A view of a layer on a screen, both `(width, height)`; `x` and `y` are the layer's point in the middle."""

    layer: tuple[int, int]
    screen: tuple[int, int]
    scale: float = 0.0
    """Screen pixels for each of the layer's; 0: as large as it fits."""
    x: float = 0.0
    y: float = 0.0
    fine: int = 1
    """Screen pixels for each of Gtk's."""

    @property
    def fitting(self) -> float:
        """The scale at which all of the layer is seen."""
        return min(self.screen[0] / self.layer[0], self.screen[1] / self.layer[1], FIT_AT_MOST * self.fine)

    @property
    def zoom(self) -> float:
        """The scale that it is shown at."""
        return self.scale or self.fitting

    @property
    def is_fit(self) -> bool:
        """Does it follow the screen's size?"""
        return self.scale == 0

    @property
    def origin(self) -> tuple[float, float]:
        """Where on the screen the layer's upper left corner lies."""
        return tuple(  # type: ignore[return-value]
            (screen - size * self.zoom) / 2 if size * self.zoom <= screen else screen / 2 - middle * self.zoom
            for screen, size, middle in zip(self.screen, self.layer, self._middle(), strict=True)
        )

    def zoomed(self, scale: float, at: tuple[float, float] | None = None) -> "View":
        """At another scale; the layer's point at the place `at` of the screen stays there. 0 or less: as it fits."""
        if scale <= 0 or (scale <= self.fitting and scale < 1):
            return replace(self, scale=0.0)
        scale = min(scale, LARGEST)
        place = at or (self.screen[0] / 2, self.screen[1] / 2)
        held = [(spot - start) / self.zoom for spot, start in zip(place, self.origin, strict=True)]
        middle = [point + (size / 2 - spot) / scale for point, size, spot in zip(held, self.screen, place, strict=True)]
        return replace(self, scale=scale, x=middle[0], y=middle[1])

    def moved(self, across: float, down: float) -> "View":
        """Shifted by that many screen pixels."""
        x, y = self._middle()
        return replace(self, x=x - across / self.zoom, y=y - down / self.zoom)

    def seen(self) -> Window:
        """The part of the layer that is on the screen."""
        edges = []
        for screen, size, start in zip(self.screen, self.layer, self.origin, strict=True):
            first = max(0, int(-start / self.zoom))
            last = min(size, -int(-(screen - start) // self.zoom))
            edges.append((first, max(1, last - first)))
        (left, width), (top, height) = edges
        return Window(left, top, width, height)

    def _middle(self) -> tuple[float, float]:
        """The point in the middle, no nearer to the layer's border than half of the screen."""
        found = []
        for screen, size, middle in zip(self.screen, self.layer, (self.x, self.y), strict=True):
            half = screen / self.zoom / 2
            found.append(size / 2 if 2 * half >= size else min(max(middle, half), size - half))
        return found[0], found[1]


def middle(part: Window, pixels: float) -> Window:
    """The middle of a part, in the same shape, with at most that many pixels."""
    share = min(1.0, (pixels / (part.width * part.height)) ** 0.5)
    width, height = max(1, int(part.width * share)), max(1, int(part.height * share))
    return Window(part.left + (part.width - width) // 2, part.top + (part.height - height) // 2, width, height)


def scaled(part: Window, share: float, size: tuple[int, int]) -> Window:
    """The same part of a picture that is `share` as large, and of that size in whole pixels."""
    edges = []
    for first, length, side in ((part.left, part.width, size[0]), (part.top, part.height, size[1])):
        low = min(round(first * share), side - 1)
        edges.append((low, max(1, min(round((first + length) * share), side) - low)))
    (left, width), (top, height) = edges
    return Window(left, top, width, height)
