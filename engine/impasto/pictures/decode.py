"""From a file's bytes to its picture as it is seen: upright, RGB, straight alpha, in a space to paint in."""

import importlib
import io
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from impasto.request import Picture
from impasto_wire.errors import PictureError

from . import formats, spaces
from .formats import Format
from .limits import check_claim, check_file
from .metadata import Metadata, clean_metadata, exif_from, tiff_iptc, tiff_value
from .vips import GValue, Image, VipsError, as_image, as_samples, custom_source, profile_named, with_blob

# The limit that counts is checked before anything is decoded, with our own sentence.
Pillow.MAX_IMAGE_PIXELS = None

_PER_INCH = 25.4
_USUAL_GAMMA = 2.2
_UNSAID = (1.0, 72 / _PER_INCH)
"""Picture per millimetre that libvips gives where a file says nothing."""
_SPOILT = (OSError, ValueError, SyntaxError, VipsError, struct.error, OverflowError, RuntimeError)
"""What the libraries raise for damaged files."""
_PHOTOMETRIC, _PLANES, _EXTRA = 262, 284, 338
_RGB, _CIELAB, _ICCLAB = 2, 8, 9
_PREMULTIPLIED, _STRAIGHT = 1, 2
_TOPS = {"uint8": 255, "uint16": 65535, "uint32": 2**32 - 1, "float32": 1, "float64": 1}


@dataclass(frozen=True)
class Opened:
    """A file of which only the header was read: its samples as they are, and what it says of them."""

    image: Any
    lab: int | None
    """How the samples are L*a*b*: TIFF's number for it, or None where they are not."""
    is_premultiplied: bool
    metadata: Metadata
    size: tuple[int, int]
    """Width and height, the right way up."""
    has_alpha: bool
    pages: int


def open_file(data: bytes, name: Path, most_pixels: int, page: int = 0) -> Opened:
    """The header of a picture file. Raises `PictureError` with a sentence."""
    format = known_format(data[: formats.HEAD], name)
    try:
        return _open(data, name, format, most_pixels, page)
    except _SPOILT as error:
        raise damaged(name) from error
    except MemoryError as error:
        raise _too_large(name) from error


def known_format(head: bytes, name: Path) -> Format:
    """The format of a file that begins like this. Raises `PictureError` for what is no picture."""
    format = formats.format_of(head)
    if format is None:
        raise PictureError(f"{name} is not a picture; {_readable()} can be read")
    return format


def check_large_file(file: BinaryIO, name: Path, format: Format) -> None:
    """Raises `PictureError` for a file that is much larger than what its header promises; it isn't read for that."""
    try:
        if format.loader is None:
            with _opened_by_pillow(file, name, format) as image:
                samples = image.width * image.height * _pillow_bytes(image)
        else:
            source = custom_source(file)
            image = getattr(Image, f"{format.loader}_source")(source, fail_on="error", access="sequential")
            samples = image.width * image.height * _vips_bytes(image) * _pages_of(image)
    except _SPOILT as error:
        raise damaged(name) from error
    check_file(name, file.seek(0, io.SEEK_END), samples)


def damaged(name: Path) -> PictureError:
    """What to tell of a file that ends too early, or is spoilt."""
    return PictureError(f"{name} can't be read to its end; it may be damaged, save it again")


def as_seen(opened: Opened, name: Path) -> tuple[Picture, bytes | None]:
    """Its pixels ``(H, W, 3 or 4)``, uint8, uint16 or float32, and their profile. Raises `PictureError`."""
    try:
        return _as_seen(opened)
    except _SPOILT as error:
        raise damaged(name) from error
    except MemoryError as error:
        raise _too_large(name) from error


def _too_large(name: Path) -> PictureError:
    return PictureError(f"{name} doesn't fit into this machine's memory; close other programs, or scale it down")


def _readable() -> str:
    names = [format.name for format in formats.FORMATS]
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _open(data: bytes, name: Path, format: Format, most_pixels: int, page: int) -> Opened:
    tags = exif_from(data if format is formats.TIFF else None)
    photometric = tiff_value(tags, _PHOTOMETRIC, _RGB)
    lab = photometric if photometric in (_CIELAB, _ICCLAB) else None
    is_premultiplied = tiff_value(tags, _EXTRA, _STRAIGHT) == _PREMULTIPLIED
    if lab or is_premultiplied:
        # libvips can't read L*a*b* of 8 bits or in planes, nor divide all kinds of samples by their alpha.
        data = _said_to_be_plain(data, lab)
    if format.loader is None:
        image = _by_pillow(data, name, format, most_pixels)
    else:
        options = {"page": page} if page else {}
        # Read once from the top: else libvips would unpack large ones into a file of their own first.
        image = getattr(Image, f"{format.loader}_buffer")(data, fail_on="error", access="sequential", **options)
        is_costly = bool(lab) or image.interpretation == "cmyk" or bool(image.get_typeof("icc-profile-data"))
        check_claim(name, (image.width, image.height), _vips_bytes(image), len(data), most_pixels, is_costly)
    if format is formats.PNG and not image.get_typeof("icc-profile-data") and (gamma := _gamma_of_png(data)):
        image = with_blob(image, "icc-profile-data", spaces.power_profile(gamma))
    _check_samples(name, image, tags)
    if format is formats.TIFF:
        iptc = tiff_iptc(tags)
    else:
        tags, iptc = exif_from(_blob(image, "exif-data")), _blob(image, "iptc-data")
    metadata = clean_metadata(tags, _blob(image, "xmp-data"), iptc, _resolution(image))
    orientation = image.get("orientation") if image.get_typeof("orientation") else 1
    size = (image.height, image.width) if orientation >= 5 else (image.width, image.height)
    return Opened(image, lab, is_premultiplied, metadata, size, image.hasalpha(), _pages_of(image))


