"""The whole way from a checkout to a first picture: environment, first light, filter, in this order.

The new environment is made beside the old one and proved before any GIMP hears of it; only then the filters are
swapped, and last the old environment goes.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from impasto_setup.folders import missing_above, remove
from impasto_setup.manifest import Manifest, PlacedFilter, read_manifest, write_manifest
from impasto_setup.places import DOWNLOADS, ENGINES, FIRST_LIGHT, LOG, ZMQ, python_in
from impasto_setup.rights import closed_to_others

from . import make_venv
from .errors import InstallError, Unsuitable
from .find_gimp import find_gimps
from .gimp_python import zmq_for
from .gimps import Gimp
from .pip import Pip
from .place import EngineNote, copy_beside, is_in_place, is_linked, make_plug_ins, start_once, swap_in
from .prefixes import own_prefix, remove_earlier
from .prove import first_light
from .service import disable_service, enable_service, service_of, start_service
from .source import FILTER, Source
from .speak import say, size
from .stop import stop_engine
from .system import System
from .torch_build import TorchBuild, choose_build

MENU = "Filters ▸ Artistic ▸ Impasto Style Transfer…"


@closed_to_others()
def install(
    system: System, prefix: Path, source: Source, torch: str, wheels: Path | None, service: bool | None = None
) -> None:
    """Install, or bring up to date, or say that there is nothing to do. Raises `InstallError`.

    `service`: shall the engine be started at every login? None leaves that as it is.
    """
    manifest = own_prefix(system, prefix)
    wants_service = bool(manifest.service) if service is None else service
    if _is_current(system, prefix, manifest, source, torch) and wants_service == bool(manifest.service):
        say(f"Impasto {source.version} is installed in {prefix} and nothing has changed since: nothing to do.")
        _tell_where(manifest)
        if service and start_service(system):
            say("  The engine's service runs.")
        return
    environment = _environment(system, prefix, manifest, source, torch, wheels)
    before = manifest.paths.get("connection_file")
    note, manifest = _introduce(prefix, environment, manifest, source.version)
    told = first_light(system, source.filter, note, prefix / FIRST_LIGHT, prefix / LOG)
    write_manifest(prefix, replace(manifest, engine=environment.relative_to(prefix).as_posix(), torch=torch))
    pip = Pip(python_in(environment), prefix / DOWNLOADS, prefix / LOG, wheels)
    gimps = install_filter(system, prefix, source.filter, note, pip)
    manifest = replace(read_manifest(prefix) or manifest, version=source.version, source=source.digest)
    write_manifest(prefix, manifest)
    _tidy(system, environment, {Path(before or note.connection_file), Path(note.connection_file)})
    shutil.rmtree(prefix / DOWNLOADS, ignore_errors=True)
    remove_earlier(system, prefix)
    manifest = _set_service(system, prefix, manifest, note.shared_with(gimps), wants_service)
    say(f"Impasto {source.version} is ready.")
    say(f"  First light: {prefix / FIRST_LIGHT} ({told})")
    say(f"  For the command line: {python_in(environment).with_name('impasto')}")
    _tell_where(manifest)
    if any(gimp.is_sandboxed for gimp in gimps) and not wants_service:
        say("  A GIMP in a sandbox (Flatpak, Snap) can't start the engine; run this again with --service for it.")


def install_filter(
    system: System, prefix: Path, filter_folder: Path, note: EngineNote, pip: Pip | None = None
) -> list[Gimp]:
    """Put the filter into every GIMP 3 found, and write down where; returns those GIMPs.

    `pip` fetches ZeroMQ for a GIMP whose Python has none; without it such a GIMP talks through the relay.
    """
    manifest = own_prefix(system, prefix)
    gimps = []
    for gimp in find_gimps(system):
        if is_linked(gimp):
            say(f"GIMP {gimp.version}: {gimp.plug_ins / FILTER} is a link of your own; left as it is.")
        else:
            gimps.append(gimp)
    for gimp in gimps:
        manifest = _install_into(system, gimp, prefix, manifest, filter_folder, note.shared_with(gimps), pip)
    return gimps


def _install_into(
    system: System,
    gimp: Gimp,
    prefix: Path,
    manifest: Manifest,
    filter_folder: Path,
    note: EngineNote,
    pip: Pip | None,
) -> Manifest:
    """Put the filter into one GIMP; what is about to be made is written down first, for an uninstall after a cut."""
    start_once(system, gimp)
    target = gimp.plug_ins / FILTER
    known = manifest.filter_in(target) or PlacedFilter(str(target), gimp.version, {})
    manifest = manifest.with_folders(missing_above(gimp.plug_ins)).with_filter(known)
    write_manifest(prefix, manifest)
    make_plug_ins(gimp)
    placed = copy_beside(filter_folder, gimp, note, zmq_for(system, gimp, pip, prefix / ZMQ))
    shutil.rmtree(prefix / ZMQ, ignore_errors=True)
    write_manifest(prefix, manifest.with_filter(replace(placed, files={**known.files, **placed.files})))
    swap_in(placed)
    manifest = manifest.with_filter(placed)
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
    if manifest.service and not Path(manifest.service).exists():
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


def _set_service(system: System, prefix: Path, manifest: Manifest, note: EngineNote, wanted: bool) -> Manifest:
    """Have the engine started at every login, or no more; what will be made is written down first."""
    if wanted:
        service = service_of(system)
        manifest = replace(manifest.with_folders(missing_above(service.folder)), service=str(service.file))
        write_manifest(prefix, manifest)
        stop_engine(system, Path(note.python), Path(note.connection_file))
        try:
            enable_service(system, note.command)
        except InstallError:
            write_manifest(prefix, replace(manifest, service=""))
            raise
        say(f"The engine runs as a service from now on: {service.file}")
    elif manifest.service:
        disable_service(system)
        stop_engine(system, Path(note.python), Path(note.connection_file))
        manifest = replace(manifest, service="")
        write_manifest(prefix, manifest)
        say("The engine is no service any more; the filter starts it when it is needed.")
    return manifest


def _introduce(prefix: Path, environment: Path, manifest: Manifest, version: str) -> tuple[EngineNote, Manifest]:
    """What the filter must know of the engine; where the engine will write is written down first."""
    paths = make_venv.engine_paths(environment, prefix / LOG)
    made = [folder for path in paths.values() for folder in missing_above(Path(path))]
    manifest = replace(manifest, paths=paths).with_folders(made)
    write_manifest(prefix, manifest)
    python = str(python_in(environment))
    return EngineNote(python, paths["connection_file"], paths["log_file"], version), manifest


def _tidy(system: System, environment: Path, connections: Iterable[Path]) -> None:
    """End and remove the engines that nothing points to any more. They may have another connection file than now."""
    others = [other for other in environment.parent.iterdir() if other != environment]
    for connection in connections if others else ():
        stop_engine(system, python_in(environment), connection)
    for other in others:
        with contextlib.suppress(OSError):  # the next installation tries again
            remove(other)


def _tell_where(manifest: Manifest) -> None:
    for placed in manifest.filters:
        say(f"  GIMP {placed.gimp}: {placed.folder}")
    if manifest.filters:
        say(f"  In GIMP, open a picture and choose {MENU} (a GIMP that is running must be started again).")
    else:
        say("  There is no GIMP 3 on this machine yet: install one and run this again to add the filter.")
