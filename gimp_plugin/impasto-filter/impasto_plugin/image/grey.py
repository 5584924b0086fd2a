"""Colours as a grey image holds them."""

from gi.repository import Babl, Gegl, Gimp

from impasto_wire.pictures import Pixels

from .layers import hidden_image, kind_of


class Grey:
    """Makes pictures grey just as they become when they are placed in a layer of a grey image."""

    def __init__(self, layer: Gimp.Layer, space: Babl.Object) -> None:
        self._kind, self._space = kind_of(layer.get_image()), space

    def of(self, picture: Pixels) -> Pixels:
        """An RGB picture of 8 bits in grey; still three channels."""
        form = Babl.get_name(Babl.format_with_space("R'G'B' u8", self._space))
        area = Gegl.Rectangle.new(0, 0, picture.width, picture.height)
        grey = Gimp.ImageType.GRAY_IMAGE
        with hidden_image(self._kind, picture.width, picture.height) as hidden:
            layer = Gimp.Layer.new(hidden, "", picture.width, picture.height, grey, 100, Gimp.LayerMode.NORMAL)
            buffer = layer.get_buffer()
            buffer.set(area, form, bytes(picture.data))
            buffer.flush()
            data = bytes(buffer.get(area, 1.0, form, Gegl.AbyssPolicy.NONE))
            layer.delete()
        return Pixels(picture.width, picture.height, 3, "u8", data)


def grey_of(layer: Gimp.Layer, space: Babl.Object) -> Grey | None:
    """What makes pictures grey for a layer of a grey image; None for other images."""
    return Grey(layer, space) if layer.get_image().get_base_type() == Gimp.ImageBaseType.GRAY else None
