"""What a picture's file says beside its pixels: EXIF, XMP, IPTC and pixels per inch, read and written again."""

import io
import re
import struct
from dataclasses import dataclass, replace
from typing import Any

from PIL import ExifTags, Image, TiffImagePlugin

from .formats import Holds

_XMP_TAG, _IPTC_TAG, _PROFILE_TAG = 700, 33723, 34675
_RESOLUTION_TAGS = {282, 283, 296}
_OF_THE_FILE = {
    *range(254, 260), 262, 263, 266, 273, 274, *range(277, 281), 284, 292, 293, 297, 301, 317, 318, 319, 320,
    *range(321, 326), 330, 332, 338, 339, 347, 512, 513, 514, 529, 530, 531, 532, 34377,
    _XMP_TAG, _IPTC_TAG, _PROFILE_TAG, *_RESOLUTION_TAGS, 281,
}  # fmt: skip
"""Tags that describe how a picture lies in its file; in another file they would be wrong."""
_XMP_ORIENTATION = re.compile(rb"""(tiff:Orientation(?:>|=["']))[2-8]""")
_CENTIMETRES = 3


@dataclass(frozen=True)
class Metadata:
    """Each as the files hold it, or none; `resolution` is in pixels per inch, across and down."""

    exif: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    resolution: tuple[float, float] | None = None

    def fitting(self, holds: Holds) -> tuple["Metadata", list[str]]:
        """As much of it as a format holds; and the names of what it can't."""
        kept, left_out = self, []
        if self.exif and holds.largest_exif is not None and len(self.exif) > holds.largest_exif:
            kept = replace(kept, exif=None)
            left_out.append("EXIF")
        if self.xmp and holds.largest_xmp is not None and len(self.xmp) > holds.largest_xmp:
            kept = replace(kept, xmp=None)
            left_out.append("XMP")
        if self.iptc and (holds.iptc is None or not self.iptc.startswith(holds.iptc)):
            kept = replace(kept, iptc=None)
            left_out.append("IPTC")
        if self.resolution and not holds.resolution:
            left_out.append("pixels per inch")
        return kept, left_out


NO_METADATA = Metadata()


def clean_metadata(
    exif: Image.Exif, xmp: bytes | None, iptc: bytes | None, resolution: tuple[float, float] | None
) -> Metadata:
    """A file's metadata without what describes that file alone: how its picture lies, its thumbnail.

    Where a format has no place for the resolution of its own, EXIF tells it.
    """
    resolution = resolution or _resolution_in(exif)
    for tag in _OF_THE_FILE & set(exif):
        del exif[tag]
    _keep_bytes(exif)
    return Metadata(
        exif.tobytes() if len(exif) else None, xmp and _XMP_ORIENTATION.sub(rb"\g<1>1", xmp), iptc or None, resolution
    )


def exif_from(data: bytes | None) -> Image.Exif:
    """EXIF as its tags; of a TIFF's bytes its own tags. What is damaged counts as none."""
    exif = Image.Exif()
    try:
        exif.load(data or b"")
    except (SyntaxError, struct.error, ValueError, OSError):
        return Image.Exif()
    return exif


def _resolution_in(exif: Image.Exif) -> tuple[float, float] | None:
    try:
        across, down = float(exif[282]), float(exif[283])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    scale = 2.54 if exif.get(296) == _CENTIMETRES else 1
    return (across * scale, down * scale) if across > 1 and down > 1 else None


def _keep_bytes(exif: Image.Exif) -> None:
    """Have texts written as they were read, whatever their encoding: Pillow reads Latin-1, and would write ASCII."""
    for entries in (exif, exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)):
        for tag, text in [(tag, text) for tag, text in entries.items() if isinstance(text, str)]:
            entries[tag] = text.encode("latin-1", "replace")


def tagged_tiff(data: bytes, metadata: Metadata) -> bytes:
    """A TIFF with EXIF and IPTC as tags of its own: libvips doesn't write the one, and cuts the other off.

    Its directory is written anew at the end, with the entries added (TIFF 6.0, section 2).
    """
    if not (metadata.exif or metadata.iptc) or data[:4] != b"II*\0":
        return data
    added = TiffImagePlugin.ImageFileDirectory_v2(b"II*\0\0\0\0\0")
    if metadata.iptc:
        added[_IPTC_TAG] = metadata.iptc
    tags = exif_from(metadata.exif)
    _keep_bytes(tags)
    for tag, value in tags.items():
        added[tag] = tags.get_ifd(tag) if tag in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo) else value
    out = io.BytesIO(data)
    start = _end(out)
    block = added.tobytes(start)
    out.write(block)
    (first,) = struct.unpack_from("<I", data, 4)
    own = _entries(data, first)
    next_page = data[first + 2 + 12 * len(own) :][:4]
    entries = own | _entries(block, 0)
    directory = _end(out)
    out.write(struct.pack("<H", len(entries)) + b"".join(entries[tag] for tag in sorted(entries)) + next_page)
    out.seek(4)
    out.write(struct.pack("<I", directory))
    return out.getvalue()


def _end(out: io.BytesIO) -> int:
    out.seek(0, io.SEEK_END)
    out.write(b"\0" * (out.tell() % 2))
    return out.tell()


def _entries(data: bytes, start: int) -> dict[int, bytes]:
    """A directory's entries by their tags."""
    (count,) = struct.unpack_from("<H", data, start)
    entries = [data[start + 2 + 12 * number : start + 14 + 12 * number] for number in range(count)]
    return {struct.unpack_from("<H", entry)[0]: entry for entry in entries}


def tiff_iptc(tags: Image.Exif) -> bytes | None:
    """IPTC's records in a TIFF; some programs say that they are whole numbers of four bytes."""
    value: Any = tags.get(_IPTC_TAG)
    if isinstance(value, int):
        value = (value,)
    if isinstance(value, tuple) and all(isinstance(part, int) for part in value):
        value = struct.pack(f"{tags.endian}{len(value)}I", *value)
    return value if isinstance(value, bytes) else None


def tiff_value(tags: Image.Exif, tag: int, default: int) -> int:
    """A number, or the first of several, that a TIFF's tag holds."""
    value: Any = tags.get(tag, default)
    return int(value[0] if isinstance(value, tuple) else value)
