"""Pixels out of GIMP's layers and back: the layer's own colour space and precision, its alpha bit for bit."""

from array import array
from collections.abc import Iterator

from gi.repository import Babl, Gegl, Gimp

from impasto_wire.errors import PictureError
from impasto_wire.pictures import MAX_PIXELS, Pixels, Samples

_MASK = "Y u16"
BAND_PIXELS = 1 << 18
"""Pixels that are joined with their alpha at a time."""


def samples_for(precision: Gimp.Precision) -> Samples:
    """The samples that lose nothing of an image's precision. Linear 8-bit has more dark tones than perceptual 8-bit."""
    if precision in (Gimp.Precision.U8_NON_LINEAR, Gimp.Precision.U8_PERCEPTUAL):
        return "u8"
    if precision in (Gimp.Precision.U8_LINEAR, Gimp.Precision.U16_NON_LINEAR, Gimp.Precision.U16_PERCEPTUAL):
        return "u16"
    return "float"


def check_size(drawable: Gimp.Drawable) -> None:
    """Raises `PictureError`, before anything is read, for a drawable that is too large to paint."""
    width, height = drawable.get_width(), drawable.get_height()
    if width * height > MAX_PIXELS:
        raise PictureError(f"“{drawable.get_name()}” is {width}x{height}; at most a gigapixel can be painted")


def read_pixels(drawable: Gimp.Drawable, space: Babl.Object, samples: Samples, longest: int | None = None) -> Pixels:
    """A drawable's RGBA in the colour space of the format `space`, scaled down to `longest` if it is longer."""
    width, height = drawable.get_width(), drawable.get_height()
    scale = 1.0 if longest is None else min(1.0, longest / max(width, height))
    width, height = max(1, round(width * scale)), max(1, round(height * scale))
    data = _read(
        drawable.get_buffer(), Gegl.Rectangle.new(0, 0, width, height), _perceptual("A", samples, space), scale
    )
    return Pixels(width, height, 4, samples, data)


def read_selection(layer: Gimp.Layer) -> Pixels | None:
    """How far each pixel of a layer is selected; None when nothing is, which means all."""
    image = layer.get_image()
    return None if Gimp.Selection.is_empty(image) else read_map(image.get_selection(), layer)


def read_map(drawable: Gimp.Drawable, layer: Gimp.Layer) -> Pixels:
    """A channel, mask or layer as one sample for each pixel of a layer; 0 where it doesn't reach."""
    _, x, y = layer.get_offsets()
    _, left, top = drawable.get_offsets()
    area = Gegl.Rectangle.new(x - left, y - top, layer.get_width(), layer.get_height())
    data = bytes(drawable.get_buffer().get(area, 1.0, "Y u8", Gegl.AbyssPolicy.NONE))
    return Pixels(area.width, area.height, 1, "u8", data)


def write_result(layer: Gimp.Layer, result: Pixels, source: Gimp.Drawable) -> None:
    """Fill a layer with the engine's RGB, and with the alpha of `source`, of the same size, bit for bit."""
    rgb = _perceptual("", result.samples, layer.get_format())
    target, alpha, picture = layer.get_buffer(), source.get_buffer(), memoryview(result.data)
    row = len(picture) // result.height
    for top, rows in _bands(result.width, result.height):
        band = Gegl.Rectangle.new(0, top, result.width, rows)
        target.set(band, rgb, bytes(picture[top * row : (top + rows) * row]))
        if layer.has_alpha():
            _copy_alpha(alpha, target, band, layer.get_format())
    target.flush()
    layer.update(0, 0, result.width, result.height)


def _copy_alpha(source: Gegl.Buffer, target: Gegl.Buffer, band: Gegl.Rectangle, native: Babl.Object) -> None:
    """Alpha in the image's own format, so that nothing converts it."""
    name, pixel = Babl.get_name(native), Babl.format_get_bytes_per_pixel(native)
    sample = pixel // Babl.format_get_n_components(native)
    own, painted = _read(source, band, name), bytearray(_read(target, band, name))
    for byte in range(pixel - sample, pixel):
        painted[byte::pixel] = own[byte::pixel]
    target.set(band, name, bytes(painted))


def multiply(mask: Gimp.LayerMask, other: Gimp.LayerMask) -> None:
    """Let through only what both masks let through, to 16 bits; what is all white stays exact in the other."""
    target, source, width = mask.get_buffer(), other.get_buffer(), mask.get_width()
    native, top = Babl.get_name(mask.get_format()), 0xFFFF
    for first, rows in _bands(width, mask.get_height()):
        band = Gegl.Rectangle.new(0, first, width, rows)
        here = array("H", _read(target, band, _MASK))
        if all(value == top for value in here):
            target.set(band, native, _read(source, band, native))
            continue
        there = array("H", _read(source, band, _MASK))
        both = array("H", (one * two // top for one, two in zip(here, there, strict=True)))
        target.set(band, _MASK, both.tobytes())
    target.flush()


def _read(buffer: Gegl.Buffer, area: Gegl.Rectangle, form: str, scale: float = 1.0) -> bytes:
    return bytes(buffer.get(area, scale, form, Gegl.AbyssPolicy.CLAMP))


def _perceptual(alpha: str, samples: Samples, space: Babl.Object) -> str:
    return Babl.get_name(Babl.format_with_space(f"R'G'B'{alpha} {samples}", space))


def _bands(width: int, height: int) -> Iterator[tuple[int, int]]:
    """First row and number of rows of each band."""
    rows = max(1, BAND_PIXELS // width)
    for top in range(0, height, rows):
        yield top, min(rows, height - top)
