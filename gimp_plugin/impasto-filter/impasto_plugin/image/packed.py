"""Maps of one channel as JSON can hold them: packed, and made smaller where they would take too much room."""

import zlib
from base64 import b64decode, b64encode
from functools import lru_cache
from typing import Any

from impasto_wire.pictures import Pixels

from .scaling import shrunk

MOST_PACKED = 256 << 10
"""Of a packed map: a brush's strokes take a tenth of it, a selected rectangle of 100 megapixels a third."""
LARGEST_MAP = 1 << 27
"""Of a map, so that no file can ask for any amount of memory."""
_REMEMBERED = 16
"""How many maps are not packed anew each time: the same ones are kept again whenever a setting changes."""


def packed(map_: Pixels) -> dict[str, Any]:
    """A map as JSON can hold it: as it is, or half as large until it takes little room."""
    size, text = _as_text(map_.width, map_.height, bytes(map_.data))
    return {"size": list(size), "packed": text}


def unpacked(told: Any) -> Pixels:
    """A map that JSON held; the same object for the same map. Raises `ValueError` where it holds none."""
    try:
        width, height = map(int, told["size"])
        text = str(told["packed"])
    except (KeyError, TypeError) as error:
        raise ValueError(told) from error
    return _from_text(width, height, text)


@lru_cache(_REMEMBERED)
def _as_text(width: int, height: int, data: bytes) -> tuple[tuple[int, int], str]:
    found = zlib.compress(data)
    if (len(found) > MOST_PACKED or width * height > LARGEST_MAP) and max(width, height) > 1:
        half = shrunk(Pixels(width, height, 1, "u8", data), max(width, height) // 2)
        return _as_text(half.width, half.height, bytes(half.data))
    return (width, height), b64encode(found).decode()


@lru_cache
def _from_text(width: int, height: int, text: str) -> Pixels:
    if min(width, height) < 1 or width * height > LARGEST_MAP:
        raise ValueError((width, height))
    try:
        data = zlib.decompressobj().decompress(b64decode(text, validate=True), width * height)
    except zlib.error as error:
        raise ValueError(text) from error
    if len(data) != width * height:
        raise ValueError(text)
    return Pixels(width, height, 1, "u8", data)
