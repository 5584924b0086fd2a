"""Picture files that lie, are damaged, or mean harm: made here from small honest ones, none of them kept in git.

Each is small on the disk, whatever it says of itself. What must hold of them is said in tests/pictures/test_hostile.py.
"""

import io
import os
import random
import socket
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from PIL import Image

from impasto.pictures.formats import READABLE
from samples import makers

CASES = Path(__file__).parent.parent / "data" / "cases"
MARK = "ghostscript-has-run"
_PNG = b"\x89PNG\r\n\x1a\n"
_POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n(/tmp/x) (w) file closefile\n{} loop\n"


@dataclass(frozen=True)
class Hostile:
    """A file: its kind, its name, and its bytes, or what makes it at a path."""

    kind: str
    name: str | bytes
    data: bytes = b""
    make: Callable[[Path], object] | None = None

    def put(self, folder: Path) -> Path:
        """Make it in a folder of its own kind; returns its path."""
        place = folder / self.kind
        place.mkdir(exist_ok=True)
        path = place / os.fsdecode(self.name)
        if self.make is None:
            path.write_bytes(self.data)
        else:
            self.make(path)
        return path


def corpus(percent: int, kinds: frozenset[str] | None = None) -> Iterator[Hostile]:
    """All of them, or those of some kinds; each format is cut off at every so many per cent."""
    makers_of = {
        "postscript": _postscript, "no picture": _other_contents, "wrong ending": _wrong_endings,
        "lying header": _lying_headers, "pixel bomb": _pixel_bombs, "just allowed": _just_allowed,
        "metadata bomb": _metadata_bombs, "loop": _loops, "many frames": _many_frames, "zero size": _zero_sizes,
        "special file": _special_files, "palette": _palettes, "odd samples": _odd_samples, "garbage": _garbage,
        "flipped bits": _flipped, "cut off": partial(_cut_off, percent),
    }  # fmt: skip
    for kind, make in makers_of.items():
        if kinds is None or kind in kinds:
            yield from make()


@lru_cache(maxsize=1)
def honest() -> dict[str, bytes]:
    """A small honest file of each format, by its ending or, where there are several, by a name that ends in it."""
    random_numbers = np.random.default_rng(5)
    ramp = np.linspace(0, 255, 64 * 48 * 3).reshape(48, 64, 3)
    pixels = (ramp + random_numbers.normal(0, 8, ramp.shape)).clip(0, 255).astype(np.uint8)
    image = Image.fromarray(pixels)
    frames = [Image.fromarray(np.roll(pixels, 9 * number, axis=1)) for number in range(3)]
    deep = pixels.astype(np.uint16) * 257
    found = {
        ".png": makers.png(pixels, profile=makers.matrix_profile(np.eye(3), 2.2), orientation=6),
        "-deep.png": makers.png(deep),
        "-several.png": _saved(frames[0], "PNG", save_all=True, append_images=frames[1:]),
        ".jpg": _saved(image, "JPEG", quality=90),
        "-progressive.jpg": _saved(image, "JPEG", progressive=True),
        ".gif": _saved(image, "GIF"),
        "-several.gif": _saved(frames[0], "GIF", save_all=True, append_images=frames[1:]),
        ".webp": _saved(image, "WEBP", lossless=True),
        "-lossy.webp": _saved(image, "WEBP", quality=70),
        "-several.webp": _saved(frames[0], "WEBP", save_all=True, append_images=frames[1:]),
        ".bmp": _saved(image, "BMP"),
        ".jp2": _saved(image, "JPEG2000"),
        ".avif": _saved(image, "AVIF"),
        ".heic": (CASES / "photo.heic").read_bytes(),
        "-several.tif": _saved(frames[0], "TIFF", save_all=True, append_images=frames[1:]),
    }
    layouts: tuple[makers.Layout, ...] = ("strip", "tile", "planar", "deflate", "lzw")
    found |= {f"-{layout}.tif": makers.tiff(pixels, makers.RGB, layout) for layout in layouts}
    try:
        import pillow_jxl  # noqa: F401
    except ImportError:
        return found
    return found | {".jxl": _saved(image, "JXL")}


