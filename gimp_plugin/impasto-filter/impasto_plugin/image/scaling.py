"""“Paint at”: a layer painted at part of its size, and the painting enlarged again."""

from gi.repository import Gegl, Gimp

from impasto_wire.pictures import SMALLEST_SIDE, Pixels, Samples

PAINT_AT = {"full": 1, "half": 2, "quarter": 4}
"""What the layer's sides are divided by."""
_PRECISIONS: dict[Samples, Gimp.Precision] = {
    "u8": Gimp.Precision.U8_NON_LINEAR,
    "u16": Gimp.Precision.U16_NON_LINEAR,
    "float": Gimp.Precision.FLOAT_NON_LINEAR,
}
_KINDS = {
    1: ("Y'", Gimp.ImageBaseType.GRAY, Gimp.ImageType.GRAY_IMAGE),
    3: ("R'G'B'", Gimp.ImageBaseType.RGB, Gimp.ImageType.RGB_IMAGE),
    4: ("R'G'B'A", Gimp.ImageBaseType.RGB, Gimp.ImageType.RGBA_IMAGE),
}
"""Babl's model and GIMP's types, by channels."""


def painted_size(size: tuple[int, int], paint_at: str, longest: int) -> tuple[int, int]:
    """The size at which a layer of that size is painted: never too small to paint, and never larger than it is.

    Its long side is `longest`; if that is 0, `paint_at` says.
    """
    asked = max(size) / longest if longest else PAINT_AT[paint_at]
    divisor = max(1, min(asked, max(1, min(size) // SMALLEST_SIDE)))
    return max(1, round(size[0] / divisor)), max(1, round(size[1] / divisor))


def shrunk(picture: Pixels, longest: int) -> Pixels:
    """A picture with its long side no longer than that."""
    share = min(1.0, longest / max(picture.width, picture.height))
    return resized(picture, max(1, round(picture.width * share)), max(1, round(picture.height * share)))


def resized(picture: Pixels, width: int, height: int) -> Pixels:
    """A picture at that size, smoothly, in its own samples.

    GEGL can read a buffer at a scale, but what no screen has shown at that scale yet comes back black.
    """
    if (picture.width, picture.height) == (width, height):
        return picture
    model, base, kind = _KINDS[picture.channels]
    form = f"{model} {picture.samples}"
    # GIMP converts nothing here: numbers go in and come out as perceptual ones, whatever their colour space is.
    hidden = Gimp.Image.new_with_precision(picture.width, picture.height, base, _PRECISIONS[picture.samples])
    Gimp.context_push()
    try:
        hidden.undo_disable()
        layer = Gimp.Layer.new(hidden, "", picture.width, picture.height, kind, 100, Gimp.LayerMode.NORMAL)
        hidden.insert_layer(layer, None, 0)
        buffer = layer.get_buffer()
        buffer.set(Gegl.Rectangle.new(0, 0, picture.width, picture.height), form, bytes(picture.data))
        buffer.flush()
        Gimp.context_set_interpolation(Gimp.InterpolationType.CUBIC)
        layer.scale(width, height, False)
        area = Gegl.Rectangle.new(0, 0, width, height)
        data = bytes(layer.get_buffer().get(area, 1.0, form, Gegl.AbyssPolicy.NONE))
        return Pixels(width, height, picture.channels, picture.samples, data)
    finally:
        Gimp.context_pop()
        hidden.delete()
