"""Pixels are read from GIMP's layers and written back, in the layer's colour space and precision; alpha is exact."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gi.repository import Babl, Gegl, Gimp

from impasto_plugin.texts import _
from impasto_wire.errors import PictureError
from impasto_wire.pictures import MAX_PIXELS, Pixels, Samples

_MASK = "Y u16"
_ONE: dict[Samples, bytes] = {"u8": b"\xff", "u16": b"\xff\xff", "float": b"\0\0\x80\x3f"}
"""The largest sample, as it is stored."""
BAND_PIXELS = 1 << 18
"""Pixels that are joined with their alpha at a time."""


def samples_of(image: Gimp.Image) -> Samples:
    """The smallest samples that keep an image's precision. Linear 8-bit has more dark tones than perceptual 8-bit."""
    precision, is_linear = image.get_precision(), image.get_effective_color_profile().is_linear()
    if precision in (Gimp.Precision.U8_NON_LINEAR, Gimp.Precision.U8_PERCEPTUAL):
        return "u16" if is_linear else "u8"
    if precision == Gimp.Precision.U8_LINEAR:
        return "u16"
    is_perceptual = precision in (Gimp.Precision.U16_NON_LINEAR, Gimp.Precision.U16_PERCEPTUAL)
    return "u16" if is_perceptual and not is_linear else "float"


def check_area(drawable: Gimp.Drawable) -> None:
    """Raises `PictureError`, before anything is read, for a drawable that is too large to paint."""
    width, height = drawable.get_width(), drawable.get_height()
    if width * height > MAX_PIXELS:
        raise PictureError(
            _("“{name}” is {width}x{height}; at most a gigapixel can be painted").format(
                name=drawable.get_name(), width=width, height=height
            )
        )


def space_of(drawable: Gimp.Drawable) -> Babl.Object:
    """The colour space in which a drawable's samples are read and written: its own, always with perceptual samples.

    A profile may be linear, and then R'G'B' is linear too; the space with the same colours and sRGB's curve is not.
    """
    space = Babl.format_get_space(drawable.get_format())
    is_linear = drawable.get_image().get_effective_color_profile().is_linear()
    return Babl.space_with_trc(space, Babl.trc("sRGB")) if is_linear else space


def read_pixels(drawable: Gimp.Drawable, space: Babl.Object, samples: Samples) -> Pixels:
    """A drawable's RGBA in a colour space."""
    area = Gegl.Rectangle.new(0, 0, drawable.get_width(), drawable.get_height())
    own = Babl.get_name(drawable.get_format())
    if own == _perceptual("", samples, space):
        # Babl would search for half a second how to add an alpha.
        data = _with_full_alpha(_read_area(drawable.get_buffer(), area, own), samples)
    else:
        data = _read_area(drawable.get_buffer(), area, _perceptual("A", samples, space))
    return Pixels(area.width, area.height, 4, samples, data)


