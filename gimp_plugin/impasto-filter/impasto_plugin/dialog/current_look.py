"""What the preview paints: the layer, small or the part that is looked at closely, with style and settings."""

from dataclasses import replace

from gi.repository import Gimp

from impasto_plugin.arguments import StyleChoice, adds_another, output_from, settings_from, style_from
from impasto_plugin.image.brushed import Brushed
from impasto_plugin.image.grey import grey_of
from impasto_plugin.image.layer_pixels import LayerPixels
from impasto_plugin.image.layers import as_it_looks
from impasto_plugin.image.pixels import read_map, read_pixels, space_of
from impasto_plugin.image.regions import painted_region, read_region_map
from impasto_plugin.image.scaling import painted_size, resized, shrunk
from impasto_plugin.image.styles import Known, Style, read_own, read_style
from impasto_plugin.image.subjects import Target, mask_of, selected_part
from impasto_plugin.regions import ChosenRegion
from impasto_wire.pictures import Pixels
from impasto_wire.request import Region, Window
from impasto_wire.settings import Settings

from .brush import What
from .preview import Look
from .view import View, middle, scaled

PREVIEW_SIDE = 480
"""Long side of the layer for a quick preview."""
SHOWN_SIDE = 1280
"""Long side of the layer that is shown beside the painting."""
LARGEST_CLOSE = 1 << 20
"""Most pixels that are painted at a close look: more would take too long. Of a larger view, the middle is painted."""


class LayerReader:
    """Reads the layer, what of it is painted and seen, and a detail map, once for each size."""

    def __init__(self, target: Target, fine: int = 1) -> None:
        layer = self._layer = target.layer
        self._again, self._another = target, target.adding()
        self.is_indexed = layer.get_image().get_base_type() == Gimp.ImageBaseType.INDEXED
        self.space = space_of(layer)
        self.grey = grey_of(layer, self.space)
        self.size = layer.get_width(), layer.get_height()
        self._read: dict[int, Pixels] = {}
        self._kept: dict[tuple[int, int, bool, bool, bool], LayerPixels] = {}
        self._maps: dict[object, tuple[ChosenRegion, Pixels]] = {}
        self.shown = self.pixels(SHOWN_SIDE * fine)
        self.small = self.pixels(PREVIEW_SIDE)

    def layer_pixels(
        self,
        longest: int,
        detail_map: Gimp.Drawable | None,
        uses_selection: bool,
        is_again: bool = False,
        is_masked: bool = False,
    ) -> LayerPixels:
        """The layer with its maps, its long side at most `longest`.

        `is_again`: the earlier painting is painted again; `is_masked`: it is seen through its mask then.
        """
        key = longest, detail_map.get_id() if detail_map else 0, uses_selection, is_again, is_masked
        if key not in self._kept:
            pixels = self.pixels(longest)
            detail = None if detail_map is None else read_map(detail_map, self._layer)
            target = self._again if is_again else self._another
            mask = mask_of(target, self._layer) if is_masked else None
            whole = LayerPixels(pixels, selected_part(target, self._layer, uses_selection), detail, mask=mask)
            self._kept[key] = whole.at_size(pixels.width, pixels.height)
        return self._kept[key]

    def region_map(self, region: ChosenRegion, longest: int) -> Pixels:
        """A region's map at the size of the layer's pixels with that long side. Raises `PictureError`."""
        key = region.drawable and region.drawable.get_id(), id(region.map), region.is_cut_out, longest
        if key not in self._maps:
            pixels = self.pixels(longest)
            found = resized(read_region_map(region, self._layer), pixels.width, pixels.height)
            self._maps[key] = region, found  # with the region, whose id is then no other's
        return self._maps[key][1]

    def pixels(self, longest: int) -> Pixels:
        """The layer's RGBA of 8 bits, its long side at most `longest`."""
        longest = min(longest, max(self.size))
        if longest not in self._read:
            self._read[longest] = shrunk(self._larger_than(longest), longest)
        return self._read[longest]

    def _larger_than(self, longest: int) -> Pixels:
        """A picture that was read before, if it is large enough, else the whole layer."""
        found = [picture for side, picture in self._read.items() if side >= longest]
        if found:
            return found[0]
        with as_it_looks(self._layer) as seen:
            return read_pixels(seen, self.space, "u8")


