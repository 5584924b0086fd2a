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


def painted_side(layer: Gimp.Layer, paint_at: str) -> int:
    """The long side at which a layer is painted; never so small that nothing could be seen of it."""
    sides = layer.get_width(), layer.get_height()
    divisor = min(PAINT_AT[paint_at], max(1, min(sides) // SMALLEST_SIDE))
    return max(1, round(max(sides) / divisor))


def enlarged(painting: Pixels, width: int, height: int) -> Pixels:
    """An RGB picture at that size, smoothly, in its own samples."""
    if (painting.width, painting.height) == (width, height):
        return painting
    form, precision = f"R'G'B' {painting.samples}", _PRECISIONS[painting.samples]
    # GIMP converts nothing here: what goes in as perceptual numbers comes out as such, whatever space they are of.
    hidden = Gimp.Image.new_with_precision(painting.width, painting.height, Gimp.ImageBaseType.RGB, precision)
    Gimp.context_push()
    try:
        hidden.undo_disable()
        layer = Gimp.Layer.new(
            hidden, "", painting.width, painting.height, Gimp.ImageType.RGB_IMAGE, 100, Gimp.LayerMode.NORMAL
        )
        hidden.insert_layer(layer, None, 0)
        whole = Gegl.Rectangle.new(0, 0, painting.width, painting.height)
        buffer = layer.get_buffer()
        buffer.set(whole, form, bytes(painting.data))
        buffer.flush()
        Gimp.context_set_interpolation(Gimp.InterpolationType.CUBIC)
        layer.scale(width, height, False)
        area = Gegl.Rectangle.new(0, 0, width, height)
        data = bytes(layer.get_buffer().get(area, 1.0, form, Gegl.AbyssPolicy.NONE))
        return Pixels(width, height, 3, painting.samples, data)
    finally:
        Gimp.context_pop()
        hidden.delete()
