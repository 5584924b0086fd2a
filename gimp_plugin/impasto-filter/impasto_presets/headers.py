"""What a picture file's first bytes tell: is it a JPEG or a PNG, and how large is the picture."""

import struct
from typing import NamedTuple

_PNG = b"\x89PNG\r\n\x1a\n"
# Start of frame, in all its kinds; what lies between them are tables and arithmetic coding's conditions.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})


class Header(NamedTuple):
    """A picture file's usual ending, and the picture's size in pixels."""

    suffix: str
    width: int
    height: int


def read_header(data: bytes) -> Header | None:
    """The header of a JPEG or PNG file; None for everything else. Nothing is decoded."""
    if data.startswith(_PNG) and data[12:16] == b"IHDR" and len(data) >= 24:
        return Header(".png", *struct.unpack(">II", data[16:24]))
    return _read_jpeg(data) if data.startswith(b"\xff\xd8") else None


def _read_jpeg(data: bytes) -> Header | None:
    place = 2
    while place + 9 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return Header(".jpg", width, height)
        if marker == 0xFF:  # filling
            place += 1
        elif marker in _WITHOUT_LENGTH:
            place += 2
        else:
            place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return None
