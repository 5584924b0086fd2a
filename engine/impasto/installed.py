"""What was installed with this engine: its filter, and the note by which a filter finds this engine."""

import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import impasto_wire
from impasto.folders import folders
from impasto_install.filter_alone import add_filter
from impasto_install.gimps import Gimp
from impasto_install.pip import Pip
from impasto_install.place import EngineNote
from impasto_install.prefixes import default_prefix
from impasto_install.source import FILTER
from impasto_install.system import System
from impasto_setup.environment import ENGINE_PATHS
from impasto_setup.manifest import read_manifest


def place_filters(system: System) -> list[Gimp]:
    """Put this engine's filter into every GIMP 3, with a ZeroMQ where its Python has none; returns those GIMPs.

    Raises `InstallError`.
    """
    with tempfile.TemporaryDirectory() as scratch:
        pip = Pip(Path(sys.executable), Path(scratch), Path(scratch, "pip.log"))
        return add_filter(system, prefix_of(system), filter_folder(), engine_note(), running_engine_paths(), pip)


def filter_folder() -> Path:
    """The filter as GIMP wants it: the wheel's, or a checkout's own."""
    packaged = Path(__file__).with_name("_filter") / FILTER
    return packaged if packaged.is_dir() else Path(impasto_wire.__file__).resolve().parents[1]


def engine_note() -> EngineNote:
    """What a filter must know of this engine."""
    places = folders()
    return EngineNote(sys.executable, str(places.connection_file), str(places.log_file), impasto_wire.__version__)


def prefix_of(system: System) -> Path:
    """The folder with the manifest: the one that the installer made this engine in, else its default one."""
    around = Path(sys.prefix).parent.parent
    return around if read_manifest(around) else default_prefix(system)


def running_engine_paths() -> dict[str, str]:
    """Where this engine writes, by the names of the installer's manifest."""
    places = asdict(folders())
    return {name: str(places[name]) for name in ENGINE_PATHS}
