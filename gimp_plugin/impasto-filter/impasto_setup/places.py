"""Where the engine and its set-up lie: one folder, whichever door it came through, and the names in it."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .errors import N_, DiskFull, Unsuitable, in_sentences

ENGINES = "engine"
DOWNLOADS = "downloads"
PYTHONS = "python"
LOG = "install.log"
ENGINE_NOTE = "engine.json"
LOCK = "set-up.lock"
COMPLETE = "complete"
FIRST_LIGHT = "first-light.png"
ZMQ = "zmq"
OWN = (ENGINES, DOWNLOADS, PYTHONS, LOG, ENGINE_NOTE, FIRST_LIGHT, Path(FIRST_LIGHT).stem, ZMQ)
"""What a set-up or the installer writes into the engine's folder, beside the manifest and the lock."""
UNITS = ((1e9, "GB", 1), (1e6, "MB", 0), (1e3, "kB", 0))


def default_prefix(platform: str, home: Path, environ: Mapping[str, str]) -> Path:
    """Where the engine lives unless somebody says otherwise: apart from a person's settings, which outlive it."""

    def folder(variable: str, *otherwise: str) -> Path:
        named = Path(environ.get(variable, ""))
        return named if named.is_absolute() else home.joinpath(*otherwise)

    if platform == "win32":
        return folder("LOCALAPPDATA", "AppData", "Local") / "Programs" / "impasto"
    if platform == "darwin":
        return home / "Library/Application Support/impasto-engine"
    return folder("XDG_DATA_HOME", ".local", "share") / "impasto"


def earlier_prefix(platform: str, home: Path, environ: Mapping[str, str]) -> Path | None:
    """Where it lived at first on Windows and macOS: in the folder of a person's settings, which nobody could install
    into again once the engine was removed and the settings had stayed."""
    if platform == "win32":
        return default_prefix(platform, home, environ).parents[1] / "impasto"
    return home / "Library/Application Support/impasto" if platform == "darwin" else None


def this_prefix() -> Path:
    """Where the engine lives for whoever runs this."""
    return default_prefix(sys.platform, Path.home(), os.environ)


def earlier_of(prefix: Path) -> Path | None:
    """Where the engine of that folder lived at first, for whoever runs this; only the default one has an earlier."""
    return earlier_prefix(sys.platform, Path.home(), os.environ) if prefix == this_prefix() else None


def note_for(folder: Path) -> Path:
    """What tells a filter of its engine: the installer's note in its folder, or else that of a dialog's set-up."""
    own, shared = folder / ENGINE_NOTE, this_prefix() / ENGINE_NOTE
    return own if own.exists() or not shared.exists() else shared


def python_in(environment: Path) -> Path:
    """The interpreter of an environment."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def libraries_in(environment: Path) -> Path | None:
    """The folder with an environment's packages; None where there is none."""
    found = [*environment.glob("lib/python3.*/site-packages"), *environment.glob("Lib/site-packages")]
    return found[0] if found else None


def size(count: float) -> str:
    """Bytes as people read them: 812 MB, 2.9 GB."""
    for unit, name, digits in UNITS:
        if count >= unit:
            return f"{count / unit:.{digits}f} {name}"
    return f"{count / 1e3:.0f} kB"


def require_room(prefix: Path, needed: int) -> None:
    """Raises `DiskFull` where less than that is free."""
    there = next(folder for folder in (prefix, *prefix.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise DiskFull(
            N_("only {free} are free in {place}, and {needed} are needed; make room and press Set Up again"),
            free=size(free),
            place=prefix,
            needed=size(needed),
        )


@contextmanager
def alone(prefix: Path) -> Iterator[None]:
    """Only one set-up at a time. Raises `Unsuitable` where another one runs."""
    with in_sentences(prefix):
        prefix.mkdir(parents=True, exist_ok=True)
        file = (prefix / LOCK).open("a")
    with file:
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Unsuitable(N_("another GIMP is setting the engine up just now; wait until it is done")) from error
        yield


def spelled(folder: Path) -> str:
    """A folder as people of this system write it: Windows knows no sign for the home folder."""
    return str(folder) if os.name == "nt" else without_places(str(folder), Path.home())


def without_places(text: str, home: Path) -> str:
    """A report without the person's name: their home folder is `~`, and what a URL says before its server is gone."""
    plain = re.sub(r"(\w+://)[^/@\s]+@", r"\1", text)
    for spelled in (str(home), json.dumps(str(home))[1:-1]):
        plain = plain.replace(spelled, "~")
    return plain
