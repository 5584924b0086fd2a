"""Takes away what was installed and nothing else: what the manifest lists, the prefix's names, the engine's logs."""

from __future__ import annotations

from pathlib import Path

from impasto_setup.folders import remove, remove_if_empty
from impasto_setup.manifest import MANIFEST, Manifest, PlacedFilter
from impasto_setup.places import ENGINE_NOTE, LOCK, OWN

from .gimps import CONNECTION_COPY
from .place import beside

PICTURES = ("kept", "tiles", "painting", "checkpoints")
"""What the filter keeps of a person's pictures, beside what the engine keeps."""


def uninstall(prefix: Path, manifest: Manifest) -> int:
    """Remove an installation; returns how many bytes came free. A person's own styles and settings stay."""
    freed = sum(remove_filter(placed) for placed in manifest.filters)
    freed += sum(remove(path) for path in _written_by_the_engine(manifest))
    freed += sum(remove(prefix / name) for name in (*OWN, LOCK, f"{MANIFEST}.part", MANIFEST))
    for folder in sorted(manifest.made_folders, key=len, reverse=True):
        remove_if_empty(Path(folder))
    return freed


def remove_filter(placed: PlacedFilter) -> int:
    """Remove one copy of the filter and what Python left in it; foreign files stay. Returns bytes."""
    folder = Path(placed.folder)
    freed = sum(remove(folder / name) for name in (*placed.files, ENGINE_NOTE))
    freed += sum(remove(half) for half in beside(folder))  # where an installation was cut off
    freed += sum(map(remove, folder.parent.parent.glob(f"{CONNECTION_COPY}*")))  # of an engine that was killed
    freed += sum(remove(cache) for cache in [*folder.rglob("__pycache__")])
    for below in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        remove_if_empty(below)
    remove_if_empty(folder)
    return freed


def _written_by_the_engine(manifest: Manifest) -> list[Path]:
    """The connection file, its lock and socket, all logs, and what the engine keeps while it works."""
    found = []
    if "connection_file" in manifest.paths:
        connection = Path(manifest.paths["connection_file"])
        found += [connection, *connection.parent.glob(f"{connection.stem}.*"), *connection.parent.glob("engine.log*")]
    if "log_file" in manifest.paths:
        log = Path(manifest.paths["log_file"])
        found += sorted(log.parent.glob(f"{log.name}*"))
    if "cache" in manifest.paths:
        found += [Path(manifest.paths["cache"]) / kept for kept in ("spool", "artworks", *PICTURES)]
    return found