def _saved(image: Image.Image, format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def _ending(name: str) -> str:
    return name[name.index(".") :]


# What is no picture, under each name


def _postscript() -> Iterator[Hostile]:
    for number, suffix in enumerate(sorted({*READABLE, ".ps", ".eps", ".pdf", ""})):
        yield Hostile("postscript", f"holiday{number}{suffix}", _POSTSCRIPT)
    # The way of a preview in an EPS, and PostScript after what looks like something else.
    yield Hostile(
        "postscript", "preview.jpg", b"\xc5\xd0\xd3\xc6" + struct.pack("<6I", 32, 90, 0, 0, 0, 0) + _POSTSCRIPT
    )
    yield Hostile("postscript", "spaces.png", b"\n \r\n" + _POSTSCRIPT)
    yield Hostile("postscript", "mark.png", b"\xef\xbb\xbf" + _POSTSCRIPT)
    yield Hostile("postscript", "behind.png", _PNG + _POSTSCRIPT)
    yield Hostile("postscript", "behind.jpg", b"\xff\xd8\xff\xe0\x00\x10" + _POSTSCRIPT)
    yield Hostile("postscript", "page.pdf", b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n")


def _other_contents() -> Iterator[Hostile]:
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">' + b"".join(
        f'<!ENTITY {chr(98 + level)} "{f"&{chr(97 + level)};" * 10}">'.encode() for level in range(12)
    )
    svg = laughs + b']><svg xmlns="http://www.w3.org/2000/svg" width="99999" height="99999"><text>&m;</text></svg>'
    array = io.BytesIO()
    np.save(array, np.zeros((16, 16, 3), np.uint8))
    pickled = io.BytesIO()
    np.save(pickled, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    contents = {
        "portable-float": b"PF\n64 48\n-1.0\n" + bytes(64 * 48 * 12),
        "portable-float-grey": b"Pf\n999999999 999999999\n1.0\n",
        "portable-float-nan": b"PF\n16 16\nnan\n" + b"\xff" * 16 * 16 * 12,
        "portable-pixels": b"P6\n64 48\n255\n" + bytes(64 * 48 * 3),
        "portable-text": b"P3\n99999 99999\n255\n1 2 3",
        "array": array.getvalue(),
        "pickled-array": pickled.getvalue(),
        "photoshop": b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 300000, 300000, 8, 3) + bytes(40),
        "vector": svg,
        "openexr": b"\x76\x2f\x31\x01\2\0\0\0" + bytes(64),
        "radiance": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 99999 +X 99999\n",
        "fits": b"SIMPLE  =                    T".ljust(2880),
        "matlab": b"MATLAB 5.0 MAT-file".ljust(128, b" "),
        "zip": b"PK\3\4" + bytes(60),
        "gzip": b"\x1f\x8b\x08" + bytes(60),
        "page": b"<!DOCTYPE html><html><body>Not found</body></html>",
        "icon": b"\0\0\1\0\1\0\0\0\0\0\1\0\x20\0\xff\xff\xff\x7f\x16\0\0\0" + bytes(40),
        "zsoft": b"\x0a\5\1\x08\0\0\0\0\xff\xff\xff\xff" + bytes(128),
        "truevision": b"\0\0\x0a" + bytes(9) + struct.pack("<HHBB", 65535, 65535, 32, 0) + bytes(40),
        "text": "Grüße".encode() * 20,
        "utf-16": "P3 16 16".encode("utf-16") * 20,
    }
    for name, data in contents.items():
        for suffix in (".png", ".tif"):
            yield Hostile("no picture", f"{name}{suffix}", data)


def _wrong_endings() -> Iterator[Hostile]:
    names = [name for name in honest() if name.startswith(".")]
    for name, other in zip(names, [*names[1:], names[0]], strict=True):
        yield Hostile("wrong ending", f"{name[1:]}-as{other}", honest()[name])
    for name, data in honest().items():
        yield Hostile("honest", f"honest{name}", data)


# What lies about its size


def _lying_headers() -> Iterator[Hostile]:
    sizes = [(60_000, 60_000), (2**31 - 1, 1), (30_000, 30_000), (9, 100_000_000), (2**32 - 1, 2**32 - 1)]
    for width, height in sizes:
        yield Hostile("lying header", f"{width}x{height}.png", _png_of_size(honest()[".png"], width, height))
        for name in ("-strip.tif", "-tile.tif", "-planar.tif", "-deflate.tif", "-lzw.tif"):
            data = _tiff_with(honest()[name], {256: width, 257: height})
            yield Hostile("lying header", f"{width}x{height}{name}", data)
        bmp = bytearray(honest()[".bmp"])
        struct.pack_into("<II", bmp, 18, width, height)
        yield Hostile("lying header", f"{width}x{height}.bmp", bytes(bmp))
        yield Hostile("lying header", f"{width}x{height}.jp2", _jp2_of_size(width, height))
        yield Hostile("lying header", f"{width}x{height}.avif", _boxed_size(honest()[".avif"], width, height))
        yield Hostile("lying header", f"{width}x{height}.heic", _boxed_size(honest()[".heic"], width, height))
    for width, height in ((65_535, 65_535), (65_535, 8), (30_000, 30_000)):
        for name in (".jpg", "-progressive.jpg"):
            yield Hostile("lying header", f"{width}x{height}{name}", _jpeg_of_size(honest()[name], width, height))
        for name in (".gif", "-several.gif"):
            gif = bytearray(honest()[name])
            struct.pack_into("<HH", gif, 6, width, height)
            yield Hostile("lying header", f"{width}x{height}{name}", bytes(gif))
    for name in ("-lossy.webp", "-several.webp"):
        yield Hostile("lying header", f"canvas{name}", _webp_canvas(honest()[name]))
    yield from _lying_tiffs()
    yield from _lying_bmps()


def _lying_tiffs() -> Iterator[Hostile]:
    changes: dict[str, dict[int, int]] = {
        "rows-0": {278: 0}, "rows-most": {278: 2**32 - 1}, "counts-most": {279: 2**32 - 1},
        "offsets-beyond": {273: 2**31}, "bits-0": {258: 0}, "bits-64": {258: 64}, "samples-0": {277: 0},
        "samples-65535": {277: 65_535}, "compression-nosuch": {259: 999}, "compression-jpeg": {259: 7},
        "compression-fax": {259: 3}, "photometric-nosuch": {262: 999}, "photometric-ycbcr": {262: 6},
        "planes-9": {284: 9}, "orientation-77": {274: 77},
    }  # fmt: skip
    for name, values in changes.items():
        yield Hostile("lying header", f"{name}.tif", _tiff_with(honest()["-strip.tif"], values))
    for side in (0, 1, 17, 2**31, 2**32 - 16):
        tiled = _tiff_with(honest()["-tile.tif"], {322: side, 323: side})
        yield Hostile("lying header", f"tiles-{side}.tif", tiled)
    # A million tiles of one pixel each, all of them the same few bytes.
    yield Hostile("lying header", "many-tiles.tif", _tiff_with(honest()["-tile.tif"], {256: 30_000, 257: 30_000}))
    first = _tiff_of(30_000, 30_000, 3, b"", 1)
    yield Hostile("lying header", "no-strips.tif", first)
    for tag in (700, 33723, 34675, 258, 320, 338):
        yield Hostile(
            "lying header", f"tag-{tag}.tif", _tiff_with(honest()["-strip.tif"], {}, {tag: (7, 2**32 - 1, 0)})
        )


def _lying_bmps() -> Iterator[Hostile]:
    for name, place, form, value in (
        ("depth-0", 28, "H", 0), ("depth-999", 28, "H", 999), ("colours", 46, "I", 2**32 - 1),
        ("start", 10, "I", 2**32 - 1), ("compressed", 30, "I", 1), ("fields", 30, "I", 3),
        ("header", 14, "I", 2**32 - 1), ("upside-down", 22, "i", -48), ("most-negative", 22, "i", -(2**31)),
    ):  # fmt: skip
        data = bytearray(honest()[".bmp"])
        struct.pack_into(f"<{form}", data, place, value)
        yield Hostile("lying header", f"{name}.bmp", bytes(data))


def _png_of_size(data: bytes, width: int, height: int) -> bytes:
    head = b"IHDR" + struct.pack(">II", width, height) + data[24:29]
    return data[:12] + head + struct.pack(">I", zlib.crc32(head)) + data[33:]


def _jpeg_of_size(data: bytes, width: int, height: int) -> bytes:
    place = next(at for at in range(len(data)) if data[at] == 0xFF and data[at + 1] in (0xC0, 0xC2))
    return data[: place + 5] + struct.pack(">HH", height, width) + data[place + 9 :]


def _jp2_of_size(width: int, height: int, tile: int | None = None) -> bytes:
    data = bytearray(honest()[".jp2"])
    place = data.index(b"\xff\x51") + 6
    struct.pack_into(">II", data, place, width, height)
    struct.pack_into(">II", data, place + 16, tile or width, tile or height)
    place = data.index(b"ihdr") + 4
    struct.pack_into(">II", data, place, height, width)
    return bytes(data)


def _boxed_size(data: bytes, width: int, height: int) -> bytes:
    """AVIF's and HEIC's own words on the size, every one of them changed."""
    changed, place = bytearray(data), data.find(b"ispe")
    while place >= 0:
        struct.pack_into(">II", changed, place + 8, width, height)
        place = data.find(b"ispe", place + 1)
    return bytes(changed)


def _webp_canvas(data: bytes) -> bytes:
    """A WebP whose canvas is 16 million pixels wide and high, as its header can say."""
    if data[12:16] != b"VP8X":
        data = data[:12] + b"VP8X" + struct.pack("<I", 10) + bytes(10) + data[12:]
    data = data[:24] + b"\xff" * 6 + data[30:]
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]


