"""GIMP on macOS: the app, wherever it was dragged to."""

from __future__ import annotations

import plistlib
from collections.abc import Iterator
from pathlib import Path
from xml.parsers.expat import ExpatError

from .gimps import Gimp, version_in
from .system import System


def installed(system: System) -> Iterator[Gimp]:
    """Every GIMP 3 app in the two Applications folders; its Info.plist tells the version."""
    for folder in (system.root / "Applications", system.home / "Applications"):
        for app in sorted(folder.glob("*GIMP*.app")):
            version = _version_of(app)
            if version:
                console = app / "Contents/MacOS/gimp-console"
                known = console if console.exists() else None
                yield Gimp("macos", version, _base(system) / version, known)


def profile_bases(system: System) -> list[Path]:
    """Where profiles lie."""
    return [_base(system)]


def _version_of(app: Path) -> str | None:
    try:
        with (app / "Contents/Info.plist").open("rb") as file:
            return version_in(str(plistlib.load(file).get("CFBundleShortVersionString", "")))
    except (OSError, plistlib.InvalidFileException, ExpatError, ValueError):
        return None


def _base(system: System) -> Path:
    return system.home / "Library/Application Support/GIMP"
