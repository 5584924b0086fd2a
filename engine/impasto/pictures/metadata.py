"""What a picture's file says beside its pixels: colour profile, EXIF and XMP, read and written again."""

import io
import struct
from dataclasses import dataclass
from typing import Any

from PIL import ExifTags, Image, PngImagePlugin

_XMP_TAG, _PROFILE_TAG = 700, 34675
_OF_TIFF_ITSELF = {
    *range(254, 260), 262, 263, 266, 273, *range(277, 282), 284, 292, 293, 297, 301, 317, 318, 319, 320,
    *range(321, 326), 330, 332, 338, 339, 347, 512, 513, 514, 529, 530, 531, 532, _XMP_TAG, 33723, 34377, _PROFILE_TAG,
}  # fmt: skip
"""Tags that describe how a TIFF lies in its file; in another file they would be wrong."""


@dataclass(frozen=True)
class Metadata:
    """Each as the files hold it, or none."""

    profile: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None


NO_METADATA = Metadata()


def read_metadata(image: Image.Image, upright: Image.Image | None = None) -> Metadata:
    """What an opened file says; `upright` is its picture turned as it says, if it was turned."""
    exif = image.getexif()
    for tag in (_OF_TIFF_ITSELF | ({ExifTags.Base.Orientation} if upright else set())) & set(exif):
        del exif[tag]
    _keep_bytes(exif)
    info = (upright or image).info
    xmp = info.get("xmp") or info.get("XML:com.adobe.xmp")
    return Metadata(
        image.info.get("icc_profile"),
        exif.tobytes() if len(exif) else None,
        xmp.encode() if isinstance(xmp, str) else xmp,
    )


def save_options(metadata: Metadata, kind: str) -> dict[str, Any]:
    """What makes Pillow write it into a file of that kind (``PNG``, ``TIFF``, ``JPEG``, ``WEBP``)."""
    options: dict[str, Any] = {"icc_profile": metadata.profile}
    if kind == "TIFF":
        options["exif"] = _tags(metadata)
        return options
    if metadata.exif:
        options["exif"] = metadata.exif
    if metadata.xmp and kind == "PNG":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", metadata.xmp.decode(errors="replace"))
    elif metadata.xmp:
        options["xmp"] = metadata.xmp
    return options


def _tags(metadata: Metadata) -> Image.Exif:
    """EXIF and XMP as a TIFF's own tags."""
    tags = Image.Exif()
    if metadata.exif:
        tags.load(metadata.exif)
        _keep_bytes(tags)
    if metadata.xmp:
        tags[_XMP_TAG] = metadata.xmp
    return tags


def _keep_bytes(exif: Image.Exif) -> None:
    """Have texts written as they were read, whatever their encoding: Pillow reads Latin-1, and would write ASCII."""
    for entries in (exif, exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)):
        for tag, text in [(tag, text) for tag, text in entries.items() if isinstance(text, str)]:
            entries[tag] = text.encode("latin-1", "replace")


def tagged_tiff(data: bytes, metadata: Metadata) -> bytes:
    """A TIFF of one picture with profile and XMP: OpenCV, which alone writes deep ones, can't put them in.

    Its directory is written anew at the end, with the entries added (TIFF 6.0, section 2).
    """
    added = {_XMP_TAG: (1, metadata.xmp), _PROFILE_TAG: (7, metadata.profile)}
    if not any(value for _, value in added.values()):
        return data
    order = "<" if data[:2] == b"II" else ">"
    magic, start = struct.unpack_from(f"{order}HI", data, 2)
    assert magic == 42, "OpenCV writes no BigTIFF"
    (count,) = struct.unpack_from(f"{order}H", data, start)
    entries = {}
    for number in range(count):
        entry = data[start + 2 + 12 * number : start + 14 + 12 * number]
        entries[struct.unpack_from(f"{order}H", entry)[0]] = entry
    out = io.BytesIO()
    out.write(data)
    for tag, (kind, value) in added.items():
        if value:
            out.write(b"\0" * (out.tell() % 2))
            entries[tag] = struct.pack(f"{order}HHII", tag, kind, len(value), out.tell())
            out.write(value)
    out.write(b"\0" * (out.tell() % 2))
    directory = out.tell()
    out.write(struct.pack(f"{order}H", len(entries)) + b"".join(entries[tag] for tag in sorted(entries)) + b"\0" * 4)
    out.seek(4)
    out.write(struct.pack(f"{order}I", directory))
    return out.getvalue()
