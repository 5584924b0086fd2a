"""Makes the engine's environment: a new folder beside the old one, so that an interruption harms nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from impasto_setup.environment import ENGINE_PATHS, take_over
from impasto_setup.places import COMPLETE, python_in
from impasto_wire.programs import OUT_OF_SIGHT

from .errors import InstallError, Unsuitable
from .pip import Pip
from .source import Source
from .system import System
from .torch_build import TorchBuild

OLDEST = (3, 11)
NEWEST_TRIED = (3, 14)


def require_python(system: System, version: tuple[int, int] = sys.version_info[:2]) -> None:
    """Raises `Unsuitable`, naming a Python that would do, when this one is too old for the engine."""
    if version >= OLDEST:
        return
    sentence = f"the engine needs Python 3.11 or newer, and this is Python {version[0]}.{version[1]}."
    for minor in range(NEWEST_TRIED[1], OLDEST[1] - 1, -1):
        for python in system.programs(rf"python3\.{minor}(\.exe)?"):
            if system.ask([str(python), "--version"]):  # a version manager's stub fails here
                raise Unsuitable(f"{sentence} A newer one is here: {python} install/install.py")
        if system.platform == "win32" and system.ask(["py", f"-3.{minor}", "--version"]):
            raise Unsuitable(f"{sentence} A newer one is here: py -3.{minor} install/install.py")
    raise Unsuitable(
        f"{sentence} Install one (python3.12 of your distribution, or python.org's) and start again with it"
    )


def engine_name(source: Source, build: TorchBuild) -> str:
    """The folder of an environment: another version, another source or another PyTorch lives in another folder."""
    return f"{source.version}-{source.digest[:10]}-{build.name}"


def is_complete(environment: Path) -> bool:
    """Was the environment finished, and does its Python still run (a system upgrade can take it away)?"""
    if not (environment / COMPLETE).exists():
        return False
    return _ask(environment, "-c", "import impasto_wire, zmq, PIL") is not None


def make_environment(
    environment: Path,
    source: Source,
    build: TorchBuild,
    downloads: Path,
    log: Path,
    wheels: Path | None,
    old: Path | None,
) -> None:
    """Make a whole environment with the engine in it. Raises `InstallError`; half of one is made anew next time."""
    shutil.rmtree(environment, ignore_errors=True)
    if old:
        _make_venv(environment, log, "--without-pip")
        take_over(old, environment)
    if _ask(environment, "-m", "pip", "--version") is None:
        _make_venv(environment, log)
    pip = Pip(python_in(environment), downloads, log, wheels)
    pip.renew()
    if build.index and not wheels:
        pip.install("torch", "torchvision", "--index-url", build.index)
    pip.install(_requirement(source, wheels))
    (environment / COMPLETE).touch()


def engine_paths(environment: Path, log: Path) -> dict[str, str]:
    """Where the engine keeps its files, told by the engine itself. Raises `InstallError` when it can't start."""
    answer = _ask(environment, "-m", "impasto", "paths", "--json", log=log)
    try:
        paths = json.loads(answer or "")
        return {name: str(paths[name]) for name in ENGINE_PATHS}
    except (ValueError, KeyError, TypeError) as error:
        raise InstallError(f"the engine was installed but does not start; report it with the log, {log}") from error


def _make_venv(environment: Path, log: Path, *options: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "venv", *options, str(environment)],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        creationflags=OUT_OF_SIGHT,
    )
    with log.open("a", encoding="utf-8") as file:
        file.write(done.stdout + done.stderr)
    if done.returncode:
        package = f"python3.{sys.version_info[1]}-venv"
        if "ensurepip" in done.stdout + done.stderr:
            raise Unsuitable(
                f"this Python can't make environments yet; run: sudo apt install {package}, and start again"
            )
        raise InstallError(f"an environment could not be made in {environment}; what Python said is in {log}")


def _requirement(source: Source, wheels: Path | None) -> str:
    """The checkout itself, unless the folder of wheels holds this very version ready made."""
    if wheels and any(wheels.glob(f"gimp_impasto-{source.version}-*.whl")):
        return f"gimp-impasto=={source.version}"
    return str(source.checkout)


def _ask(environment: Path, *arguments: str, log: Path | None = None) -> str | None:
    own = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    try:
        done = subprocess.run(
            [str(python_in(environment)), *arguments],
            env=own,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            creationflags=OUT_OF_SIGHT,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode == 0:
        return done.stdout
    if log:
        with log.open("a", encoding="utf-8") as file:
            file.write(done.stderr)
    return None
