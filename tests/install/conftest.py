"""Machines that are made up: a person's home, a faked file system, and an engine to install without a network."""

import hashlib
import os
import shutil
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from fakes.wheels import build_wheel
from impasto_install import installation, make_venv
from impasto_install.place import EngineNote
from impasto_install.source import PARTS, Source, files_below, source_in
from impasto_install.system import System
from impasto_install.torch_build import choose_build
from impasto_setup.places import COMPLETE

MakeSystem = Callable[..., System]
PREFIX = ".local/share/impasto"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder with a space and an umlaut in its name."""
    folder = tmp_path / "Käthe Kollwitz"
    folder.mkdir()
    return folder


@pytest.fixture
def machine(tmp_path: Path, home: Path) -> MakeSystem:
    """Makes a `System` over `tmp_path/root` and the home; keyword arguments are environment variables."""

    def make(platform: str = "linux", **environ: str) -> System:
        return System(platform, home, {"PATH": "", **environ}, tmp_path / "root")

    return make


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., Path]:
    """Makes a program that prints a text; returns its path."""

    if os.name != "posix":
        pytest.skip("it is a script for a POSIX shell")

    def make(name: str, prints: str = "", script: str = "") -> Path:
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script or f'echo {prints!r}'}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    return make


@pytest.fixture
def note() -> EngineNote:
    """What the filter is told of an engine."""
    return EngineNote("/engine/bin/python", "/run/connection.json", "/log/engine.log", "0.1.0")


@pytest.fixture(scope="session")
def source(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Source:
    """What is installed from: a copy of the checkout, which nobody edits meanwhile."""
    copy = tmp_path_factory.mktemp("source")
    for path in (path for part in PARTS for path in files_below(checkout / part)):
        target = copy / path.relative_to(checkout)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    return source_in(copy)


def snapshot(folder: Path) -> dict[str, str]:
    """Every entry below a folder: mode and content, so that two moments can be compared byte for byte."""
    return {path.relative_to(folder).as_posix(): _state(path) for path in sorted(folder.rglob("*"))}


def _state(path: Path) -> str:
    mode = f"{path.lstat().st_mode:o} "
    if path.is_symlink():
        return mode + str(path.readlink())
    return mode + (hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder")


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory, source: Source, checkout: Path) -> Path:
    """A folder of wheels with one wheel: the engine, borrowed from the environment that runs the tests."""
    folder = tmp_path_factory.mktemp("wheels")
    own = [str(checkout / place) for place in ("engine", "gimp_plugin/impasto-filter", "tests")]  # the fake painter too
    borrowed = f"import site, sys; site.addsitedir({sysconfig.get_path('purelib')!r}); sys.path[:0] = {own!r}"
    build_wheel(folder, source.version, borrowed)
    return folder


@pytest.fixture
def living(home: Path, monkeypatch: pytest.MonkeyPatch) -> System:
    """This machine with the made-up home, so that what is installed really runs; there is no GIMP on its PATH."""
    for name in [name for name in os.environ if name.startswith(("XDG_", "GIMP3_", "IMPASTO_", "PIP_CACHE"))]:
        monkeypatch.delenv(name)
    runtime = home.with_name("runtime")
    runtime.mkdir(mode=0o700, exist_ok=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("PATH", os.defpath)
    return System(sys.platform, home, dict(os.environ))


@pytest.fixture
def profile(living: System) -> Path:
    """The profile of a GIMP 3.0 that has been used."""
    folder = living.home / ".config/GIMP/3.0"
    (folder / "plug-ins").mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory, wheels: Path, source: Source) -> Path:
    """An environment of the engine's, as the installer makes it."""
    place = tmp_path_factory.mktemp("environment")
    build = choose_build("auto", System(sys.platform, place, {"PATH": ""}, place), lambda _: True)
    make_venv.make_environment(place / "made", source, build, place / "downloads", place / "log", wheels, None)
    return place / "made"


def copies_of(environment: Path) -> Callable[..., None]:
    """Makes environments as copies of one, the mark of completeness last."""

    def make(copy: Path, *_: object) -> None:
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(environment, copy, symlinks=True)
        (copy / COMPLETE).unlink()
        (copy / COMPLETE).touch()

    return make


@pytest.fixture
def quick_environments(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copy environments instead of making them, where a test is about something else."""
    monkeypatch.setattr(make_venv, "make_environment", copies_of(environment))


@pytest.fixture
def unproved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave first light out, where a test is about something else."""
    monkeypatch.setattr(installation, "first_light", lambda *_: "not painted")