def _pages_of(image: Any) -> int:
    return int(image.get("n-pages")) if image.get_typeof("n-pages") else 1


def _vips_bytes(image: Any) -> int:
    """Bytes that a pixel takes once it is RGB."""
    samples: int = max(3, image.bands)
    return samples * {"uchar": 1, "ushort": 2, "double": 8}.get(image.format, 4)


def _pillow_bytes(image: Pillow.Image) -> int:
    """Bytes that a pixel takes once it is RGB."""
    return 6 if image.mode.startswith("I;16") else 4


def _check_samples(name: Path, image: Any, tags: Pillow.Exif) -> None:
    if image.format not in ("uchar", "ushort", "uint", "float", "double"):
        raise PictureError(f"{name} holds {image.format} samples; save it with 8 or 16 bits a channel, or as float")
    if tiff_value(tags, _PLANES, 1) == 2 and image.bands == 2:
        # libvips mixes them up.
        raise PictureError(f"{name} holds grey and alpha in separate planes; save it with interleaved channels")


def _blob(image: Any, name: str) -> bytes | None:
    return bytes(image.get(name)) if image.get_typeof(name) else None


def _resolution(image: Any) -> tuple[float, float] | None:
    said = [
        None if min(abs(value - unsaid) for unsaid in _UNSAID) < 1e-3 else value for value in (image.xres, image.yres)
    ]
    across, down = said
    return None if across is None or down is None else (across * _PER_INCH, down * _PER_INCH)


def _gamma_of_png(data: bytes) -> float | None:
    """The power curve that a PNG's numbers are in, where it isn't about sRGB's."""
    place = len(b"\x89PNG\r\n\x1a\n")
    while place + 12 <= len(data):
        length, chunk = struct.unpack_from(">I4s", data, place)
        if chunk in (b"sRGB", b"IDAT", b"IEND"):
            return None
        if chunk == b"gAMA" and length == 4:
            (value,) = struct.unpack_from(">I", data, place + 8)
            gamma = 100_000 / value if value else 0
            return gamma if 0.5 < gamma < 5 and abs(gamma - _USUAL_GAMMA) > 0.1 else None
        place += 12 + int(length)
    return None


def _said_to_be_plain(data: bytes, lab: int | None) -> bytes:
    """A TIFF whose tags call its L*a*b* RGB and its alpha straight, so that libvips gives them as they are."""
    order = "<" if data[:2] == b"II" else ">"
    is_big = struct.unpack_from(f"{order}H", data, 2)[0] == 43
    start_format, count_format, size, value = ("Q", "Q", 20, 12) if is_big else ("I", "H", 12, 8)
    (start,) = struct.unpack_from(order + start_format, data, 8 if is_big else 4)
    (count,) = struct.unpack_from(order + count_format, data, start)
    changed = bytearray(data)
    for number in range(count):
        entry = start + struct.calcsize(order + count_format) + size * number
        tag, _, length = struct.unpack_from(f"{order}HH{start_format}", data, entry)
        if tag == _PHOTOMETRIC and lab:
            struct.pack_into(f"{order}H", changed, entry + value, _RGB)
        if tag == _EXTRA and length <= 2:
            struct.pack_into(f"{order}H", changed, entry + value, _STRAIGHT)
    return bytes(changed)


def _by_pillow(data: bytes, name: Path, format: Format, most_pixels: int) -> Any:
    """What libvips has no loader for, as a picture of libvips."""
    with _opened_by_pillow(io.BytesIO(data), name, format) as image:
        is_costly = format is formats.JPEG_2000 or image.mode == "CMYK" or bool(image.info.get("icc_profile"))
        check_claim(name, image.size, _pillow_bytes(image), len(data), most_pixels, is_costly)
        found = as_image(_samples_of(image), "cmyk" if image.mode == "CMYK" else None)
        info = image.info
        exif = info.get("exif") or (image.getexif().tobytes() if len(image.getexif()) else None)
        blobs = {"icc-profile-data": info.get("icc_profile"), "exif-data": exif, "xmp-data": info.get("xmp")}
        for field, blob in blobs.items():
            if blob:
                found = with_blob(found, field, blob.encode() if isinstance(blob, str) else blob)
        across, down = info.get("dpi", (_PER_INCH, _PER_INCH))
        orientation = image.getexif().get(274, 1)
    found = found.copy(xres=float(across) / _PER_INCH, yres=float(down) / _PER_INCH)
    found.set_type(GValue.gint_type, "orientation", orientation if orientation in range(1, 9) else 1)
    return found


