"""The record of what was written where, so that a second run knows it is one and uninstalling takes nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class PlacedFilter:
    """One copy of the filter: its folder, and the SHA-256 of each file by its path within."""

    folder: str
    gimp: str
    files: dict[str, str]


@dataclass(frozen=True)
class Manifest:
    """What an installation is made of. `engine` is its environment's folder in the prefix; empty before there is one.

    `made_folders` were not there before; `paths` are the engine's own (connection_file, log_file, config, cache);
    `service` is the file that has the engine started at login, where that was asked for.
    """

    version: str = ""
    source: str = ""
    torch: str = ""
    engine: str = ""
    filters: tuple[PlacedFilter, ...] = ()
    made_folders: tuple[str, ...] = ()
    paths: dict[str, str] = field(default_factory=dict)
    service: str = ""

    def with_filter(self, placed: PlacedFilter) -> Manifest:
        """The same, with one filter more, or one that replaces its older self."""
        others = tuple(other for other in self.filters if other.folder != placed.folder)
        return replace(self, filters=(*others, placed))

    def filter_in(self, folder: Path) -> PlacedFilter | None:
        """The filter that lies in a folder, so far as is written down."""
        return next((placed for placed in self.filters if placed.folder == str(folder)), None)

    def with_folders(self, made: Iterable[str]) -> Manifest:
        """The same, with these folders as well among those that were not there before."""
        return replace(self, made_folders=tuple(dict.fromkeys((*self.made_folders, *made))))


def read_manifest(prefix: Path) -> Manifest | None:
    """The manifest in an installation's folder; None where there is none, or one that nobody can read any more."""
    try:
        values: Any = json.loads((prefix / MANIFEST).read_text(encoding="utf-8"))
        if not isinstance(values, dict):
            return None
        known = {item.name: values[item.name] for item in fields(Manifest) if item.name in values}
        known["filters"] = tuple(PlacedFilter(**placed) for placed in known.get("filters", ()))
        known["made_folders"] = tuple(known.get("made_folders", ()))
        return Manifest(**known)
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def write_manifest(prefix: Path, manifest: Manifest) -> None:
    """Write the manifest at once and whole."""
    write_json(prefix / MANIFEST, asdict(manifest))


def write_json(path: Path, values: dict[str, Any]) -> None:
    """Write a JSON file so that a reader sees the old one or the new one, never half of it."""
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)
