"""What the preview is to paint: the small layer, and what is looked at closer, with the style and the settings."""

from gi.repository import Gimp

from impasto_plugin.arguments import StyleChoice, output_from, settings_from, style_from
from impasto_plugin.image.layer_pixels import LayerPixels
from impasto_plugin.image.scaling import painted_size
from impasto_plugin.image.styles import Known, Style, read_own, read_style
from impasto_wire.pictures import Pixels
from impasto_wire.request import Window

from .layer_reader import SIDE, LayerReader
from .preview import Look
from .view import View, middle, scaled

LARGEST_CLOSE = 1 << 20
"""Pixels that are painted at a close look, at most: more would take too long. Of a larger view it is the middle."""


class Looks:
    """Makes looks of what the arguments say; layers, maps and styles are read once."""

    def __init__(self, config: Gimp.ProcedureConfig, reader: LayerReader) -> None:
        self._config, self._reader = config, reader
        self._styles: dict[StyleChoice, Style] = {}
        self._known: Known = {}

    def look(self) -> Look:
        """How the painting would look now. Raises `PictureError`, `PresetError`."""
        style = self._style(style_from(self._config))
        return Look(self._layer_pixels(SIDE), style, settings_from(self._config, style.preset))

    def painted_size(self) -> tuple[int, int]:
        """The size at which the layer would be painted."""
        return painted_size(self._reader.size, self._config.get_property("paint-at"))

    def close(self, view: View) -> tuple[LayerPixels, Window] | None:
        """What is looked at closer than the small preview can show, in the pixels that are painted."""
        longest = max(self.painted_size())
        seen, share = view.seen(), longest / max(self._reader.size)
        if longest <= SIDE or view.is_fit:
            return None
        if seen.width * seen.height * share**2 > LARGEST_CLOSE:
            if view.zoom < 1:
                return None
            seen = middle(seen, LARGEST_CLOSE / share**2)
        found = self._layer_pixels(longest)
        return found, scaled(seen, share, found.size)

    def own_picture(self) -> Pixels | None:
        """The person's own style picture before it is cropped; None for a style of the gallery.

        Raises `PictureError`."""
        return read_own(style_from(self._config), self._reader.space, self._known)

    def _layer_pixels(self, longest: int) -> LayerPixels:
        detail_map = self._config.get_property("detail-map")
        return self._reader.layer_pixels(longest, detail_map, output_from(self._config).uses_selection)

    def _style(self, choice: StyleChoice) -> Style:
        if choice not in self._styles:
            self._styles[choice] = read_style(choice, self._reader.space, self._known)
        return self._styles[choice]
