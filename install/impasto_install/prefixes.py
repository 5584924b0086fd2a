"""Where the engine lives: in a folder of its own, apart from a person's settings, which stay when it is removed."""

from __future__ import annotations

from pathlib import Path

from impasto_setup import earlier, places
from impasto_setup.folders import missing_above
from impasto_setup.manifest import Manifest, read_manifest, write_manifest

from .errors import Unsuitable
from .system import System


def default_prefix(system: System) -> Path:
    """Where the engine lives unless `--prefix` says otherwise."""
    return places.default_prefix(system.platform, system.home, system.environ)


def earlier_prefix(system: System, prefix: Path) -> Path | None:
    """Where the engine of a prefix lived at first; only the default one has an earlier."""
    is_default = prefix == default_prefix(system)
    return places.earlier_prefix(system.platform, system.home, system.environ) if is_default else None


def installed_prefixes(system: System, prefix: Path) -> list[Path]:
    """The folders that hold what was installed for a prefix: itself, and for the default one the earlier one."""
    return [place for place in (prefix, earlier_prefix(system, prefix)) if place and read_manifest(place)]


def own_prefix(system: System, prefix: Path) -> Manifest:
    """The manifest of what is there; a new one for a new prefix, which takes over what the earlier one had.

    Raises `Unsuitable` for somebody else's folder.
    """
    manifest = read_manifest(prefix)
    if manifest:
        return manifest
    if prefix.exists() and (not prefix.is_dir() or any(prefix.iterdir())):
        raise Unsuitable(f"{prefix} is there already and isn't Impasto's; choose another folder with --prefix")
    taken = earlier.manifest_of(prefix, earlier_prefix(system, prefix)) or Manifest()
    manifest = taken.with_folders(missing_above(prefix))
    prefix.mkdir(parents=True, exist_ok=True)
    write_manifest(prefix, manifest)
    return manifest


def remove_earlier(system: System, prefix: Path) -> None:
    """Remove the engine from the earlier prefix."""
    earlier.remove_earlier(earlier_prefix(system, prefix))