def _tiff_with(data: bytes, values: dict[int, int], entries: dict[int, tuple[int, int, int]] | None = None) -> bytes:
    """A little-endian TIFF with other values in some tags, which then hold just one; and with other whole entries."""
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    found = {}
    for number in range(count):
        entry = data[start + 2 + 12 * number : start + 14 + 12 * number]
        found[struct.unpack_from("<H", entry)[0]] = entry
    for tag, value in values.items():
        found[tag] = struct.pack("<HHII", tag, 4, 1, value)
    for tag, (kind, length, place) in (entries or {}).items():
        found[tag] = struct.pack("<HHII", tag, kind, length, place)
    directory = struct.pack("<H", len(found)) + b"".join(found[tag] for tag in sorted(found)) + b"\0" * 4
    return data[:4] + struct.pack("<I", len(data) + len(data) % 2) + data[8:] + b"\0" * (len(data) % 2) + directory


def _tiff_of(width: int, height: int, channels: int, strip: bytes, compression: int, bits: int = 8) -> bytes:
    """A TIFF each of whose rows is the same strip."""
    beyond = 8 + len(strip) + len(strip) % 2
    tags = {
        256: (4, 1, width), 257: (4, 1, height), 258: (3, 1, bits), 259: (3, 1, compression),
        262: (3, 1, 2 if channels == 3 else 1), 273: (4, height, beyond), 277: (3, 1, channels), 278: (4, 1, 1),
        279: (4, height, beyond + 4 * height),
    }  # fmt: skip
    lists = struct.pack("<I", 8) * height + struct.pack("<I", len(strip)) * height
    entries = b"".join(struct.pack("<HHII", tag, *tags[tag]) for tag in sorted(tags))
    body = strip + b"\0" * (len(strip) % 2) + lists
    return struct.pack("<2sHI", b"II", 42, 8 + len(body)) + body + struct.pack("<H", len(tags)) + entries + bytes(4)


