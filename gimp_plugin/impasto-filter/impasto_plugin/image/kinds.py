"""Which files are opened at all: told by their first bytes, whatever they are called, before any program decodes them.

GIMP hands a file that begins like PostScript to Ghostscript, and unpacks one that begins like an archive to see what is
in it. No style needs that.
"""

from pathlib import Path

from impasto_plugin.texts import _
from impasto_presets.own import MOST_PIXELS, read_header
from impasto_wire.errors import PictureError
from impasto_wire.files import open_regular

_HEAD = 4096
_BEGINNINGS = (
    *(b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"BM"),
    *(b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51", b"\0\0\0\x0cJXL ", b"\xff\x0a", b"gimp xcf", b"8BPS", b"qoif", b"DDS "),
    *(b"\x76\x2f\x31\x01", b"#?RADIANCE", b"#?RGBE", b"SIMPLE  =", b"/* XPM", b"P1", b"P2", b"P3", b"P4", b"P5", b"P6"),
    *(b"P7", b"PF", b"Pf", b"\0\0\1\0", b"\x01\xda", b"\x59\xa6\x6a\x95"),
)
_ZSOFT = tuple(b"\x0a" + bytes((version, 1)) for version in (0, 2, 3, 4, 5))
_MOST_SHOWN = 1 << 27
"""Pixels of a picture that is shown small while a person chooses."""
_LARGEST_FILE = 1 << 20
"""Bytes; those of a style take a third of it."""


def check_kind(path: Path) -> None:
    """Raises `PictureError` for a file that doesn't begin as a picture, and for what is no file."""
    try:
        with open_regular(path) as file:
            head = file.read(_HEAD)
    except OSError:
        head = b""
    if not _is_picture(head):
        raise PictureError(_("GIMP can't open the style picture {name}; choose another").format(name=path.name))


def _is_picture(head: bytes) -> bool:
    is_open_raster = head[:4] == b"PK\3\4" and b"mimetypeimage/openraster" in head[:80]
    is_truevision = head[1:2] in (b"\0", b"\1") and head[2:3] in (b"\1", b"\2", b"\3", b"\x09", b"\x0a", b"\x0b")
    return (
        head.startswith(_BEGINNINGS + _ZSOFT)
        or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
        or head[4:8] == b"ftyp"
        or is_open_raster
        or (is_truevision and head[16:17] in (b"\x08", b"\x0f", b"\x10", b"\x18", b"\x20"))
        or _is_drawing(head)
    )


def _is_drawing(head: bytes) -> bool:
    """Is it an SVG? One that names entities of its own is not opened: a few of those can unfold into gigabytes."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return (
        text.startswith((b"<?xml", b"<svg", b"<!--", b"<!doctype svg")) and b"<svg" in text and b"<!entity" not in text
    )


def can_be_shown(path: Path) -> bool:
    """Is it a JPEG or PNG that can be shown small at once? Others are opened by GIMP alone, when they are chosen."""
    try:
        with open_regular(path) as file:
            header = read_header(file.read(_LARGEST_FILE))
    except OSError:
        return False
    return header is not None and 0 < header.width * header.height <= _MOST_SHOWN


def is_styles_own(path: Path) -> bool:
    """Is it a JPEG or PNG, as styles consist of them, and of a size that they may have?"""
    try:
        with open_regular(path) as file:
            header = read_header(file.read(_LARGEST_FILE))
    except OSError:
        return False
    return header is not None and 0 < header.width * header.height <= MOST_PIXELS
