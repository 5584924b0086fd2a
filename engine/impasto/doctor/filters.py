"""Findings about the filter's files in each GIMP: are they there, whole, and this engine's?"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from impasto.folders import folders
from impasto.installed import filter_folder
from impasto_install.errors import InstallError
from impasto_install.find_gimp import find_gimps
from impasto_install.gimps import Gimp
from impasto_install.place import digests_in, exposed_in, is_linked
from impasto_install.source import FILTER, version_of
from impasto_install.system import System
from impasto_setup.places import ENGINE_NOTE, note_for
from impasto_wire import __version__

from .finding import Finding

_REMEDY = "run: impasto install-filter"


def filters(system: System, place: Callable[[], object]) -> Iterator[Finding]:
    """Which GIMPs there are, and the filter in each; `place` puts the filter into all of them."""
    gimps = find_gimps(system)
    if not gimps:
        yield Finding("GIMP", "warning", "no GIMP 3 was found", f"install GIMP 3.0 or newer, then {_REMEDY}")
        return
    yield Finding("GIMP", "ok", ", ".join(f"{gimp.version} ({gimp.kind})" for gimp in gimps))
    for gimp in gimps:
        yield _filter_in(gimp, place)


def _filter_in(gimp: Gimp, place: Callable[[], object]) -> Finding:
    what, folder = f"filter in GIMP {gimp.version}", gimp.plug_ins / FILTER
    if is_linked(gimp):
        return Finding(what, "ok", f"a link of your own to {folder.readlink()}")
    if not folder.is_dir():
        return Finding(what, "wrong", f"it isn't in {gimp.plug_ins}", _REMEDY, place)
    wrong = _wrong_files(folder) or _wrong_note(folder)
    if wrong:
        return Finding(what, "wrong", wrong, _REMEDY, place)
    python = _note(folder)["python"]
    if Path(python).parent != Path(sys.executable).parent:  # one environment has several names for its Python
        return Finding(what, "warning", f"it uses another engine: {python}", f"{_REMEDY}, to have it use this one")
    return Finding(what, "ok", f"version {__version__}, the engine's own")


def _wrong_files(folder: Path) -> str:
    """What is wrong with a filter's files; nothing where they are this engine's."""
    try:
        version = version_of(folder)
    except InstallError:
        return f"{folder} is incomplete"
    if version != __version__:
        return f"it is version {version}, and the engine is {__version__}"
    ours, theirs = digests_in(filter_folder()), digests_in(folder)
    others = [name for name in ours if theirs.get(name) != ours[name]]
    if others:
        return f"{len(others)} of its files are not as they came with the engine: {', '.join(others[:3])}"
    if exposed := exposed_in(folder):
        return f"others can change {len(exposed)} of its files, and what GIMP runs with them: {exposed[0]}"
    if os.name == "posix" and not os.access(folder / f"{FILTER}.py", os.X_OK):
        return f"{FILTER}.py isn't executable, so GIMP passes it over"
    return ""


def _wrong_note(folder: Path) -> str:
    """What is wrong with the note by which the filter finds its engine."""
    try:
        note = _note(folder)
        python, version, _ = Path(note["python"]), note["version"], note["connection_file"]
    except (OSError, ValueError, KeyError, TypeError):
        return f"{ENGINE_NOTE} is missing or damaged, so it can't find the engine"
    if not python.exists():
        return f"its engine is gone: {python}"
    if Path(python).parent == Path(sys.executable).parent and note["connection_file"] != str(folders().connection_file):
        return f"its note speaks of another connection file than this engine's: {note['connection_file']}"
    if version != __version__:
        return f"its note speaks of engine {version}, and the engine is {__version__}"
    return ""


def _note(folder: Path) -> dict[str, str]:
    note: dict[str, str] = json.loads(note_for(folder).read_text(encoding="utf-8"))
    return note