def _with_full_alpha(colours: bytes, samples: Samples) -> bytes:
    """RGB as RGBA."""
    one = _ONE[samples]
    size = len(one)
    joined = bytearray((bytes(3 * size) + one) * (len(colours) // (3 * size)))
    for byte in range(3 * size):
        joined[byte :: 4 * size] = colours[byte :: 3 * size]
    return bytes(joined)


def read_selected(drawable: Gimp.Drawable, seen: Gimp.Drawable, space: Babl.Object) -> Pixels:
    """The selected part of a drawable, RGBA of 8 bits; alpha is multiplied by its mask and by the selection.

    `seen` is the drawable as it is displayed. If the selection doesn't touch it, all of it is read.
    """
    picture = read_pixels(seen, space, "u8")
    mask = drawable.get_mask() if isinstance(drawable, Gimp.Layer) else None
    if mask is not None and drawable.get_apply_mask():
        picture = _veiled(picture, read_map(mask, drawable))
    touches, x, y, width, height = drawable.mask_intersect()
    if not touches or Gimp.Selection.is_empty(drawable.get_image()):
        return picture
    picture = _veiled(picture, read_map(drawable.get_image().get_selection(), drawable))
    starts = range(4 * (y * picture.width + x), 4 * ((y + height) * picture.width + x), 4 * picture.width)
    return Pixels(width, height, 4, "u8", b"".join(picture.data[start : start + 4 * width] for start in starts))


def _veiled(picture: Pixels, shares: Pixels) -> Pixels:
    """RGBA of 8 bits with its alpha multiplied by a map."""
    if shares.data.count(255) == len(shares.data):
        return picture
    joined, alphas = bytearray(picture.data), bytes(picture.data[3::4])
    if alphas.count(255) == len(alphas):
        joined[3::4] = shares.data
    else:
        joined[3::4] = bytes(alpha * share // 255 for alpha, share in zip(alphas, shares.data, strict=True))
    return replace(picture, data=bytes(joined))


def read_selection(image: Gimp.Image, layer: Gimp.Layer) -> Pixels | None:
    """How far each pixel at a layer's place is selected; None if there is no selection, which means all of it."""
    return None if Gimp.Selection.is_empty(image) else read_map(image.get_selection(), layer)


def read_map(drawable: Gimp.Drawable, layer: Gimp.Layer) -> Pixels:
    """A channel, mask or layer as one sample for each pixel of a layer; 0 outside the channel, mask or layer."""
    x, y = layer.get_offsets()[1:]
    left, top = drawable.get_offsets()[1:]
    area = Gegl.Rectangle.new(x - left, y - top, layer.get_width(), layer.get_height())
    data = bytes(drawable.get_buffer().get(area, 1.0, "Y u8", Gegl.AbyssPolicy.NONE))
    return Pixels(area.width, area.height, 1, "u8", data)


def is_opaque(layer: Gimp.Layer) -> bool:
    """Is every pixel of a layer fully opaque?"""
    whole = Gegl.Rectangle.new(0, 0, layer.get_width(), layer.get_height())
    alphas = _read_area(layer.get_buffer(), whole, "R'G'B'A u8")[3::4]
    return alphas.count(255) == len(alphas)


def has_partial_alpha(layer: Gimp.Layer) -> bool:
    """Is any pixel of a layer neither opaque nor fully transparent?"""
    whole = Gegl.Rectangle.new(0, 0, layer.get_width(), layer.get_height())
    alphas = _read_area(layer.get_buffer(), whole, "R'G'B'A u8")[3::4]
    return alphas.count(255) + alphas.count(0) < len(alphas)


@dataclass(frozen=True)
class Alpha:
    """A layer's alpha, bit for bit: for each byte of a sample that byte of every pixel, in the layer's own format."""

    form: str
    planes: tuple[bytes, ...]


def read_alpha(drawable: Gimp.Drawable) -> Alpha | None:
    """A drawable's alpha; None if it has none, or an indexed one, which has only two levels."""
    if not drawable.has_alpha() or drawable.is_indexed():
        return None
    form, buffer, width = drawable.get_format(), drawable.get_buffer(), drawable.get_width()
    pixel, first = _alpha_bytes(form)
    planes = [bytearray() for _ in range(first, pixel)]
    for top, rows in _bands(width, drawable.get_height()):
        data = _read_area(buffer, Gegl.Rectangle.new(0, top, width, rows), Babl.get_name(form))
        for plane, byte in zip(planes, range(first, pixel), strict=True):
            plane += data[byte::pixel]
    return Alpha(Babl.get_name(form), tuple(map(bytes, planes)))


def write_picture(buffer: Gegl.Buffer, picture: Pixels, space: Babl.Object) -> None:
    """Fill a buffer with a picture in a colour space."""
    form, data = _perceptual("A" if picture.channels == 4 else "", picture.samples, space), memoryview(picture.data)
    row = len(data) // picture.height
    for top, rows in _bands(picture.width, picture.height):
        band = Gegl.Rectangle.new(0, top, picture.width, rows)
        buffer.set(band, form, bytes(data[top * row : (top + rows) * row]))
    buffer.flush()


def write_alpha(layer: Gimp.Layer, alpha: Alpha) -> None:
    """Put a layer's alpha in, in its own format, so that nothing converts it."""
    form, buffer, width = layer.get_format(), layer.get_buffer(), layer.get_width()
    pixel, first = _alpha_bytes(form)
    for top, rows in _bands(width, layer.get_height()):
        band = Gegl.Rectangle.new(0, top, width, rows)
        data = bytearray(_read_area(buffer, band, alpha.form))
        for plane, byte in zip(alpha.planes, range(first, pixel), strict=True):
            data[byte::pixel] = plane[top * width : (top + rows) * width]
        buffer.set(band, alpha.form, bytes(data))
    buffer.flush()
    layer.update(0, 0, width, layer.get_height())


def with_alpha(picture: Pixels, layer: Pixels) -> Pixels:
    """A picture's colours with the alpha of an RGBA picture of the same size and samples."""
    sample = len(layer.data) // (layer.width * layer.height * 4)
    joined, colours = bytearray(layer.data), bytes(picture.data)
    for byte in range(3 * sample):
        joined[byte :: 4 * sample] = colours[byte :: picture.channels * sample]
    return Pixels(layer.width, layer.height, 4, layer.samples, bytes(joined))


def _alpha_bytes(form: Babl.Object) -> tuple[int, int]:
    """A pixel's bytes, and which of them is the first of its alpha."""
    pixel = Babl.format_get_bytes_per_pixel(form)
    return pixel, pixel - pixel // Babl.format_get_n_components(form)


def multiply(mask: Gimp.LayerMask, other: Gimp.LayerMask) -> None:
    """Multiply a mask by another, in 16 bits; where the first is all white, the other is copied exactly."""
    target, source, width = mask.get_buffer(), other.get_buffer(), mask.get_width()
    native, top = Babl.get_name(mask.get_format()), 0xFFFF
    for first, rows in _bands(width, mask.get_height()):
        band = Gegl.Rectangle.new(0, first, width, rows)
        here = array("H", _read_area(target, band, _MASK))
        if all(value == top for value in here):
            target.set(band, native, _read_area(source, band, native))
            continue
        there = array("H", _read_area(source, band, _MASK))
        both = array("H", (one * two // top for one, two in zip(here, there, strict=True)))
        target.set(band, _MASK, both.tobytes())
    target.flush()


def _read_area(buffer: Gegl.Buffer, area: Gegl.Rectangle, form: str) -> bytes:
    return bytes(buffer.get(area, 1.0, form, Gegl.AbyssPolicy.CLAMP))


def _perceptual(alpha: str, samples: Samples, space: Babl.Object) -> str:
    return Babl.get_name(Babl.format_with_space(f"R'G'B'{alpha} {samples}", space))


def _bands(width: int, height: int) -> Iterator[tuple[int, int]]:
    """First row and number of rows of each band."""
    rows = max(1, BAND_PIXELS // width)
    for top in range(0, height, rows):
        yield top, min(rows, height - top)
