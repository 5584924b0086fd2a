"""The whole way from a checkout to a first picture: environment, first light, filter, in this order.

The new environment is made beside the old one and proved before any GIMP hears of it; only then the filters are
swapped, and last the old environment goes.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from . import make_venv
from .errors import Unsuitable
from .find_gimp import find_gimps
from .folders import missing_above
from .gimps import Gimp
from .manifest import Manifest, read_manifest, write_manifest
from .place import EngineNote, is_in_place, is_linked, make_profile, place_filter
from .prove import first_light
from .source import FILTER, Source
from .speak import say, size
from .stop import stop_engine
from .system import System
from .torch_build import TorchBuild, choose_build
from .uninstall import DOWNLOADS, ENGINES, FIRST_LIGHT, LOG

MENU = "Filters ▸ Artistic ▸ Impasto Style Transfer…"


def install(system: System, prefix: Path, source: Source, torch: str, wheels: Path | None) -> None:
    """Install, or bring up to date, or say that there is nothing to do. Raises `InstallError`."""
    manifest = _own_prefix(prefix)
    if _is_current(system, prefix, manifest, source, torch):
        say(f"Impasto {source.version} is installed in {prefix} and nothing has changed since: nothing to do.")
        _tell_where(manifest)
        return
    environment = _environment(system, prefix, manifest, source, torch, wheels)
    note, manifest = _introduce(prefix, environment, manifest, source.version)
    told = first_light(system, source.filter, note, prefix / FIRST_LIGHT, prefix / LOG)
    write_manifest(prefix, replace(manifest, engine=environment.relative_to(prefix).as_posix(), torch=torch))
    install_filter(system, prefix, source.filter, note)
    manifest = replace(read_manifest(prefix) or manifest, version=source.version, source=source.digest)
    write_manifest(prefix, manifest)
    _tidy(system, environment, Path(note.connection_file))
    shutil.rmtree(prefix / DOWNLOADS, ignore_errors=True)
    say(f"Impasto {source.version} is ready.")
    say(f"  First light: {prefix / FIRST_LIGHT} ({told})")
    _tell_where(manifest)


def install_filter(system: System, prefix: Path, filter_folder: Path, note: EngineNote) -> list[Gimp]:
    """Put the filter into every GIMP 3 found, and write down where; returns those GIMPs."""
    manifest = read_manifest(prefix) or _own_prefix(prefix)
    gimps = []
    for gimp in find_gimps(system):
        if is_linked(gimp):
            say(f"GIMP {gimp.version}: {gimp.plug_ins / FILTER} is a link of your own; left as it is.")
            continue
        made = make_profile(system, gimp)
        manifest = manifest.with_filter(place_filter(filter_folder, gimp, note), made)
        write_manifest(prefix, manifest)
        gimps.append(gimp)
    return gimps


def default_prefix(system: System) -> Path:
    """Where the engine lives unless `--prefix` says otherwise."""
    if system.platform == "win32":
        return system.folder("LOCALAPPDATA", "AppData", "Local") / "impasto"
    if system.platform == "darwin":
        return system.home / "Library/Application Support/impasto"
    return system.folder("XDG_DATA_HOME", ".local", "share") / "impasto"


def _own_prefix(prefix: Path) -> Manifest:
    """The manifest of what is there; a new one for a new prefix. Raises `Unsuitable` for somebody else's folder."""
    manifest = read_manifest(prefix)
    if manifest:
        return manifest
    if prefix.exists() and (not prefix.is_dir() or any(prefix.iterdir())):
        raise Unsuitable(f"{prefix} is there already and isn't Impasto's; choose another folder with --prefix")
    manifest = Manifest(made_folders=missing_above(prefix))
    prefix.mkdir(parents=True, exist_ok=True)
    write_manifest(prefix, manifest)
    return manifest


def _is_current(system: System, prefix: Path, manifest: Manifest, source: Source, torch: str) -> bool:
    """Would installing change nothing?"""
    if (manifest.source, manifest.torch) != (source.digest, torch):
        return False
    known = {placed.folder for placed in manifest.filters}
    wanted = {str(gimp.plug_ins / FILTER) for gimp in find_gimps(system) if not is_linked(gimp)}
    if not wanted <= known or not all(is_in_place(placed) for placed in manifest.filters):
        return False
    return make_venv.is_complete(prefix / manifest.engine)


def _environment(
    system: System, prefix: Path, manifest: Manifest, source: Source, torch: str, wheels: Path | None
) -> Path:
    """See to it that there is a whole environment for this source."""
    build = choose_build("default" if wheels else torch, system)
    environment = prefix / ENGINES / make_venv.engine_name(source, build)
    if not make_venv.is_complete(environment):
        old = prefix / manifest.engine if manifest.engine.endswith(f"-{build.name}") else None
        _announce(prefix, build, wheels, is_update=bool(old))
        make_venv.make_environment(environment, source, build, prefix / DOWNLOADS, prefix / LOG, wheels, old)
    return environment


def _announce(prefix: Path, build: TorchBuild, wheels: Path | None, *, is_update: bool) -> None:
    """Say what is about to happen and how much it takes. Raises `Unsuitable` when the disk is too small for it."""
    say(f"Impasto's engine goes into {prefix}.")
    if build.note:
        say(build.note)
    if wheels:
        say(f"Everything comes from {wheels}; it will take up to {size(build.disk)} of disk.")
    elif is_update:
        say("What is there already is used again; only what has changed is downloaded.")
    else:
        say(
            f"About {size(build.download)} will be downloaded (most of it PyTorch) and {size(build.disk)} of disk used."
        )
    free = shutil.disk_usage(prefix).free
    needed = build.disk + (0 if wheels else build.download)
    if free < needed and not is_update:
        raise Unsuitable(
            f"only {size(free)} are free in {prefix}, and {size(needed)} are needed while installing; make room,"
            " choose another disk with --prefix, or take the smaller PyTorch with --torch cpu"
        )


def _introduce(prefix: Path, environment: Path, manifest: Manifest, version: str) -> tuple[EngineNote, Manifest]:
    """What the filter must know of the engine; where the engine will write is written down first."""
    paths = make_venv.engine_paths(environment, prefix / LOG)
    made = [folder for path in paths.values() for folder in missing_above(Path(path))]
    manifest = replace(manifest, paths=paths).with_folders(made)
    write_manifest(prefix, manifest)
    python = str(make_venv.python_in(environment))
    return EngineNote(python, paths["connection_file"], paths["log_file"], version), manifest


def _tidy(system: System, environment: Path, connection: Path) -> None:
    """End and remove the engines that nothing points to any more."""
    others = [other for other in environment.parent.iterdir() if other != environment]
    if others:
        stop_engine(system, connection)
    for other in others:
        shutil.rmtree(other, ignore_errors=True)


def _tell_where(manifest: Manifest) -> None:
    for placed in manifest.filters:
        say(f"  GIMP {placed.gimp}: {placed.folder}")
    if manifest.filters:
        say(f"  In GIMP, open a picture and choose {MENU} (a GIMP that is running must be started again).")
    else:
        say("  There is no GIMP 3 on this machine yet: install one and run this again to add the filter.")
