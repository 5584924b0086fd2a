"""The formats of picture files: how each is recognised, and what it can hold when it is written."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from impasto_wire.errors import PictureError

Depth = Literal["uint8", "uint16", "float32"]
Transparency = Literal["none", "hard", "soft"]
"""Hard: each pixel is there or not."""
_BY_DEGREE: tuple[Transparency, ...] = ("none", "hard", "soft")


@dataclass(frozen=True)
class Holds:
    """What a written file of a format can hold."""

    depths: tuple[Depth, ...] = ("uint8",)
    alpha: Transparency = "soft"
    profile: bool = True
    most_side: int | None = None
    """Pixels; None where nobody gets to the limit."""
    largest_exif: int | None = None
    """Bytes; 0 where it can't hold any, None where nobody gets to the limit."""
    largest_xmp: int | None = None
    iptc: bytes | None = None
    """How IPTC begins that it can hold: Photoshop's block of it, or its bare records."""
    resolution: bool = True
    is_lossy: bool = False

    def shows_through(self, transparency: Transparency) -> bool:
        """Can it hold that much transparency?"""
        return _BY_DEGREE.index(transparency) <= _BY_DEGREE.index(self.alpha)


@dataclass(frozen=True)
class Format:
    """One format. `loader` is the operation of libvips that reads it, or else Pillow's name for it is `pillow`."""

    name: str
    suffixes: tuple[str, ...]
    loader: str | None = None
    pillow: str | None = None
    extra: str | None = None
    """The extra of this package that brings what reads it."""
    holds: Holds | None = None
    """None where it is only read."""

    @property
    def with_article(self) -> str:
        """As it stands in a sentence: a PNG, an AVIF."""
        return f"{'an' if self.name[0] == 'A' else 'a'} {self.name}"


_LARGEST_EXIF, _LARGEST_XMP = 65_000, 60_000
"""libvips writes EXIF of at most 64 KiB, some of which it needs itself, and into a JPEG only so much XMP."""

PNG = Format("PNG", (".png", ".apng"), "pngload", holds=Holds(("uint8", "uint16"), largest_exif=_LARGEST_EXIF))
TIFF = Format("TIFF", (".tif", ".tiff"), "tiffload", holds=Holds(("uint8", "uint16", "float32"), iptc=b"\x1c"))
JPEG = Format(
    "JPEG",
    (".jpg", ".jpeg", ".jpe", ".jfif"),
    "jpegload",
    # libjpeg leaves a few of the format's 65,535 pixels unused.
    holds=Holds(
        alpha="none",
        most_side=65_500,
        largest_exif=_LARGEST_EXIF,
        largest_xmp=_LARGEST_XMP,
        iptc=b"Photoshop 3.0",
        is_lossy=True,
    ),
)
WEBP = Format("WebP", (".webp",), "webpload", holds=Holds(most_side=16_383, largest_exif=_LARGEST_EXIF))
AVIF = Format(
    "AVIF",
    (".avif",),
    "heifload",
    holds=Holds(("uint8", "uint16"), most_side=16_384, largest_exif=_LARGEST_EXIF, is_lossy=True),
)
GIF = Format(
    "GIF",
    (".gif",),
    "gifload",
    holds=Holds(
        alpha="hard",
        profile=False,
        most_side=65_535,
        largest_exif=0,
        largest_xmp=0,
        resolution=False,
        is_lossy=True,
    ),
)
BMP = Format(
    "BMP",
    (".bmp",),
    pillow="BMP",
    holds=Holds(alpha="none", profile=False, most_side=32_767, largest_exif=0, largest_xmp=0),
)
JPEG_2000 = Format("JPEG 2000", (".jp2", ".j2k", ".jpx", ".j2c", ".jpf"), pillow="JPEG2000")
HEIC = Format("HEIC", (".heic", ".heif"), pillow="HEIF", extra="heic")
JPEG_XL = Format("JPEG XL", (".jxl",), pillow="JXL", extra="jxl")

FORMATS = (PNG, TIFF, JPEG, WEBP, AVIF, GIF, BMP, JPEG_2000, HEIC, JPEG_XL)
READABLE = {suffix for format in FORMATS for suffix in format.suffixes}
"""Endings of the files that can be read."""
WRITABLE = {suffix: format for format in FORMATS if format.holds for suffix in format.suffixes}
"""Endings of the files that can be written."""

HEAD = 64
"""Bytes of a file that tell its format."""
_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    *((mark, TIFF) for mark in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
    (b"BM", BMP),
    (b"\0\0\0\x0cjP  \r\n\x87\n", JPEG_2000),
    (b"\xff\x4f\xff\x51", JPEG_2000),
    (b"\0\0\0\x0cJXL \r\n\x87\n", JPEG_XL),
    (b"\xff\x0a", JPEG_XL),
)
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def format_of(head: bytes) -> Format | None:
    """The format of a file that begins like this, whatever its name ends in; None for all others."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp":
        brands = {head[8:12], *(head[place : place + 4] for place in range(16, HEAD, 4))}
        if brands & {b"avif", b"avis"}:
            return AVIF
        return HEIC if brands & _HEIF_BRANDS else None
    return next((format for beginning, format in _BEGINNINGS if head.startswith(beginning)), None)


def format_written(path: Path) -> tuple[Format, Holds]:
    """The format that a file of that name is written in. Raises `PictureError`."""
    format = WRITABLE.get(path.suffix.lower())
    if format is None or format.holds is None:
        raise PictureError(f"{path.name} must end in one of {', '.join(sorted(WRITABLE))}")
    return format, format.holds
