"""The filter without the engine: for an engine that pip or pipx has installed, its filter goes into every GIMP."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from impasto_setup.folders import missing_above
from impasto_setup.manifest import read_manifest, write_manifest
from impasto_setup.rights import closed_to_others

from .gimps import Gimp
from .installation import install_filter
from .pip import Pip
from .place import EngineNote
from .stop import stop_engine
from .system import System
from .uninstall import remove_filter, uninstall


@closed_to_others()
def add_filter(
    system: System,
    prefix: Path,
    filter_folder: Path,
    note: EngineNote,
    paths: dict[str, str],
    pip: Pip | None = None,
) -> list[Gimp]:
    """Put the filter into every GIMP 3 found; returns those. Raises `InstallError`.

    The manifest in `prefix` says what was written, and where the engine will write (`paths`). `pip` fetches ZeroMQ for
    a GIMP whose Python has none.
    """
    made = [folder for path in paths.values() for folder in missing_above(Path(path))]
    gimps = install_filter(system, prefix, filter_folder, note, pip)
    manifest = read_manifest(prefix)
    assert manifest, "install_filter writes one"
    is_own_engine = manifest.engine and Path(note.python).is_relative_to(prefix)
    if not is_own_engine:  # the installer shall not think that its own filters are in place
        manifest = replace(manifest, source="")
    write_manifest(prefix, replace(manifest, paths=manifest.paths or paths).with_folders(made))
    return gimps


def remove_filters(system: System, prefix: Path) -> int | None:
    """Take the filter out of every GIMP; returns how many bytes came free, None where there was none.

    An engine that the installer made stays. One that pip has made is ended, and what it has written goes too.
    """
    manifest = read_manifest(prefix)
    if manifest is None or not manifest.filters:
        return None
    if manifest.engine:
        freed = sum(remove_filter(placed) for placed in manifest.filters)
        write_manifest(prefix, replace(manifest, filters=(), source=""))
        return freed
    if "connection_file" in manifest.paths:
        stop_engine(system, Path(sys.executable), Path(manifest.paths["connection_file"]))
    return uninstall(prefix, manifest)
