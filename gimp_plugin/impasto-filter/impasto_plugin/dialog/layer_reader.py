"""The layer that the dialog is about: small for quick previews, in all its pixels for a close look."""

from gi.repository import Gimp

from impasto_plugin.image.layer_pixels import LayerPixels
from impasto_plugin.image.layers import as_it_looks
from impasto_plugin.image.pixels import read_map, read_pixels, read_selection
from impasto_plugin.image.scaling import shrunk
from impasto_wire.pictures import Pixels

SIDE = 480
"""Long side of the small one."""
SHOWN_SIDE = 1280
"""Long side of the one that is looked at beside the painting."""


class LayerReader:
    """Reads the layer, its selection and a detail map once for each size that is asked for."""

    def __init__(self, layer: Gimp.Layer, fine: int = 1) -> None:
        self._layer = layer
        self.space = layer.get_format()
        self.size = layer.get_width(), layer.get_height()
        self._read: dict[int, Pixels] = {}
        self._kept: dict[tuple[int, int, bool], LayerPixels] = {}
        self.shown = self.pixels(SHOWN_SIDE * fine)
        self.small = self.pixels(SIDE)

    def layer_pixels(self, longest: int, detail_map: Gimp.Drawable | None, uses_selection: bool) -> LayerPixels:
        """The layer to be painted, or what is selected of it, its long side no longer than that."""
        key = longest, detail_map.get_id() if detail_map else 0, uses_selection
        if key not in self._kept:
            pixels = self.pixels(longest)
            detail = None if detail_map is None else read_map(detail_map, self._layer)
            selection = read_selection(self._layer) if uses_selection else None
            whole = LayerPixels(pixels, selection, detail)
            self._kept[key] = whole.at_size(pixels.width, pixels.height)
        return self._kept[key]

    def pixels(self, longest: int) -> Pixels:
        """RGBA of 8 bits, the long side no longer than that."""
        longest = min(longest, max(self.size))
        if longest not in self._read:
            self._read[longest] = shrunk(self._larger_than(longest), longest)
        return self._read[longest]

    def _larger_than(self, longest: int) -> Pixels:
        """One that was read before, if it is large enough, else the whole layer."""
        found = [picture for side, picture in self._read.items() if side >= longest]
        if found:
            return found[0]
        with as_it_looks(self._layer) as seen:
            return read_pixels(seen, self.space, "u8")
