"""GIMP on Linux: distribution packages, Flatpak, Snap and AppImage."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from .gimps import Gimp, profiles_in, version_in
from .system import System

FLATPAK = "org.gimp.GIMP"
PROGRAM = r"gimp(-console)?(-3(\.\d+)?)?"


def installed(system: System) -> Iterator[Gimp]:
    """Every GIMP 3 that is installed, whether or not it was ever started."""
    for finder in (packages, flatpaks, snaps, appimages):
        yield from finder(system)


def profile_bases(system: System) -> list[Path]:
    """Where profiles lie: the person's own, and those inside sandboxes."""
    return [_own_base(system), _flatpak_base(system), _snap_base(system)]


def packages(system: System) -> Iterator[Gimp]:
    """GIMPs on the PATH, asked for their version; the console program is preferred, since it needs no display."""
    programs = [path for path in system.programs(PROGRAM) if "snap" not in path.parts and "flatpak" not in path.parts]
    asked = set()
    for program in sorted(programs, key=lambda path: "console" not in path.name):
        if program.resolve() in asked:
            continue
        asked.add(program.resolve())
        version = version_in(system.ask([str(program), "--version"]))
        if version:
            yield Gimp("package", version, _own_base(system) / version, program)


def flatpaks(system: System) -> Iterator[Gimp]:
    """The Flatpak: Flathub's shares ~/.config/GIMP, other builds keep the profile in the sandbox's own folder."""
    places = [system.root / "var/lib/flatpak", system.folder("XDG_DATA_HOME", ".local", "share") / "flatpak"]
    if not any((place / "app" / FLATPAK).is_dir() for place in places):
        return
    for gimp in profiles_in(_flatpak_base(system)):
        yield Gimp("flatpak", gimp.version, gimp.profile, is_sandboxed=True)
    version = version_in(_version_line(system.ask(["flatpak", "info", FLATPAK])))
    if version:
        yield Gimp("flatpak", version, _own_base(system) / version, is_sandboxed=True)


def snaps(system: System) -> Iterator[Gimp]:
    """The Snap keeps its profile under ~/snap; `current` moves with every update and is followed, not resolved.

    Snaps themselves lie in /snap; Fedora and Arch have them in /var/lib/snapd/snap.
    """
    places = [place / "gimp" for place in (system.root / "snap", system.root / "var/lib/snapd/snap")]
    snap = next((place for place in places if place.is_dir()), None)
    if snap is None:
        return
    versions = {gimp.version for gimp in profiles_in(_snap_base(system))}
    told = snap / "current/meta/snap.yaml"
    if told.is_file():
        versions.add(version_in(_version_line(told.read_text(encoding="utf-8", errors="replace"))) or "")
    for version in sorted(versions - {""}):
        yield Gimp("snap", version, _snap_base(system) / version, is_sandboxed=True)


def appimages(system: System) -> Iterator[Gimp]:
    """AppImages where people put them; the version is in the name."""
    folders = ("Applications", "AppImages", "Downloads", "Desktop", ".local/bin", "bin")
    for folder in folders:
        for image in sorted((system.home / folder).glob("*.[Aa]pp[Ii]mage")):
            version = version_in(image.name) if re.match(r"gimp", image.name, re.IGNORECASE) else None
            if version:
                yield Gimp("appimage", version, _own_base(system) / version)


def _own_base(system: System) -> Path:
    return system.folder("XDG_CONFIG_HOME", ".config") / "GIMP"


def _flatpak_base(system: System) -> Path:
    return system.home / ".var/app" / FLATPAK / "config/GIMP"


def _snap_base(system: System) -> Path:
    return system.home / "snap/gimp/current/.config/GIMP"


def _version_line(report: str) -> str:
    return next((line for line in report.splitlines() if line.strip().lower().startswith("version:")), "")
