"""What happens to an installation that is there: brought up to date, mended, interrupted, removed."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from impasto_install import make_venv
from impasto_install.errors import InstallError
from impasto_install.installation import install
from impasto_install.main import main
from impasto_install.source import FILTER, Source
from impasto_install.system import System
from impasto_setup.environment import take_over
from impasto_setup.manifest import read_manifest

from .conftest import PREFIX, copies_of, snapshot


@pytest.fixture(scope="module")
def fixed_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that keeps its place, since an environment can't be moved."""
    return tmp_path_factory.mktemp("people") / "Käthe Kollwitz"


@pytest.fixture
def home(fixed_home: Path) -> Iterator[Path]:
    """The home as it was after installing, or an empty one the first time."""
    kept = fixed_home.with_name("kept")
    if kept.exists():
        shutil.copytree(kept, fixed_home, symlinks=True)
    else:
        fixed_home.mkdir()
    yield fixed_home
    shutil.rmtree(fixed_home)


@pytest.fixture
def installed(living: System, profile: Path, wheels: Path, source: Source, unproved: None, environment: Path) -> Path:
    """The prefix of an installation, made without first light; the first test makes it, the others find a copy."""
    prefix = living.home / PREFIX
    if not prefix.exists():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(make_venv, "make_environment", copies_of(environment))
            install(living, prefix, source, "auto", wheels)
        shutil.copytree(living.home, living.home.with_name("kept"), symlinks=True)
    return prefix


def test_a_failed_update_leaves_the_old_version_working(
    living: System, installed: Path, profile: Path, source: Source, tmp_path: Path
) -> None:
    before, filters = read_manifest(installed), snapshot(profile)
    assert before
    newer = replace(source, digest="1" * 64)
    with pytest.raises(InstallError, match="not to be found"):
        install(living, installed, newer, "auto", tmp_path)
    now = read_manifest(installed)
    assert now and (now.engine, now.source) == (before.engine, before.source)
    assert snapshot(profile) == filters
    assert (installed / now.engine / "complete").exists()


def test_an_update_replaces_the_engine_and_keeps_nothing_of_the_old(
    living: System, installed: Path, profile: Path, source: Source, wheels: Path
) -> None:
    before = read_manifest(installed)
    install(living, installed, replace(source, digest="2" * 64), "auto", wheels)
    now = read_manifest(installed)
    assert before and now and now.engine != before.engine
    assert [f"engine/{folder.name}" for folder in (installed / "engine").iterdir()] == [now.engine]
    told = json.loads((profile / "plug-ins" / FILTER / "engine.json").read_text(encoding="utf-8"))
    assert str(installed / now.engine) in told["python"]


def test_a_gimp_that_came_later_gets_the_filter_and_the_engine_stays(
    living: System, installed: Path, source: Source, wheels: Path
) -> None:
    before = read_manifest(installed)
    later = living.home / ".config/GIMP/3.2"
    later.mkdir()
    install(living, installed, source, "auto", wheels)
    now = read_manifest(installed)
    assert (later / "plug-ins" / FILTER / "engine.json").is_file()
    assert before and now and now.engine == before.engine
    assert len(now.filters) == 2


def test_a_damaged_filter_is_mended(
    living: System, installed: Path, profile: Path, source: Source, wheels: Path
) -> None:
    whole = snapshot(profile)
    (profile / "plug-ins" / FILTER / f"{FILTER}.py").unlink()
    install(living, installed, source, "auto", wheels)
    assert snapshot(profile) == whole


def test_an_engine_whose_python_is_gone_is_made_anew(
    living: System, installed: Path, source: Source, wheels: Path, quick_environments: None
) -> None:
    manifest = read_manifest(installed)
    assert manifest
    python = installed / manifest.engine / "bin/python"
    python.unlink()
    install(living, installed, source, "auto", wheels)
    assert python.exists()


def test_uninstalling_keeps_a_persons_own_styles(
    living: System, installed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = living.home / ".config/impasto/presets/mine.json"
    own.parent.mkdir(parents=True)
    own.write_text("{}")
    assert main(["--uninstall"]) == 0
    assert str(own.parent.parent) in capsys.readouterr().out
    assert own.exists()


@pytest.mark.parametrize("libraries", ["lib/python3.13/site-packages", "Lib/site-packages"])
@pytest.mark.parametrize(("version", "are_taken"), [("3.13.9", True), ("3.14.1", False)])
def test_packages_are_taken_over_on_every_system_and_by_the_same_python_alone(
    tmp_path: Path, libraries: str, version: str, are_taken: bool
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for environment, number in ((old, "3.13.2"), (new, version)):
        (environment / libraries).mkdir(parents=True)
        (environment / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {number}\n")
    own = ("impasto", "gimp_impasto-0.1.0.dist-info", "msvc_runtime-14.51.36231.dist-info")
    for name in ("torch", "torch-2.14.1.dist-info", *own):
        (old / libraries / name).mkdir()
        (old / libraries / name / "file").write_text(name)
    take_over(old, new)
    taken = {path.name for path in (new / libraries).iterdir()}
    assert taken == ({"torch", "torch-2.14.1.dist-info"} if are_taken else set())
    if are_taken:
        assert (new / libraries / "torch/file").stat().st_nlink == 2
