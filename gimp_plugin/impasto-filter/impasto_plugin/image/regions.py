"""Regions as they are painted: their maps brought to a layer's place, their styles read; and kept as channels."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gi.repository import Gegl, Gimp

from impasto_plugin.arguments import BY_STYLE
from impasto_plugin.regions import ChosenRegion
from impasto_plugin.texts import _
from impasto_wire.errors import PictureError
from impasto_wire.pictures import Pixels
from impasto_wire.request import Region

from .brushed import new_channel
from .layers import as_it_looks
from .pixels import read_map
from .styles import Style, style_name


def read_regions(
    regions: Sequence[ChosenRegion], styles: Sequence[Style], layer: Gimp.Layer
) -> tuple[Region[Pixels], ...]:
    """The regions of a layer, in these styles and as they suggest, but for a strength that was chosen."""
    pairs = zip(regions, styles, strict=True)
    return tuple(painted_region(region, read_region_map(region, layer), style) for region, style in pairs)


def painted_region(region: ChosenRegion, map_: Pixels, style: Style) -> Region[Pixels]:
    """A region with its map and its style as they were read."""
    chosen = {} if region.strength == BY_STYLE else {"strength": region.strength}
    return Region(map_, style.pictures, replace(style.suggested, **chosen))


def read_region_map(region: ChosenRegion, layer: Gimp.Layer) -> Pixels:
    """How far each pixel of a layer lies in a region: one sample of 8 bits for each.

    A channel or mask as it is; of a layer its luminance times its alpha and its mask, or without the luminance. Raises
    `PictureError` if it is gone.
    """
    drawable = region.drawable
    if drawable is not None and not drawable.is_valid():
        raise PictureError(_("the map of a region is gone; remove the region"))
    if drawable is None:
        return _part_of(region.map, *layer.get_offsets()[1:], layer.get_width(), layer.get_height())
    if not isinstance(drawable, Gimp.Layer):
        return read_map(drawable, layer)
    with as_it_looks(drawable) as seen:
        form = "A u8" if region.is_cut_out else "Y'aA u8"
        data = _read_at(seen, drawable.get_offsets()[1:], layer, form)
    if not region.is_cut_out:
        data = data[::2]
    mask = drawable.get_mask()
    if mask is not None and drawable.get_apply_mask():
        shares = read_map(mask, layer).data
        data = bytes(value * share // 255 for value, share in zip(data, shares, strict=True))
    return Pixels(layer.get_width(), layer.get_height(), 1, "u8", data)


def read_canvas(image: Gimp.Image) -> Pixels | None:
    """What is selected, all over the canvas; None if there is no selection."""
    if Gimp.Selection.is_empty(image):
        return None
    area = Gegl.Rectangle.new(0, 0, image.get_width(), image.get_height())
    data = bytes(image.get_selection().get_buffer().get(area, 1.0, "Y u8", Gegl.AbyssPolicy.NONE))
    return Pixels(area.width, area.height, 1, "u8", data)


def on_canvas(region: ChosenRegion, image: Gimp.Image) -> Pixels:
    """A region's map all over the canvas."""
    whole = Gimp.Layer.new(
        image, "", image.get_width(), image.get_height(), Gimp.ImageType.GRAYA_IMAGE, 100, Gimp.LayerMode.NORMAL
    )
    try:
        return read_region_map(region, whole)
    finally:
        whole.delete()


def with_channels(
    regions: Sequence[ChosenRegion], image: Gimp.Image, kept: Mapping[int, Gimp.Channel]
) -> tuple[tuple[ChosenRegion, ...], dict[int, Gimp.Channel]]:
    """The regions, each with a map of GIMP's; and all channels, those that were kept before and new ones."""
    channels = dict(kept)
    found = []
    for region in regions:
        if region.drawable is None and id(region.map) not in channels:
            title = _("Impasto, region: {style}").format(style=style_name(region.style))
            channels[id(region.map)] = new_channel(image, region.map, (0, 0), title)
        found.append(region if region.drawable is not None else replace(region, map=channels[id(region.map)]))
    return tuple(found), channels


def _read_at(drawable: Gimp.Drawable, offsets: Sequence[int], layer: Gimp.Layer, form: str) -> bytes:
    x, y = layer.get_offsets()[1:]
    area = Gegl.Rectangle.new(x - offsets[0], y - offsets[1], layer.get_width(), layer.get_height())
    return bytes(drawable.get_buffer().get(area, 1.0, form, Gegl.AbyssPolicy.NONE))


def _part_of(canvas: Pixels, left: int, top: int, width: int, height: int) -> Pixels:
    """That part of a map, 0 beyond its borders."""
    first, last = max(0, -left), max(0, min(width, canvas.width - left))
    rows = []
    for y in range(top, top + height):
        start = y * canvas.width + left
        inside = bytes(canvas.data[start + first : start + last]) if 0 <= y < canvas.height and first < last else b""
        rows.append((bytes(first) + inside).ljust(width, b"\0")[:width])
    return Pixels(width, height, 1, "u8", b"".join(rows))
