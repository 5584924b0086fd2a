"""Places from which nothing can be installed, since what is written there, or where it points to, doesn't last."""

from __future__ import annotations

import sys
from pathlib import Path

from .errors import Unsuitable
from .system import System


def require_lasting_place(system: System, python: str = sys.base_prefix, checkout: Path = Path(__file__)) -> None:
    """Raises `Unsuitable` for the Microsoft Store's Python, and for programs that macOS runs from a copy of its own."""
    if system.platform == "win32" and "WindowsApps" in Path(python).parts:
        raise Unsuitable(
            "this Python is the Microsoft Store's, and Windows hides from GIMP what it installs; install Python from"
            " https://www.python.org/downloads/windows and start again with that one"
        )
    for path in (Path(python), checkout.resolve()):
        if system.platform == "darwin" and "AppTranslocation" in path.parts:
            raise Unsuitable(
                f"macOS runs this from a copy that it deletes soon ({path}); move the program or the folder to another"
                " place in the Finder, such as Applications or Documents, and start again from there"
            )
