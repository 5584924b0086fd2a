"""What was installed with this engine: its filter, and the note by which a filter finds this engine."""

import sys
from dataclasses import asdict
from pathlib import Path

import impasto_wire
from impasto.folders import folders
from impasto_install.make_venv import ENGINE_PATHS
from impasto_install.place import EngineNote
from impasto_install.source import FILTER


def filter_folder() -> Path:
    """The filter as GIMP wants it: the wheel's, or a checkout's own."""
    packaged = Path(__file__).with_name("_filter") / FILTER
    return packaged if packaged.is_dir() else Path(impasto_wire.__file__).resolve().parents[1]


def engine_note() -> EngineNote:
    """What a filter must know of this engine."""
    places = folders()
    return EngineNote(sys.executable, str(places.connection_file), str(places.log_file), impasto_wire.__version__)


def engine_paths() -> dict[str, str]:
    """Where this engine writes, by the names of the installer's manifest."""
    places = asdict(folders())
    return {name: str(places[name]) for name in ENGINE_PATHS}
