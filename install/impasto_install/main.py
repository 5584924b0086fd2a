"""`python3 install/install.py`: reads the command line, and says in a sentence what went wrong."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from impasto_setup.manifest import Manifest, read_manifest
from impasto_setup.places import python_in
from impasto_setup.rights import closed_to_others

from .errors import InstallError, Unsuitable
from .installation import install
from .lasting_place import require_lasting_place
from .make_venv import require_python
from .prefixes import default_prefix, installed_prefixes
from .service import disable_service
from .source import this_source
from .speak import say, size
from .stop import stop_engine
from .system import System, this_system
from .torch_build import CHOICES
from .uninstall import uninstall


@closed_to_others()
def main(arguments: Sequence[str] | None = None) -> int:
    """Install or uninstall as the command line says; returns the exit status."""
    system = this_system()
    options = _parser(system).parse_args(arguments)
    try:
        if options.uninstall:
            _uninstall(system, options.prefix)
        else:
            require_python(system)
            require_lasting_place(system)
            install(system, options.prefix, this_source(), options.torch, options.wheels, options.service)
    except InstallError as error:
        say(f"Impasto: {error}.")
        return 2 if isinstance(error, Unsuitable) else 1
    except KeyboardInterrupt:
        say("Stopped. What was installed before still works; start again to go on.")
        return 130
    except OSError as error:
        say(f"Impasto: {error.filename or 'the disk'}: {error.strerror}. Mend that and start again.")
        return 1
    return 0


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
    parser.add_argument(
        "--service",
        action=argparse.BooleanOptionalAction,
        help="have the engine started at login, as a GIMP in a sandbox (Flatpak, Snap) needs it",
    )
    parser.add_argument("--uninstall", action="store_true", help="remove all that was installed, and nothing else")
    return parser


def _folder(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _uninstall(system: System, prefix: Path) -> None:
    found = installed_prefixes(system, prefix)
    if not found:
        say(f"There is no Impasto in {prefix}: nothing to remove.")
    for place in found:
        _uninstall_from(system, place, read_manifest(place) or Manifest())


def _uninstall_from(system: System, prefix: Path, manifest: Manifest) -> None:
    if manifest.service:
        disable_service(system)
    if "connection_file" in manifest.paths:
        python = python_in(prefix / manifest.engine) if manifest.engine else None
        stop_engine(system, python, Path(manifest.paths["connection_file"]))
    freed = uninstall(prefix, manifest)
    say(f"Impasto is gone; {size(freed)} came free ({freed} bytes).")
    config = Path(manifest.paths["config"]) if "config" in manifest.paths else None
    if config and config.exists():
        say(f"Your own styles and settings are still in {config}.")
