"""GIMP on Windows: the installer's, for one person or for all, and the Microsoft Store's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .gimps import Gimp, profiles_in, version_in
from .system import System


def installed(system: System) -> Iterator[Gimp]:
    """Every GIMP 3 that is installed, whether or not it was ever started."""
    yield from from_installer(system)
    yield from from_store(system)


def profile_bases(system: System) -> list[Path]:
    """Where profiles lie."""
    return [_roaming(system) / "GIMP"]


def from_installer(system: System) -> Iterator[Gimp]:
    """`GIMP 3` under Program Files or under one person's programs; the console program's name tells the version."""
    places = [system.folder("LOCALAPPDATA", "AppData", "Local") / "Programs"]
    places += [Path(system.environ[name]) for name in ("ProgramFiles", "ProgramW6432") if name in system.environ]
    for place in places:
        for program in sorted(place.glob("GIMP*/bin/gimp-console-3.*.exe")):
            version = version_in(program.name)
            if version:
                yield Gimp("windows", version, _roaming(system) / "GIMP" / version, program)


def from_store(system: System) -> Iterator[Gimp]:
    """The Store's GIMP writes its profile into its package's own folder and reads the person's as well."""
    packages = system.folder("LOCALAPPDATA", "AppData", "Local") / "Packages"
    for base in sorted(packages.glob("*GIMP*/LocalCache/Roaming/GIMP")):
        for gimp in profiles_in(base):
            yield Gimp("store", gimp.version, gimp.profile)


def _roaming(system: System) -> Path:
    return system.folder("APPDATA", "AppData", "Roaming")