def _opened_by_pillow(file: IO[bytes], name: Path, format: Format) -> Pillow.Image:
    if format.extra:
        _load_plugin(name, format)
    return Pillow.open(file, formats=[str(format.pillow)])


_PLUGINS = {"heic": "pi_heif", "jxl": "pillow_jxl"}


def _load_plugin(name: Path, format: Format) -> None:
    """Have Pillow know a format that an extra brings. Raises `PictureError`."""
    assert format.extra
    try:
        plugin = importlib.import_module(_PLUGINS[format.extra])
    except ImportError as error:
        raise PictureError(
            f"{name} is a {format.name} file, which needs an extra: pip install 'gimp-impasto[{format.extra}]'"
        ) from error
    if format is formats.HEIC:
        plugin.register_heif_opener()


def _samples_of(image: Pillow.Image) -> Picture:
    if image.mode.startswith("I;16"):
        return np.asarray(image).astype(np.uint16)[..., None]
    if image.mode not in ("L", "LA", "RGB", "RGBA", "CMYK"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    samples = np.asarray(image)
    return samples[..., None] if samples.ndim == 2 else samples


def _as_seen(opened: Opened) -> tuple[Picture, bytes | None]:
    image = opened.image
    if image.get_typeof("orientation") and image.get("orientation") != 1:
        image = image.copy_memory().autorot()  # what is read from the top can't be turned
    samples = _of_known_type(as_samples(image))
    model = _model_of(image)
    count = {"GRAY": 1, "RGB": 3, "CMYK": 4}[model]
    colours, alpha = samples[..., :count], samples[..., count : count + 1] if opened.has_alpha else None
    profile: bytes | None
    if opened.lab:
        lab = _lab_numbers(colours, opened.lab == _ICCLAB)
        profile = _rich_space(samples)
        pixels = spaces.from_lab(_divided(lab, alpha, opened), profile, samples.dtype)
    else:
        pixels, profile = _as_rgb(_divided(colours, alpha, opened), image, model)
    return np.ascontiguousarray(pixels) if alpha is None else np.concatenate([pixels, alpha], axis=2), profile


def _divided(colours: Picture, alpha: Picture | None, opened: Opened) -> Picture:
    """The colours, straight: divided by alpha, if they were multiplied by it. A few rows at a time, to spare memory."""
    if alpha is None or not opened.is_premultiplied:
        return colours
    straight = np.empty_like(colours)
    top = _TOPS[str(alpha.dtype)]
    for rows in (slice(start, start + 64) for start in range(0, len(colours), 64)):
        shares = alpha[rows].astype(np.float32) / top
        divided = colours[rows] / np.where(shares > 0, shares, 1)
        straight[rows] = divided if colours.dtype.kind == "f" else np.rint(divided).clip(0, top)
    return straight


def _of_known_type(samples: Picture) -> Picture:
    """Samples as uint8, uint16 or float32 in 0..1."""
    if str(samples.dtype) in ("uint8", "uint16", "float32"):
        return samples
    return (samples / _TOPS[str(samples.dtype)]).astype(np.float32)


def _model_of(image: Any) -> spaces.Model:
    if image.interpretation == "cmyk" and image.bands >= 4:
        return "CMYK"
    return "GRAY" if image.bands < 3 else "RGB"


def _as_rgb(colours: Picture, image: Any, model: spaces.Model) -> tuple[Picture, bytes | None]:
    """Samples without alpha, as RGB in a space to paint in, and its profile."""
    profile = spaces.profile_for(image, model)
    if model == "CMYK":
        rich = _rich_space(colours)
        return spaces.brought(colours, profile or profile_named("cmyk"), rich), rich
    if model == "GRAY":
        if profile is None:
            return np.repeat(colours, 3, axis=2), None
        return spaces.brought(colours, profile, spaces.SRGB), spaces.SRGB
    target = spaces.space_to_paint_in(profile, colours.dtype != np.uint8)
    return spaces.moved(colours, profile, target), target


def _rich_space(samples: Picture) -> bytes:
    """The RGB space for what was in none: 8 bits are too coarse for a wide one."""
    return spaces.SRGB if samples.dtype == np.uint8 else spaces.wide_space()


def _lab_numbers(samples: Picture, is_icc: bool) -> NDArray[np.float32]:
    """L*, a* and b* of a TIFF's samples (TIFF 6.0, section 23; ICCLab: its supplement)."""
    if samples.dtype == np.float32:
        return samples.astype(np.float32)
    unit, white = (1, 0xFF) if samples.dtype == np.uint8 else (256, 0xFF00 if is_icc else 0xFFFF)
    opposed = np.ascontiguousarray(samples[..., 1:])
    signed = opposed.astype(np.float32) - 128 * unit if is_icc else opposed.view(f"i{opposed.itemsize}")
    return np.concatenate([samples[..., :1] * (100 / white), signed / unit], axis=2).astype(np.float32)
