"""Where the engine lives: in a folder of its own, apart from a person's settings, which stay when it is removed."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

from impasto_setup import places
from impasto_setup.manifest import Manifest, read_manifest, write_manifest

from .errors import Unsuitable
from .folders import missing_above, remove
from .system import System
from .uninstall import OWN_NAMES


def default_prefix(system: System) -> Path:
    """Where the engine lives unless `--prefix` says otherwise."""
    return places.default_prefix(system.platform, system.home, system.environ)


def earlier_prefix(system: System) -> Path | None:
    """Where it lived at first on Windows and macOS: in the folder of a person's settings, which nobody could install
    into again once the engine was removed and the settings had stayed."""
    if system.platform == "win32":
        return system.folder("LOCALAPPDATA", "AppData", "Local") / "impasto"
    return system.home / "Library/Application Support/impasto" if system.platform == "darwin" else None


def installed_prefixes(system: System, prefix: Path) -> list[Path]:
    """The folders that hold what was installed for a prefix: itself, and for the default one the earlier one."""
    earlier = earlier_prefix(system) if prefix == default_prefix(system) else None
    return [place for place in (prefix, earlier) if place and read_manifest(place)]


def own_prefix(system: System, prefix: Path) -> Manifest:
    """The manifest of what is there; a new one for a new prefix, which takes over what the earlier one had.

    Raises `Unsuitable` for somebody else's folder.
    """
    manifest = read_manifest(prefix)
    if manifest:
        return manifest
    if prefix.exists() and (not prefix.is_dir() or any(prefix.iterdir())):
        raise Unsuitable(f"{prefix} is there already and isn't Impasto's; choose another folder with --prefix")
    manifest = Manifest(made_folders=missing_above(prefix))
    for earlier in installed_prefixes(system, prefix):
        taken = read_manifest(earlier) or Manifest()
        # Its engine, an absolute path here, gives its packages to the new one; not current, so that it is replaced.
        engine = str(earlier / taken.engine) if taken.engine else ""
        manifest = replace(taken.with_folders(manifest.made_folders), engine=engine, source="")
    prefix.mkdir(parents=True, exist_ok=True)
    write_manifest(prefix, manifest)
    return manifest


def remove_earlier(system: System, prefix: Path) -> None:
    """Remove the engine from the earlier prefix, now that all that it had is in the new one. A person's settings stay,
    and so does what a running program holds; the manifest, which goes last, has that removed another time."""
    for earlier in installed_prefixes(system, prefix):
        if earlier != prefix:
            with contextlib.suppress(OSError):
                for name in OWN_NAMES:
                    remove(earlier / name)
