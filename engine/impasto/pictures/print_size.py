"""Sizes to paint at, as a person says them: in pixels, or as a print's long side and its pixels per inch."""

import re
from dataclasses import dataclass

from impasto_wire.errors import SettingError

_SMALLEST, _LARGEST = 16, 100_000
_PRINT = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(mm|cm|in)@([0-9]{1,9}(?:\.[0-9]{1,9})?)(?:dpi|ppi)")
_INCHES = {"mm": 1 / 25.4, "cm": 1 / 2.54, "in": 1.0}


@dataclass(frozen=True)
class PrintSize:
    """A long side in pixels; and of a print, its pixels per inch."""

    pixels: int
    per_inch: float | None = None


def parse_size(text: str) -> PrintSize:
    """``1800``, or ``30cm@300dpi``. Raises `SettingError`."""
    printed = _PRINT.fullmatch(text.replace(" ", "").lower())
    if printed:
        length, unit, per_inch = printed.groups()
        size = PrintSize(round(float(length) * _INCHES[unit] * float(per_inch)), float(per_inch))
    elif re.fullmatch("-?[0-9]{1,18}", text):
        size = PrintSize(int(text))
    else:
        raise SettingError(f"size is {text[:80]!r}; it must be pixels, or a print's long side such as 30cm@300dpi")
    if not _SMALLEST <= size.pixels <= _LARGEST:
        named = f"{text}, which is {size.pixels} pixels" if printed else text
        raise SettingError(f"size is {named}; it must lie in {_SMALLEST}..{_LARGEST} pixels")
    return size


def enlargement(name: str, width: int, height: int, long_side: int | None) -> list[str]:
    """A sentence, if a picture has less pixels than it will be painted at."""
    own = max(width, height)
    if long_side is None or long_side <= own:
        return []
    return [f"{name} is enlarged {long_side / own:.3g} times, from {own} to {long_side} pixels"]
