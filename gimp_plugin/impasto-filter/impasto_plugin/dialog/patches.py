"""Which pictures of a painting are seen: the whole layer's, and over it parts that were looked at closely."""

from dataclasses import dataclass
from typing import Any

from impasto_wire.request import Window

KEPT = 4
"""How many of the parts that were looked at closely are kept below the latest."""


@dataclass(frozen=True)
class Patch:
    """A picture of part of the layer; the part is given in the layer's pixels."""

    picture: Any
    """A pixbuf."""
    part: Window
    sharpness: float = 1.0
    """Painted pixels for each of the layer's, along a side."""


class Patches:
    """The pictures, the lowest first. What is sharp stays until there is something as sharp in its place."""

    def __init__(self, whole: Window) -> None:
        self._whole = whole
        self.shown: tuple[Patch, ...] = ()

    def offer(self, patch: Patch, is_done: bool) -> bool:
        """Take a picture, unless it is unfinished and less sharp than what is seen; was it taken?"""
        if not is_done and not self._is_gain(patch):
            return False
        if patch.part == self._whole:
            self.shown = (patch,)
        else:
            others = [other for other in self.shown[1:] if other.part != patch.part]
            self.shown = (*self.shown[:1], *others[-KEPT:], patch)
        return True

    def _is_gain(self, patch: Patch) -> bool:
        """Would nothing be lost? A part must be sharper than the enlarged whole, and no less than it was itself."""
        if not self.shown:
            return True
        whole, *parts = self.shown
        if patch.part == self._whole:
            return patch.sharpness >= whole.sharpness and not parts
        before = max((part.sharpness for part in parts if part.part == patch.part), default=0.0)
        return patch.sharpness > whole.sharpness and patch.sharpness >= before
