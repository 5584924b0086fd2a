"""From a picture to the bytes of its file: as deep as the format can be, with its profile and metadata."""

import io
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from PIL import Image as Pillow

from impasto.request import Picture

from . import formats, spaces
from .formats import Format, Holds
from .metadata import Metadata, tagged_tiff
from .vips import GValue, as_image, with_blob

_JPEG_QUALITY, _AVIF_QUALITY = 97, 95
"""Paint is all fine detail: below, JPEG and AVIF are 3 levels of 255 off in the mean. WebP, which with loss keeps one
colour for four pixels, is 6 off at its best: it is written without loss, larger, though smaller than a PNG."""
NO_PAGES: Mapping[str, Any] = {}
_PAGE_TYPES = {"page-height": GValue.gint_type, "loop": GValue.gint_type, "delay": GValue.array_int_type}
_PER_INCH = 25.4
_USUAL_RESOLUTION = (72.0, 72.0)
"""What viewers take for granted where a file says nothing; libvips always writes something."""
_LARGE = 3_500_000_000
"""Bytes of samples from which a TIFF needs 64-bit offsets."""


def encoded(
    pixels: Picture,
    profile: bytes | None,
    metadata: Metadata,
    format: Format,
    holds: Holds,
    pages: Mapping[str, Any] = NO_PAGES,
) -> bytes:
    """RGB pixels as a file of a format, which can hold their alpha. Raises `VipsError`, `OSError`, `ValueError`.

    `pages`: what libvips is told of several pictures that lie one above the other, such as ``page-height``.
    """
    metadata, _ = metadata.fitting(holds)
    pixels = of_depth(pixels, holds)
    if not holds.profile:
        pixels, profile = spaces.moved(pixels, profile, None), None
    resolution = metadata.resolution or _USUAL_RESOLUTION
    if format.loader is None:
        buffer = io.BytesIO()
        Pillow.fromarray(np.ascontiguousarray(pixels)).save(buffer, format.pillow, dpi=resolution)
        return buffer.getvalue()
    image = as_image(pixels, "rgb16" if pixels.dtype == np.uint16 else "srgb")
    image = image.copy(xres=resolution[0] / _PER_INCH, yres=resolution[1] / _PER_INCH)
    blobs = {"icc-profile": profile, "exif": metadata.exif, "xmp": metadata.xmp}
    if format is not formats.TIFF:
        blobs["iptc"] = metadata.iptc
    for name, blob in blobs.items():
        if blob:
            image = with_blob(image, f"{name}-data", blob)
    for name, value in pages.items():
        image.set_type(_PAGE_TYPES[name], name, value)
    data = _SAVERS[format.name](image)
    return tagged_tiff(data, metadata) if format is formats.TIFF else data


def of_depth(pixels: Picture, holds: Holds) -> Picture:
    """The pixels in their own type if a format holds it, else in its deepest."""
    if str(pixels.dtype) in holds.depths:
        return pixels
    deepest = np.dtype(holds.depths[-1])
    if pixels.dtype == np.float32:
        top = np.float32(np.iinfo(deepest).max)
        return np.rint(pixels.clip(0, 1) * top).astype(deepest)
    return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)


def _tiff(image: Any) -> bytes:
    size = image.width * image.height * image.bands * {"uchar": 1, "ushort": 2, "float": 4}[image.format]
    predictor = "none" if image.format == "float" else "horizontal"
    found: bytes = image.tiffsave_buffer(compression="deflate", predictor=predictor, bigtiff=size > _LARGE)
    return found


_SAVERS: dict[str, Callable[[Any], bytes]] = {
    "PNG": lambda image: image.pngsave_buffer(compression=4, filter="sub"),
    "TIFF": _tiff,
    "JPEG": lambda image: image.jpegsave_buffer(Q=_JPEG_QUALITY, optimize_coding=True),
    "WebP": lambda image: image.webpsave_buffer(lossless=True, effort=1),
    # More effort takes fifty times as long and makes the file no smaller.
    "AVIF": lambda image: image.heifsave_buffer(
        compression="av1",
        Q=_AVIF_QUALITY,
        subsample_mode="off",
        effort=0,
        bitdepth=12 if image.format == "ushort" else 8,
    ),
    "GIF": lambda image: image.gifsave_buffer(),
}
