"""Puts the filter into a GIMP profile, whole or not at all, with the note that tells it where its engine is."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import InstallError
from .folders import missing_above
from .gimps import Gimp
from .manifest import PlacedFilter, write_json
from .source import FILTER, files_below
from .system import System

ENGINE_NOTE = "engine.json"


@dataclass(frozen=True)
class EngineNote:
    """What the filter must know of its engine, which it could not work out from inside a sandbox."""

    python: str
    connection_file: str
    log_file: str
    version: str

    def as_json(self) -> dict[str, Any]:
        """The fields of engine.json."""
        return {
            "python": self.python,
            # Said outright, since the place it would choose depends on the session that starts it.
            "command": [self.python, "-m", "impasto", "serve", "--connection-file", self.connection_file],
            "connection_file": self.connection_file,
            "log_file": self.log_file,
            "version": self.version,
        }


def make_profile(system: System, gimp: Gimp) -> tuple[str, ...]:
    """See to it that a GIMP's profile has a plug-ins folder; returns the folders that had to be made.

    A GIMP that was never started is started once, without windows: it makes its profile itself, and takes over the
    settings of an older GIMP, which it would never do once the folder is there.
    """
    if not gimp.profile.is_dir() and gimp.console:
        system.ask([str(gimp.console), "--no-interface", "--no-data", "--no-fonts", "--quit"], seconds=120)
    missing = missing_above(gimp.plug_ins)
    try:
        gimp.plug_ins.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InstallError(
            f"can't make {gimp.plug_ins} ({error.strerror}); check who owns the folders above it"
        ) from error
    return missing


def is_linked(gimp: Gimp) -> bool:
    """Is the filter in this GIMP a link to somewhere else, as a developer makes it? Then it isn't ours to replace."""
    return (gimp.plug_ins / FILTER).is_symlink()


def place_filter(filter_folder: Path, gimp: Gimp, note: EngineNote) -> PlacedFilter:
    """Copy the filter beside its place and swap it in, so that GIMP sees the old one or the new one."""
    target = gimp.plug_ins / FILTER
    new, old = target.with_name(FILTER + ".new"), target.with_name(FILTER + ".old")
    try:
        for leftover in (new, old):
            shutil.rmtree(leftover, ignore_errors=True)
        for path in files_below(filter_folder):
            copy = new / path.relative_to(filter_folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        (new / f"{FILTER}.py").chmod(0o755)  # without it GIMP skips the filter and says nothing
        write_json(new / ENGINE_NOTE, note.as_json())
        placed = PlacedFilter(str(target), gimp.version, digests_in(new))
        if target.exists():
            target.replace(old)
        new.replace(target)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise InstallError(
            f"can't write {target} ({error.strerror}); close GIMP, check the folder, and start again"
        ) from error
    return placed


def is_in_place(placed: PlacedFilter) -> bool:
    """Is this copy of the filter just as it was written?"""
    folder = Path(placed.folder)
    return folder.is_dir() and digests_in(folder) == placed.files


def digests_in(folder: Path) -> dict[str, str]:
    """SHA-256 of every file in a folder, by its path within."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files_below(folder)
    }
