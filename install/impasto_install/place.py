"""Puts the filter into a GIMP profile, whole or not at all, with the note that tells it where its engine is."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from impasto_setup.manifest import PlacedFilter, write_json
from impasto_setup.places import ENGINE_NOTE

from .errors import InstallError
from .gimps import Gimp
from .source import FILTER, files_below
from .system import System

LIBRARIES = "libraries"


@dataclass(frozen=True)
class EngineNote:
    """What the filter must know of its engine, which it could not work out from inside a sandbox."""

    python: str
    connection_file: str
    log_file: str
    version: str
    connection_copies: tuple[str, ...] = ()

    @property
    def command(self) -> list[str]:
        """What starts the engine."""
        # Said outright, since the place it would choose depends on the session that starts it.
        serve = [self.python, "-m", "impasto", "serve", "--connection-file", self.connection_file]
        return [*serve, *(word for copy in self.connection_copies for word in ("--share-connection", copy))]

    def as_json(self) -> dict[str, Any]:
        """The fields of engine.json."""
        return {
            "python": self.python,
            "command": self.command,
            "connection_file": self.connection_file,
            "log_file": self.log_file,
            "version": self.version,
        }

    def shared_with(self, gimps: Iterable[Gimp]) -> EngineNote:
        """The same, with a connection file also where each GIMP in a sandbox can see it."""
        return replace(self, connection_copies=tuple(str(gimp.connection_copy) for gimp in gimps if gimp.is_sandboxed))


def start_once(system: System, gimp: Gimp) -> None:
    """Start a GIMP that was never started, without windows.

    It makes its profile itself, and takes over the settings of an older GIMP, which it would never do once the folder
    is there.
    """
    if not gimp.profile.is_dir() and gimp.console:
        system.ask([str(gimp.console), "--no-interface", "--no-data", "--no-fonts", "--quit"], seconds=120)


def make_plug_ins(gimp: Gimp) -> None:
    """See to it that a GIMP's profile has a plug-ins folder."""
    try:
        gimp.plug_ins.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InstallError(
            f"can't make {gimp.plug_ins} ({error.strerror}); check who owns the folders above it"
        ) from error


def is_linked(gimp: Gimp) -> bool:
    """Is the filter in this GIMP a link to somewhere else, as a developer makes it? Then it isn't ours to replace."""
    return (gimp.plug_ins / FILTER).is_symlink()


def beside(folder: Path) -> tuple[Path, Path]:
    """Where the next filter waits for its turn, and where the last one goes to."""
    return folder.with_name(FILTER + ".new"), folder.with_name(FILTER + ".old")


def copy_beside(filter_folder: Path, gimp: Gimp, note: EngineNote, zmq: Path | None = None) -> PlacedFilter:
    """Copy the filter, and a folder with pyzmq if there is one, beside its place; returns what it will be there."""
    target = gimp.plug_ins / FILTER
    new, old = beside(target)
    with _writing(target):
        for leftover in (new, old):
            shutil.rmtree(leftover, ignore_errors=True)
        _copy_files(filter_folder, new)
        if zmq:
            _copy_files(zmq, new / LIBRARIES)
        (new / f"{FILTER}.py").chmod(0o755)  # without it GIMP skips the filter and says nothing
        told = note.as_json()
        if gimp.is_sandboxed:
            told["sandbox_connection_file"] = str(gimp.connection_copy)
        write_json(new / ENGINE_NOTE, told)
        return PlacedFilter(str(target), gimp.version, digests_in(new))


def swap_in(placed: PlacedFilter) -> None:
    """Put the filter that was copied beside its place into it.

    No system that we are on exchanges two folders in one step: a cut between the two renames leaves GIMP without the
    filter until the installer runs again.
    """
    target = Path(placed.folder)
    new, old = beside(target)
    with _writing(target):
        if target.exists():
            target.replace(old)
        new.replace(target)
        shutil.rmtree(old, ignore_errors=True)


def _copy_files(source: Path, target: Path) -> None:
    for path in files_below(source):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


@contextlib.contextmanager
def _writing(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InstallError(
            f"can't write {target} ({error.strerror}); close GIMP, check the folder, and start again"
        ) from error


def is_in_place(placed: PlacedFilter) -> bool:
    """Is this copy of the filter just as it was written, and can nobody else change it?"""
    folder = Path(placed.folder)
    return folder.is_dir() and digests_in(folder) == placed.files and not exposed_in(folder)


def exposed_in(folder: Path) -> list[str]:
    """What others could change of a filter, by its path within: the filter runs what stands there.

    Nothing on Windows, whose rights aren't in a file's mode.
    """
    if os.name != "posix":
        return []
    found = [folder, *(path for path in sorted(folder.rglob("*")) if not path.is_symlink())]
    trusted = (os.getuid(), 0)
    states = [(path, path.stat()) for path in found]
    return [
        path.relative_to(folder).as_posix()
        for path, status in states
        if status.st_uid not in trusted or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    ]


def digests_in(folder: Path) -> dict[str, str]:
    """SHA-256 of every file in a folder, by its path within."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files_below(folder)
    }
