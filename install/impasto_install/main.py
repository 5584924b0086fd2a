"""`python3 install/install.py`: the whole way from a checkout to a first picture, and back again."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from . import make_venv
from .errors import InstallError, Unsuitable
from .find_gimp import find_gimps
from .folders import missing_above
from .gimps import Gimp
from .manifest import Manifest, read_manifest, write_manifest
from .place import EngineNote, is_in_place, is_linked, make_profile, place_filter
from .prove import first_light
from .source import FILTER, Source, this_source
from .speak import say, size
from .stop import stop_engine
from .system import System, this_system
from .torch_build import CHOICES, TorchBuild, choose_build
from .uninstall import DOWNLOADS, ENGINES, FIRST_LIGHT, LOG, uninstall

MENU = "Filters ▸ Artistic ▸ Impasto Style Transfer…"


def main(arguments: Sequence[str] | None = None) -> int:
    """Install or uninstall as the command line says; returns the exit status."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(line_buffering=True)
    system = this_system()
    options = _parser(system).parse_args(arguments)
    try:
        if options.uninstall:
            return _uninstall(system, options.prefix)
        return _install(system, options)
    except InstallError as error:
        say(f"Impasto: {error}.")
        return 2 if isinstance(error, Unsuitable) else 1
    except KeyboardInterrupt:
        say("Stopped. What was installed before still works; start again to go on.")
        return 130
    except OSError as error:
        say(f"Impasto: {error.filename or 'the disk'}: {error.strerror}. Mend that and start again.")
        return 1


def default_prefix(system: System) -> Path:
    """Where the engine lives unless `--prefix` says otherwise."""
    if system.platform == "win32":
        return system.folder("LOCALAPPDATA", "AppData", "Local") / "impasto"
    if system.platform == "darwin":
        return system.home / "Library/Application Support/impasto"
    return system.folder("XDG_DATA_HOME", ".local", "share") / "impasto"


def install_filter(prefix: Path, system: System, filter_folder: Path, note: EngineNote) -> list[Gimp]:
    """Put the filter into every GIMP 3 found and write it down; what `impasto install-filter` does too."""
    manifest = read_manifest(prefix) or Manifest()
    placed_in = []
    for gimp in find_gimps(system):
        if is_linked(gimp):
            say(f"GIMP {gimp.version}: {gimp.plug_ins / FILTER} is a link of your own; left as it is.")
            continue
        made = make_profile(system, gimp)
        placed = place_filter(filter_folder, gimp, note)
        manifest = manifest.with_filter(placed, made)
        write_manifest(prefix, manifest)
        placed_in.append(gimp)
    return placed_in


def _parser(system: System) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="install.py",
        description="Install Impasto: its engine into a folder of its own, its filter into every GIMP 3 of yours.",
        epilog="Run it again after an update; run twice, it changes nothing.",
    )
    parser.add_argument(
        "--prefix", type=_folder, default=default_prefix(system), help="the engine's folder (default: %(default)s)"
    )
    parser.add_argument(
        "--torch",
        choices=CHOICES,
        default="auto",
        help="which PyTorch: auto looks at the machine, default is the registry's own build (default: %(default)s)",
    )
    parser.add_argument("--wheels", type=_folder, metavar="DIR", help="install offline, from a folder of wheels")
    parser.add_argument("--uninstall", action="store_true", help="remove all that was installed, and nothing else")
    return parser