# What is small in its file and large when it is unpacked


def _pixel_bombs() -> Iterator[Hostile]:
    for side in (8_000, 20_000, 31_000):
        for colour, depth, size in ((0, 8, 1), (2, 8, 3), (6, 16, 8)):
            yield Hostile("pixel bomb", f"{side}-{colour}-{depth}.png", _png_of_zeros(side, side, colour, depth, size))
        yield Hostile("pixel bomb", f"{side}-grey.jpg", _jpeg_of_grey(side, side))
        for channels in (1, 3):
            strip = zlib.compress(bytes(side * channels), 9)
            yield Hostile("pixel bomb", f"{side}-{channels}-deflate.tif", _tiff_of(side, side, channels, strip, 8))
            runs = b"\x81\0" * (side * channels // 128 + 1)
            yield Hostile("pixel bomb", f"{side}-{channels}-packbits.tif", _tiff_of(side, side, channels, runs, 32773))
        deep = zlib.compress(bytes(side * 8), 9)
        yield Hostile("pixel bomb", f"{side}-double.tif", _tiff_of(side, side, 1, deep, 8, 64))
    yield Hostile("pixel bomb", "65500.jpg", _jpeg_of_grey(65_500, 15_000))
    yield Hostile("pixel bomb", "long.png", _png_of_zeros(8, 100_000_000, 0, 8, 1))
    yield Hostile("pixel bomb", "wide.png", _png_of_zeros(100_000_000, 8, 0, 8, 1))
    yield Hostile("pixel bomb", "one-bit.png", _png_of_zeros(31_000, 31_000, 0, 1, 1 / 8))
    for side in (8_000, 16_383):
        yield Hostile("pixel bomb", f"{side}.webp", _webp_of_one_colour(side))
    yield Hostile("pixel bomb", "flat.jp2", _saved(Image.new("L", (6_000, 6_000)), "JPEG2000"))
    yield Hostile("pixel bomb", "tiles.jp2", _jp2_of_size(31_000, 31_000, 1))
    yield Hostile("pixel bomb", "flat.gif", _saved(Image.new("L", (6_000, 6_000)), "GIF"))
    yield Hostile("pixel bomb", "runs.bmp", _bmp_of_runs(31_000, 31_000))
    yield Hostile("pixel bomb", "flat.avif", _saved(Image.new("RGB", (5_000, 5_000)), "AVIF", speed=10))
    if ".jxl" in honest():
        yield Hostile("pixel bomb", "flat.jxl", _saved(Image.new("RGB", (5_000, 5_000)), "JXL", effort=1))


def _just_allowed() -> Iterator[Hostile]:
    """As large as any small file may say that it is, in the kinds that take most time or memory for their samples."""
    kind = "just allowed"
    sizes = ((0, 8, 1, 4_720), (2, 8, 3, 4_720), (6, 8, 4, 4_090), (6, 16, 8, 2_890), (0, 1, 1 / 8, 4_720))
    for colour, depth, size, side in sizes:
        png = _png_of_zeros(side, side, colour, depth, size)
        yield Hostile(kind, f"{colour}-{depth}.png", png)
        turned = makers._chunk(b"eXIf", makers.exif_orientation(6))
        yield Hostile(kind, f"turned-{colour}-{depth}.png", _with_chunk(png, turned))
    profile = makers._chunk(b"iCCP", b"a\0\0" + zlib.compress(makers.matrix_profile(np.diag([0.6, 0.7, 0.5]), 1.0)))
    for side in (1_660, 3_300):
        yield Hostile(kind, f"{side}-linear.png", _with_chunk(_png_of_zeros(side, side, 2, 16, 6), profile))
    yield Hostile(kind, "interlaced.png", _png_of_zeros(4_720, 4_720, 0, 8, 1, interlace=1))
    yield Hostile(kind, "long.png", _png_of_zeros(8, 500_000, 2, 8, 3))
    yield Hostile(kind, "wide.png", _png_of_zeros(500_000, 8, 2, 8, 3))
    yield Hostile(kind, "grey.jpg", _jpeg_of_grey(4_720, 4_720))
    yield Hostile(kind, "progressive.jpg", _saved(Image.new("RGB", (4_720, 4_720)), "JPEG", progressive=True))
    for side in (2_040, 4_090):
        yield Hostile(kind, f"{side}-inks.jpg", _saved(Image.new("CMYK", (side, side)), "JPEG"))
        yield Hostile(kind, f"{side}.jp2", _saved(Image.new("RGB", (side, side)), "JPEG2000"))
        yield Hostile(kind, f"{side}-tiles.jp2", _jp2_of_size(side, side, 1))
    for channels, bits, side in ((1, 8, 4_720), (3, 8, 2_360), (1, 64, 1_670), (1, 32, 2_360), (3, 16, 1_670)):
        tiff = _tiff_of(side, side, channels, zlib.compress(bytes(side * channels * bits // 8), 9), 8, bits)
        yield Hostile(kind, f"{channels}-{bits}.tif", tiff)
        if channels == 3:
            yield Hostile(kind, f"lab-{bits}.tif", _tiff_with(tiff, {262: makers.LAB}))
    yield Hostile(kind, "lossless.webp", _webp_of_one_colour(4_090))
    yield Hostile(kind, "all.gif", _saved(Image.new("P", (4_090, 4_090)), "GIF"))
    yield Hostile(kind, "runs.bmp", _bmp_of_runs(4_090, 4_090))
    yield Hostile(kind, "cut.heic", _boxed_size(honest()[".heic"], 4_090, 4_090))


@lru_cache(maxsize=4)
def _deflated_zeros(size: int) -> bytes:
    """So many zeros as one zlib stream, made of copies of its first megabyte."""
    piece = 1 << 20
    packer = zlib.compressobj(9)
    head = packer.compress(bytes(piece)) + packer.flush(zlib.Z_FULL_FLUSH)
    copy = packer.compress(bytes(piece)) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = zlib.compressobj(9, wbits=-15)
    end = rest.compress(bytes(size % piece)) + rest.flush()
    copies = size // piece
    body = head + copy * (copies - 1) if copies else head[:2]
    return body + end + struct.pack(">I", (size % 65521) << 16 | 1)


def _png_of_zeros(width: int, height: int, colour: int, depth: int, pixel: float, interlace: int = 0) -> bytes:
    row = 1 + int(-(-width * pixel // 1))
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    data = makers._chunk(b"IDAT", _deflated_zeros(row * height))
    return _PNG + makers._chunk(b"IHDR", head) + data + makers._chunk(b"IEND", b"")


def _jpeg_of_grey(width: int, height: int) -> bytes:
    """Four blocks take three bytes: each is no difference of brightness, then the end of the block."""
    small = _saved(Image.new("L", (8, 8), 128), "JPEG", optimize=False)
    start = small.index(b"\xff\xda")
    length = struct.unpack_from(">H", small, start + 2)[0]
    blocks = -(-width // 8) * -(-height // 8)
    head = _jpeg_of_size(small[: start + 2 + length], width, height)
    return head + b"\x28\xa2\x8a" * (blocks // 4 + 1) + b"\xff\xd9"


def _webp_of_one_colour(side: int) -> bytes:
    """A pixel takes no bit where there is only one colour, so the size can be any."""
    data = bytearray(_saved(Image.new("RGB", (64, 64)), "WEBP", lossless=True))
    place = data.index(b"VP8L") + 9
    (bits,) = struct.unpack_from("<I", data, place)
    struct.pack_into("<I", data, place, bits & ~0xFFFFFFF | side - 1 | (side - 1) << 14)
    return bytes(data)


def _bmp_of_runs(width: int, height: int) -> bytes:
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, 0, 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, 14 + 40 + 1024) + info + bytes(1024) + b"\xff\0" * 200_000 + b"\0\1"


def _metadata_bombs() -> Iterator[Hostile]:
    png = honest()["-deep.png"]
    gigabyte = _deflated_zeros(1 << 30)
    texts = {
        "zTXt": b"a\0\0" + gigabyte,
        "iCCP": b"a\0\0" + gigabyte,
        "iTXt": b"XML:com.adobe.xmp\0\1\0\0\0" + gigabyte,
    }
    for name, data in texts.items():
        yield Hostile("metadata bomb", f"{name}.png", _with_chunk(png, makers._chunk(name.encode(), data)))
    many = makers._chunk(b"tEXt", b"a\0b") * 300_000
    yield Hostile("metadata bomb", "many-texts.png", _with_chunk(png, many))
    packed = makers._chunk(b"zTXt", b"a\0\0" + _deflated_zeros(7_000_000)) * 400
    yield Hostile("metadata bomb", "many-packed-texts.png", _with_chunk(png, packed))
    profiles = makers._chunk(b"iCCP", b"a\0\0" + _deflated_zeros(200_000_000))
    yield Hostile("metadata bomb", "large-profile.png", _with_chunk(png, profiles))
    lying = makers.matrix_profile(np.eye(3), 2.2)[:128] + struct.pack(">I", 2**32 - 1) + bytes(100)
    yield Hostile("metadata bomb", "tags.png", makers.png(np.zeros((48, 64, 3), np.uint8), profile=lying))
    table = makers.matrix_profile(np.eye(3), 2.2)
    curve = table.index(b"curv", 200)
    yield Hostile(
        "metadata bomb",
        "curve.png",
        makers.png(np.zeros((48, 64, 3), np.uint8), profile=table[: curve + 8] + b"\xff" * 4 + table[curve + 12 :]),
    )
    yield from _metadata_bombs_in_jpegs()
    webp = honest()[".webp"]
    for name in (b"ICCP", b"EXIF", b"XMP "):
        chunk = name + struct.pack("<I", 2**32 - 2) + bytes(64)
        yield Hostile("metadata bomb", f"{name.decode().strip()}.webp", _webp_canvas(webp)[:30] + chunk)
    for tag in (700, 33723, 34675):
        large = honest()["-strip.tif"] + bytes(60_000_000)
        data = _tiff_with(large, {}, {tag: (7, 59_000_000, 4_000)})
        yield Hostile("metadata bomb", f"tag-{tag}.tif", data)


def _metadata_bombs_in_jpegs() -> Iterator[Hostile]:
    jpeg = honest()[".jpg"]

    def with_segments(*segments: tuple[int, bytes]) -> bytes:
        written = b"".join(struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data for marker, data in segments)
        return jpeg[:2] + written + jpeg[2:]

    profile = [(0xE2, b"ICC_PROFILE\0" + bytes((number, 255)) + b"\xff" * 65_000) for number in range(1, 256)]
    yield Hostile("metadata bomb", "profile.jpg", with_segments(*profile))
    yield Hostile("metadata bomb", "profile-0-of-0.jpg", with_segments((0xE2, b"ICC_PROFILE\0\0\0" + b"\xff" * 9)))
    xmp = b"http://ns.adobe.com/xap/1.0/\0" + b"<x/>" * 15_000
    yield Hostile("metadata bomb", "xmp.jpg", with_segments(*[(0xE1, xmp)] * 500))
    yield Hostile("metadata bomb", "comments.jpg", with_segments(*[(0xFE, b"a" * 65_000)] * 500))
    yield Hostile("metadata bomb", "small-comments.jpg", with_segments(*[(0xFE, b"")] * 500_000))
    exif = {
        "loop": struct.pack("<2sHIHHHIII", b"II", 42, 8, 1, 0x8769, 4, 1, 8, 8),
        "count": struct.pack("<2sHIHHHIII", b"II", 42, 8, 1, 0x010E, 2, 2**32 - 1, 8, 0),
        "many": struct.pack("<2sHIH", b"II", 42, 8, 65_535) + bytes(60_000),
        "rational": struct.pack("<2sHIHHHIIIII", b"II", 42, 8, 1, 282, 5, 1, 26, 0, 0, 0),
        "nothing": b"II",
        "far": struct.pack("<2sHI", b"II", 42, 2**32 - 1),
        "gps": struct.pack("<2sHIHHHIII", b"II", 42, 8, 1, 0x8825, 4, 1, 8, 0),
        "odd-types": struct.pack("<2sHIHHHIII", b"II", 42, 8, 1, 274, 2, 4, 0x41414141, 0),
        "orientation": struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, 274, 3, 1, 999, 0, 0),
        "resolution-text": struct.pack("<2sHIHHHIII", b"II", 42, 8, 1, 282, 2, 4, 0x00414141, 0),
    }
    for name, data in exif.items():
        yield Hostile("metadata bomb", f"exif-{name}.jpg", with_segments((0xE1, b"Exif\0\0" + data)))


def _with_chunk(png: bytes, chunk: bytes) -> bytes:
    return png[:33] + chunk + png[33:]


# What never ends


def _loops() -> Iterator[Hostile]:
    data = honest()["-strip.tif"]
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    link = start + 2 + 12 * count
    itself = data[:link] + struct.pack("<I", start) + data[link + 4 :]
    yield Hostile("loop", "next-is-itself.tif", itself)
    second = len(data) + len(data) % 2
    pages = data[:link] + struct.pack("<I", second) + data[link + 4 :] + b"\0" * (len(data) % 2)
    pages += data[start:link] + struct.pack("<I", start)
    yield Hostile("loop", "two-in-a-circle.tif", pages)
    for tag in (330, 34665, 34853, 40965):  # SubIFDs, and those of EXIF, GPS and interoperability
        yield Hostile("loop", f"{tag}-is-itself.tif", _tiff_with(data, {tag: second}))
        yield Hostile("loop", f"{tag}-is-the-header.tif", _tiff_with(data, {tag: 0}))
    yield Hostile(
        "loop", "many-subdirectories.tif", _tiff_with(data + b"\x08\0\0\0" * 500_000, {}, {330: (4, 500_000, 4000)})
    )
    yield Hostile("loop", "starts-at-itself.tif", data[:4] + struct.pack("<I", 0) + data[8:])
    yield Hostile("loop", "no-directory.tif", data[:4] + struct.pack("<I", 2**32 - 1) + data[8:])
    many = honest()["-strip.tif"][:start]
    entry = data[start:link]
    for number in range(20_000):
        place = start + number * (len(entry) + 4)
        many += entry + struct.pack("<I", place + len(entry) + 4 if number < 19_999 else 0)
    yield Hostile("loop", "twenty-thousand-pages.tif", many)


def _many_frames() -> Iterator[Hostile]:
    gif = honest()[".gif"]
    frame = b"\x21\xf9\4\0\0\0\0\0" + b"\x2c" + struct.pack("<4H", 0, 0, 1, 1) + b"\0" + b"\2\2\x44\1\0"
    end = gif.rindex(b"\x3b")
    yield Hostile("many frames", "million.gif", gif[:end] + frame * 1_000_000 + b"\x3b")
    large = bytearray(gif[:end] + frame * 100_000 + b"\x3b")
    struct.pack_into("<HH", large, 6, 5_000, 5_000)
    yield Hostile("many frames", "large-canvas.gif", bytes(large))
    pixel = zlib.compress(b"\0\0\0\0")
    for count, canvas in ((100_000, 16), (100_000, 3_000)):
        control = makers._chunk(b"acTL", struct.pack(">II", count, 0))
        first = makers._chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, canvas, canvas, 0, 0, 1, 10, 0, 0))
        still = _PNG + makers._chunk(b"IHDR", struct.pack(">IIBBBBB", canvas, canvas, 8, 2, 0, 0, 0)) + control + first
        still += makers._chunk(b"IDAT", zlib.compress(bytes(canvas * (3 * canvas + 1))))
        frames = b"".join(
            makers._chunk(b"fcTL", struct.pack(">IIIIIHHBB", 2 * number + 1, 1, 1, 0, 0, 1, 10, 0, 0))
            + makers._chunk(b"fdAT", struct.pack(">I", 2 * number + 2) + pixel)
            for number in range(count - 1)
        )
        yield Hostile("many frames", f"{canvas}.png", still + frames + makers._chunk(b"IEND", b""))
    lying = makers._chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0))
    yield Hostile("many frames", "says-so.png", _with_chunk(honest()["-deep.png"], lying))
    webp = honest()["-several.webp"]
    place = webp.index(b"ANMF")
    size = 8 + struct.unpack_from("<I", webp, place + 4)[0]
    many = webp[:place] + webp[place : place + size] * 3_000
    yield Hostile("many frames", "thousands.webp", many[:4] + struct.pack("<I", len(many) - 8) + many[8:])


# Odd files


def _zero_sizes() -> Iterator[Hostile]:
    for width, height in ((0, 48), (64, 0), (0, 0), (1, 1), (7, 7)):
        name = f"{width}x{height}"
        yield Hostile("zero size", f"{name}.png", _png_of_size(honest()[".png"], width, height))
        yield Hostile("zero size", f"{name}.jpg", _jpeg_of_size(honest()[".jpg"], width, height))
        yield Hostile("zero size", f"{name}.tif", _tiff_with(honest()["-strip.tif"], {256: width, 257: height}))
        gif, bmp = bytearray(honest()[".gif"]), bytearray(honest()[".bmp"])
        struct.pack_into("<HH", gif, 6, width, height)
        struct.pack_into("<II", bmp, 18, width, height)
        yield Hostile("zero size", f"{name}.gif", bytes(gif))
        yield Hostile("zero size", f"{name}.bmp", bytes(bmp))
        yield Hostile("zero size", f"{name}.avif", _boxed_size(honest()[".avif"], width, height))
        yield Hostile("zero size", f"{name}.jp2", _jp2_of_size(width, height, 64))


def _special_files() -> Iterator[Hostile]:
    kind, png = "special file", honest()[".png"]
    yield Hostile(kind, "empty.png", b"")
    yield Hostile(kind, "byte.png", b"\x89")
    yield Hostile(kind, "folder.png", make=lambda path: path.mkdir())
    yield Hostile(kind, "line\nbreak.png", png[:-20])
    yield Hostile(kind, "escape\x1b[2J.png", png[:-20])
    yield Hostile(kind, "-o.png", png)
    yield Hostile(kind, f"{'long' * 60}.png", png)
    yield Hostile(kind, "quote'\"$(true);`.png", png)
    yield Hostile(kind, "not-there.png", make=lambda path: None)
    yield Hostile(kind, "hole.png", make=lambda path: _with_hole(path, png, 100 << 30))
    yield Hostile(kind, "hole.tif", make=lambda path: _with_hole(path, honest()["-strip.tif"], 100 << 30))
    if os.name == "nt":
        return
    yield Hostile(kind, b"not-utf8-\xff\xfe.png", png)
    yield Hostile(kind, b"not-utf8-\xff\xfe-cut.png", png[:-20])
    yield Hostile(kind, "pipe.png", make=os.mkfifo)
    yield Hostile(kind, "zeros.png", make=lambda path: path.symlink_to("/dev/zero"))
    yield Hostile(kind, "terminal.png", make=lambda path: path.symlink_to("/dev/tty"))
    yield Hostile(kind, "circle.png", make=lambda path: path.symlink_to(path))
    yield Hostile(kind, "dangling.png", make=lambda path: path.symlink_to("nosuch.png"))
    yield Hostile(kind, "socket.png", make=_make_socket)


def _with_hole(path: Path, data: bytes, size: int) -> None:
    path.write_bytes(data)
    os.truncate(path, size)


def _make_socket(path: Path) -> None:
    """A socket's path may have about a hundred characters only: it is made beside, under a short name, and moved."""
    with socket.socket(socket.AF_UNIX) as made:
        here = Path.cwd()
        os.chdir(path.parent)
        try:
            made.bind("s")
            Path("s").rename(path.name)
        finally:
            os.chdir(here)


def _palettes() -> Iterator[Hostile]:
    indices = np.full((16, 16, 1), 200, np.uint8)
    short = np.zeros((4, 3), np.uint8)
    yield Hostile("palette", "beyond.png", makers.png(indices, short))
    yield Hostile("palette", "much-alpha.png", makers.png(indices, short, np.zeros(256)))
    png = makers.png(indices, short)
    place = png.index(b"PLTE") - 4
    yield Hostile("palette", "none.png", png[:place] + png[place + 12 + 12 :])
    yield Hostile("palette", "two.png", png[:place] + png[place : place + 24] * 2 + png[place + 24 :])
    gif = honest()[".gif"]
    yield Hostile("palette", "none.gif", gif[:10] + bytes((gif[10] & 0x7F,)) + gif[11:13] + gif[13 + 768 :])
    yield Hostile("palette", "background.gif", gif[:11] + b"\xff" + gif[12:])
    yield Hostile(
        "palette", "code-size.gif", gif[: gif.rindex(b"\x2c") + 10] + b"\x0d" + gif[gif.rindex(b"\x2c") + 11 :]
    )
    bmp = _saved(Image.fromarray(indices[..., 0]), "BMP")
    yield Hostile("palette", "short.bmp", bmp[:46] + struct.pack("<I", 4) + bmp[50:])
    tiff = makers.tiff(indices, makers.PALETTE, palette=np.zeros((256, 3), np.int64))
    yield Hostile("palette", "short.tif", _tiff_with(tiff, {}, {320: (3, 3, 8)}))
    yield Hostile("palette", "none.tif", makers.tiff(indices, makers.PALETTE))


def _odd_samples() -> Iterator[Hostile]:
    kind = "odd samples"
    for name, value in (("nan", np.nan), ("inf", np.inf), ("minus-inf", -np.inf), ("huge", 3e38), ("negative", -5.0)):
        flat = np.full((48, 64, 3), value, np.float32)
        yield Hostile(kind, f"{name}.tif", makers.tiff(flat, makers.RGB))
        yield Hostile(kind, f"{name}-lab.tif", makers.tiff(flat, makers.LAB))
    some = np.full((48, 64, 4), 0.5, np.float32)
    some[3, 5], some[9, 9, 3] = np.nan, np.inf
    for extra in (makers.PREMULTIPLIED, makers.STRAIGHT):
        yield Hostile(kind, f"some-nan-{extra}.tif", makers.tiff(some, makers.RGB, extra=extra))
    strip = makers.tiff(np.zeros((48, 64, 1), np.uint16), makers.GREY)
    for name, values in {
        "signed": {339: 2}, "complex": {339: 5}, "nosuch": {339: 99}, "12-bits": {258: 12}, "1-bit": {258: 1},
        "24-bit-float": {258: 24, 339: 3}, "64-bit-float": {258: 64, 339: 3}, "32-bits": {258: 32}, "7-bits": {258: 7},
    }.items():  # fmt: skip
        yield Hostile(kind, f"{name}.tif", _tiff_with(strip, values))
    for colour, depth in ((3, 16), (0, 3), (1, 8), (5, 8), (2, 1), (6, 255)):
        head = struct.pack(">IIBBBBB", 16, 16, depth, colour, 0, 0, 0)
        data = makers._chunk(b"IDAT", zlib.compress(bytes(4096)))
        png = _PNG + makers._chunk(b"IHDR", head) + data + makers._chunk(b"IEND", b"")
        yield Hostile(kind, f"colour-{colour}-depth-{depth}.png", png)
    for name, head in {"interlaced": (8, 2, 0, 0, 1), "filtered": (8, 2, 0, 9, 0), "packed": (8, 2, 9, 0, 0)}.items():
        chunk = makers._chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, *head))
        data = makers._chunk(b"IDAT", zlib.compress(b"\xee" * 4096)) + makers._chunk(b"IEND", b"")
        yield Hostile(kind, f"{name}.png", _PNG + chunk + data)
    for gamma in (0, 1, 2**31, 2**32 - 1):
        chunk = makers._chunk(b"gAMA", struct.pack(">I", gamma))
        yield Hostile(kind, f"gamma-{gamma}.png", _with_chunk(honest()["-deep.png"], chunk))


def _garbage() -> Iterator[Hostile]:
    numbers = random.Random(22)
    for name, data in honest().items():
        length = 4 if name == ".bmp" else 16
        yield Hostile("garbage", f"garbage{name}", data[:length] + numbers.randbytes(3000))


def _flipped() -> Iterator[Hostile]:
    numbers = random.Random(23)
    for name, data in honest().items():
        for number in range(4):
            changed = bytearray(data)
            for _ in range(3):
                changed[numbers.randrange(min(len(data), 400 if number % 2 else len(data)))] ^= 1 << numbers.randrange(
                    8
                )
            yield Hostile("flipped bits", f"flipped-{number}{name}", bytes(changed))


def _cut_off(percent: int) -> Iterator[Hostile]:
    for name, data in honest().items():
        for part in range(0, 100, percent):
            yield Hostile("cut off", f"{part:02}{name}", data[: len(data) * part // 100])
