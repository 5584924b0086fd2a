"""Small files of every kind, written byte by byte: the reader under test has no part in them."""

import struct
import zlib
from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Layout = Literal["strip", "tile", "planar", "deflate", "lzw"]
Samples = NDArray[np.generic]

GREY, RGB, PALETTE, CMYK, LAB = 1, 2, 3, 5, 8
"""TIFF's names for what the samples mean (`PhotometricInterpretation`)."""
NO_ALPHA, PREMULTIPLIED, STRAIGHT = None, 1, 2
"""TIFF's names for the extra sample (`ExtraSamples`)."""


def tiff(
    samples: Samples,
    photometric: int,
    layout: Layout = "strip",
    extra: int | None = None,
    palette: Samples | None = None,
    profile: bytes | None = None,
    orientation: int = 1,
    dpi: int | None = 300,
) -> bytes:
    """A little-endian TIFF of samples ``(H, W, C)``: uint8, uint16 or float32."""
    samples = samples.astype(samples.dtype.newbyteorder("<"))
    height, width, channels = samples.shape
    planes = [samples[..., place : place + 1] for place in range(channels)] if layout == "planar" else [samples]
    chunks = [chunk for plane in planes for chunk in (_tiles(plane) if layout == "tile" else _strips(plane))]
    packed = [_packed(chunk.tobytes(), layout) for chunk in chunks]
    tags: dict[int, tuple[str, tuple[int, ...] | bytes]] = {
        256: ("I", (width,)),
        257: ("I", (height,)),
        258: ("H", (samples.dtype.itemsize * 8,) * channels),
        259: ("H", ({"deflate": 8, "lzw": 5}.get(layout, 1),)),
        262: ("H", (photometric,)),
        274: ("H", (orientation,)),
        277: ("H", (channels,)),
        284: ("H", (2 if layout == "planar" else 1,)),
        339: ("H", (3 if samples.dtype.kind == "f" else 1,) * channels),
    }
    offsets, counts = (324, 325) if layout == "tile" else (273, 279)
    tags |= {322: ("I", (16,)), 323: ("I", (16,))} if layout == "tile" else {278: ("I", (8,))}
    tags[counts] = ("I", tuple(map(len, packed)))
    if dpi:
        tags |= {282: ("R", (dpi, 1)), 283: ("R", (dpi, 1)), 296: ("H", (2,))}
    if extra is not None:
        tags[338] = ("H", (extra,))
    if palette is not None:
        tags[320] = ("H", tuple(int(value) * 257 for value in palette.T.ravel()))
    if profile:
        tags[34675] = ("B", profile)
    places = np.cumsum([8, *(len(chunk) + len(chunk) % 2 for chunk in packed)])
    tags[offsets] = ("I", tuple(map(int, places[:-1])))
    body = b"".join(chunk + b"\0" * (len(chunk) % 2) for chunk in packed)
    directory = int(places[-1])
    return struct.pack("<2sHI", b"II", 42, directory) + body + _directory(tags, directory)


def _strips(plane: Samples) -> list[Samples]:
    return [plane[top : top + 8] for top in range(0, len(plane), 8)]


def _tiles(plane: Samples) -> list[Samples]:
    height, width = plane.shape[:2]
    padded = np.pad(plane, ((0, -height % 16), (0, -width % 16), (0, 0)), mode="edge")
    return [padded[top : top + 16, left : left + 16] for top in range(0, height, 16) for left in range(0, width, 16)]


def _packed(data: bytes, layout: Layout) -> bytes:
    if layout == "deflate":
        return zlib.compress(data)
    return _lzw(data) if layout == "lzw" else data