def _folder(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _install(system: System, options: argparse.Namespace) -> int:
    make_venv.require_python(system)
    prefix, source = options.prefix, this_source()
    manifest = _own_prefix(prefix)
    if _is_current(system, prefix, manifest, source, options.torch):
        say(f"Impasto {source.version} is installed in {prefix} and nothing has changed since: nothing to do.")
        _tell_where(manifest)
        return 0
    environment = _environment(system, prefix, manifest, source, options)
    paths = make_venv.engine_paths(environment)
    made = (folder for path in paths.values() for folder in missing_above(Path(path)))
    manifest = replace(manifest, paths=paths).with_folders(made)
    write_manifest(prefix, manifest)
    connection, python = Path(paths["connection_file"]), make_venv.python_in(environment)
    note = EngineNote(str(python), str(connection), paths["log_file"], source.version)
    stop_engine(system, connection)
    told = first_light(python, source.filter, note, prefix / FIRST_LIGHT)
    stop_engine(system, connection)
    engine = environment.relative_to(prefix).as_posix()
    write_manifest(prefix, replace(manifest, engine=engine, torch=options.torch))
    gimps = install_filter(prefix, system, source.filter, note)
    manifest = replace(read_manifest(prefix) or manifest, version=source.version, source=source.digest)
    write_manifest(prefix, manifest)
    _tidy(prefix, environment)
    say()
    say(f"Impasto {source.version} is ready.")
    say(f"  First light: {prefix / FIRST_LIGHT} ({told})")
    _tell_where(manifest)
    if not gimps:
        say("  There is no GIMP 3 on this machine yet: install one and run this again to add the filter.")
    return 0


def _own_prefix(prefix: Path) -> Manifest:
    """The manifest of what is there; an empty one for a new prefix. Raises `Unsuitable` for somebody else's folder."""
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
    if (manifest.source, manifest.torch) != (source.digest, torch) or not make_venv.is_complete(
        prefix / manifest.engine
    ):
        return False
    known = {placed.folder for placed in manifest.filters}
    wanted = {str(gimp.plug_ins / FILTER) for gimp in find_gimps(system) if not is_linked(gimp)}
    return wanted <= known and all(is_in_place(placed) for placed in manifest.filters)


def _environment(system: System, prefix: Path, manifest: Manifest, source: Source, options: argparse.Namespace) -> Path:
    """See to it that there is a whole environment for this source."""
    build = choose_build("default" if options.wheels else options.torch, system)
    environment: Path = prefix / ENGINES / make_venv.engine_name(source, build)
    if not make_venv.is_complete(environment):
        old = prefix / manifest.engine if manifest.engine.endswith(f"-{build.name}") else None
        _announce(prefix, build, options.wheels, is_update=bool(old))
        make_venv.make_environment(environment, source, build, prefix / DOWNLOADS, prefix / LOG, options.wheels, old)
    return environment


def _announce(prefix: Path, build: TorchBuild, wheels: Path | None, *, is_update: bool) -> None:
    """Say what is about to happen and how much it takes. Raises `Unsuitable` when the disk is too small for it."""
    say(f"Impasto's engine goes into {prefix}.")
    if build.note:
        say(build.note)
    if wheels:
        say(f"Everything comes from {wheels}; it will take up to {size(build.disk)} of disk.")
    elif is_update:
        say(f"What is there already is used again; at most {size(build.download)} are downloaded.")
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


def _tidy(prefix: Path, environment: Path) -> None:
    """Remove what only the installation needed, and environments that nothing points to any more."""
    shutil.rmtree(prefix / DOWNLOADS, ignore_errors=True)
    for other in environment.parent.iterdir():
        if other != environment:
            shutil.rmtree(other, ignore_errors=True)


def _tell_where(manifest: Manifest) -> None:
    for placed in manifest.filters:
        say(f"  GIMP {placed.gimp}: {placed.folder}")
    if manifest.filters:
        say(f"  In GIMP, open a picture and choose {MENU} (a GIMP that is running must be started again).")


def _uninstall(system: System, prefix: Path) -> int:
    manifest = read_manifest(prefix)
    if manifest is None:
        say(f"There is no Impasto in {prefix}: nothing to remove.")
        return 0
    if "connection_file" in manifest.paths:
        stop_engine(system, Path(manifest.paths["connection_file"]))
    freed = uninstall(prefix, manifest)
    say(f"Impasto is gone; {size(freed)} came free ({freed} bytes).")
    config = Path(manifest.paths["config"]) if "config" in manifest.paths else None
    if config and config.exists():
        say(f"Your own styles and settings are still in {config}.")
    return 0
