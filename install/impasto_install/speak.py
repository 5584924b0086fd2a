"""What the installer says, on any terminal: sentences, and one line that changes while something long is going on."""

from __future__ import annotations

import os
import sys

PLAIN = str.maketrans({"▸": ">", "…": "...", "–": "-", "×": "x"})
UNITS = ((1e9, "GB", 1), (1e6, "MB", 0), (1e3, "kB", 0))


def say(text: str = "") -> None:
    """Print one line, in the letters that the terminal has."""
    _clear()
    print(_printable(text), flush=True)


def show(text: str) -> None:
    """Replace the line that tells how far things are; nothing where output goes to a file."""
    if sys.stdout.isatty():
        width = _width()
        print("\r" + _printable(text)[: width - 1].ljust(width - 1), end="", flush=True)


def size(count: float) -> str:
    """Bytes as people read them: 812 MB, 2.9 GB."""
    for unit, name, digits in UNITS:
        if count >= unit:
            return f"{count / unit:.{digits}f} {name}"
    return f"{count:.0f} bytes"


def _clear() -> None:
    if sys.stdout.isatty():
        print("\r" + " " * (_width() - 1) + "\r", end="")


def _width() -> int:
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except OSError:
        return 80


def _printable(text: str) -> str:
    encoding = sys.stdout.encoding or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(PLAIN).encode(encoding, "replace").decode(encoding)
    return text