class CurrentLook:
    """Makes looks from the arguments as they are now; layers, maps and styles are read once."""

    def __init__(self, config: Gimp.ProcedureConfig, reader: LayerReader) -> None:
        self._config, self._reader = config, reader
        self._styles: dict[StyleChoice, Style] = {}
        self._known: Known = {}
        self._brushed = Brushed()
        self._regions: tuple[ChosenRegion, ...] = ()
        self._kept: dict[int, tuple[Brushed, LayerPixels, LayerPixels]] = {}

    def look(self) -> Look:
        """How the painting would look now. Raises `PictureError`, `PresetError`."""
        style = self._style(style_from(self._config))
        settings = replace(settings_from(self._config, style.suggested), quality="draft")
        return Look(self.layer_pixels(PREVIEW_SIDE), style, settings)

    def settings(self) -> Settings:
        """What Paint is asked for. Raises `PictureError`, `PresetError`."""
        return settings_from(self._config, self._style(style_from(self._config)).suggested)

    def painted_size(self) -> tuple[int, int]:
        """The size at which the layer would be painted."""
        at, longest = (self._config.get_property(name) for name in ("paint-at", "paint-size"))
        return painted_size(self._reader.size, at, longest)

    def close(self, view: View) -> tuple[LayerPixels, Window] | None:
        """The part that is looked at more closely than the small preview can show; None if there is none."""
        longest = max(self.painted_size())
        seen, share = view.seen(), longest / max(self._reader.size)
        if longest <= PREVIEW_SIDE or view.is_fit:
            return None
        if seen.width * seen.height * share**2 > LARGEST_CLOSE:
            if view.zoom < 1:
                return None
            seen = middle(seen, LARGEST_CLOSE / share**2)
        found = self.layer_pixels(longest)
        return found, scaled(seen, share, found.size)

    def own_picture(self) -> Pixels | None:
        """The person's own style picture before it is cropped; None for a style of the gallery.

        Raises `PictureError`."""
        return read_own(style_from(self._config), self._reader.space, self._known)

    def layer_pixels(self, longest: int) -> LayerPixels:
        """The layer with its maps and regions, its long side at most `longest`.

        Raises `PictureError`, `PresetError`.
        """
        plain = self._plain(longest)
        known = self._kept.get(longest)
        if known is None or known[0] != self._brushed or known[1] is not plain:
            known = self._kept[longest] = (self._brushed, plain, self._brushed.over(plain))
        regions = self._painted_regions(longest)
        return replace(known[2], regions=regions) if regions else known[2]

    def _plain(self, longest: int) -> LayerPixels:
        """The layer without what the dialog holds beside the arguments."""
        output, is_again = output_from(self._config), not adds_another(self._config)
        is_masked = is_again and output.result != "new-image" and not self._reader.is_indexed
        detail_map = self._config.get_property("detail-map")
        return self._reader.layer_pixels(longest, detail_map, output.uses_selection, is_again, is_masked)

    def _painted_regions(self, longest: int) -> tuple[Region[Pixels], ...]:
        return tuple(
            painted_region(region, self._reader.region_map(region, longest), self._style(region.style))
            for region in self._regions
        )

    def divide(self, regions: tuple[ChosenRegion, ...]) -> None:
        """Take the regions that are painted in styles of their own."""
        self._regions = regions

    def forget_styles(self) -> None:
        """Read every style anew: one was changed."""
        self._styles.clear()
        self._known.clear()

    def brush(self, brushed: Brushed) -> None:
        """Take what was painted with the brush."""
        self._brushed = brushed

    def ground(self, what: What) -> Pixels | None:
        """What the brush begins from: what is selected, or the chosen detail map."""
        plain = self._plain(PREVIEW_SIDE)
        return plain.seen if what == "area" else plain.detail_map

    def _style(self, choice: StyleChoice) -> Style:
        if choice not in self._styles:
            self._styles[choice] = read_style(choice, self._reader.space, self._known)
        return self._styles[choice]
