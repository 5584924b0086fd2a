"""What was painted with the dialog's brush: where the style goes, where the drawing is kept; both become channels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from gi.repository import Gegl, Gimp

from impasto_plugin.texts import _
from impasto_wire.pictures import Pixels

from .layer_pixels import LayerPixels
from .scaling import resized


@dataclass(frozen=True)
class Brushed:
    """Pictures of one channel over all of a layer, perhaps smaller; None: nothing was painted."""

    area: Pixels | None = None
    """How far each place is painted."""
    detail: Pixels | None = None
    """How far the drawing is kept at each place."""

    def over(self, pixels: LayerPixels) -> LayerPixels:
        """A layer's pixels with these in place of its own maps; an area becomes the painting's mask."""
        area, detail = (found and resized(found, *pixels.size) for found in (self.area, self.detail))
        mask = None if area else pixels.mask
        return replace(pixels, selection=area or pixels.selection, detail_map=detail or pixels.detail_map, mask=mask)

    def keep(self, layer: Gimp.Layer) -> dict[str, Gimp.Channel]:
        """Keep them as channels of the layer's image; returns those that are arguments of the procedure."""
        if self.area:
            _channel(layer, self.area, _("Impasto, where the style goes"))
        if not self.detail:
            return {}
        return {"detail-map": _channel(layer, self.detail, _("Impasto, detail map"))}


def described(channel: Gimp.Channel) -> tuple[int, dict[str, Any]]:
    """A channel as a record holds it."""
    size = [channel.get_width(), channel.get_height()]
    return channel.get_tattoo(), {"name": channel.get_name(), "size": size}


def _channel(layer: Gimp.Layer, values: Pixels, name: str) -> Gimp.Channel:
    whole = resized(values, layer.get_width(), layer.get_height())
    return new_channel(layer.get_image(), whole, layer.get_offsets()[1:], name)


def new_channel(image: Gimp.Image, values: Pixels, place: Sequence[int], name: str) -> Gimp.Channel:
    """A channel with these values at that place of the canvas, and 0 elsewhere."""
    selected = image.get_selected_layers()
    channel = Gimp.Channel.new(image, name, image.get_width(), image.get_height(), 50.0, Gegl.Color.new("black"))
    buffer = channel.get_buffer()
    buffer.set(Gegl.Rectangle.new(*place, values.width, values.height), "Y u8", bytes(values.data))
    buffer.flush()
    image.insert_channel(channel, None, 0)
    channel.set_visible(False)
    image.set_selected_layers(selected)
    return channel