def _lzw(data: bytes) -> bytes:
    """Literals of 9 bits alone: the table is cleared before longer codes would be needed."""
    codes = [code for place, byte in enumerate(data) for code in ([256, byte] if place % 200 == 0 else [byte])] + [257]
    bits = "".join(f"{code:09b}" for code in codes)
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _directory(tags: Mapping[int, tuple[str, tuple[int, ...] | bytes]], start: int) -> bytes:
    kinds = {"B": (7, 1), "H": (3, 2), "I": (4, 4), "R": (5, 8)}
    entries, beyond = b"", b""
    after = start + 2 + 12 * len(tags) + 4
    for tag, (kind, values) in sorted(tags.items()):
        number, size = kinds[kind]
        data = values if isinstance(values, bytes) else struct.pack(f"<{len(values)}{kind.replace('R', 'I')}", *values)
        count = len(data) // size
        if len(data) > 4:
            place = struct.pack("<I", after + len(beyond))
            beyond += data + b"\0" * (len(data) % 2)
        else:
            place = data.ljust(4, b"\0")
        entries += struct.pack("<HHI", tag, number, count) + place
    return struct.pack("<H", len(tags)) + entries + b"\0" * 4 + beyond


def png(
    samples: Samples,
    palette: Samples | None = None,
    palette_alpha: Samples | None = None,
    profile: bytes | None = None,
    orientation: int = 1,
    dpi: int | None = 300,
    gamma: float | None = None,
) -> bytes:
    """A PNG of samples ``(H, W, 1 to 4)``: uint8 or uint16; with a palette they are its entries' numbers."""
    height, width, channels = samples.shape
    colour = 3 if palette is not None else {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = samples.astype(samples.dtype.newbyteorder(">")).reshape(height, -1)
    raw = b"".join(b"\0" + row.tobytes() for row in rows)
    parts = [_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, samples.dtype.itemsize * 8, colour, 0, 0, 0))]
    if profile:
        parts.append(_chunk(b"iCCP", b"icc\0\0" + zlib.compress(profile)))
    if gamma:
        parts.append(_chunk(b"gAMA", struct.pack(">I", round(gamma * 100_000))))
    if palette is not None:
        parts.append(_chunk(b"PLTE", palette.astype(np.uint8).tobytes()))
    if palette_alpha is not None:
        parts.append(_chunk(b"tRNS", palette_alpha.astype(np.uint8).tobytes()))
    if dpi:
        per_metre = round(dpi / 0.0254)
        parts.append(_chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)))
    if orientation != 1:
        parts.append(_chunk(b"eXIf", exif_orientation(orientation)))
    parts += [_chunk(b"IDAT", zlib.compress(raw)), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def exif_orientation(orientation: int) -> bytes:
    """EXIF that says nothing but how a picture lies."""
    return struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, 274, 3, 1, orientation, 0, 0)


def matrix_profile(columns: Samples, gamma: float) -> bytes:
    """An ICC profile (version 2) of an RGB space: its primaries' X, Y, Z under D50 as columns, and a power curve."""
    curve = struct.pack(">4s4xIH", b"curv", 1, round(gamma * 256))
    primaries = {tag: _xyz(column) for tag, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns.T, strict=True)}
    return _profile(b"RGB ", {**primaries, **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)})


def grey_profile(gamma: float) -> bytes:
    """An ICC profile (version 2) of grey with a power curve."""
    return _profile(b"GRAY", {b"kTRC": struct.pack(">4s4xIH", b"curv", 1, round(gamma * 256))})


def _profile(model: bytes, tags: Mapping[bytes, bytes]) -> bytes:
    text = b"made by a test\0"
    tags = {
        b"desc": struct.pack(">4s4xI", b"desc", len(text)) + text + bytes(78),
        b"cprt": b"text" + bytes(4) + text,
        b"wtpt": _xyz((0.9642, 1.0, 0.8249)),
        **tags,
    }
    table = body = b""
    for tag, data in tags.items():
        table += struct.pack(">4s2I", tag, 132 + 12 * len(tags) + len(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    whole = 132 + len(table) + len(body)
    header = struct.pack(">I4xI4s4s4s", whole, 0x02100000, b"mntr", model, b"XYZ ") + bytes(12) + b"acsp" + bytes(28)
    header += struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def _xyz(values: Iterable[float]) -> bytes:
    return struct.pack(">4s4x3i", b"XYZ ", *(round(65536 * float(value)) for value in values))
