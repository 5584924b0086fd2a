"""The whole way, for real but without a network: install, use, run again, break, bring up to date, remove."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from impasto_install import installation
from impasto_install.errors import InstallError, Unsuitable
from impasto_install.installation import install
from impasto_install.main import main
from impasto_install.manifest import read_manifest
from impasto_install.source import FILTER, Source
from impasto_install.system import System

from .conftest import build_wheel, snapshot

PREFIX = ".local/share/impasto"


@pytest.fixture
def profile(living: System) -> Path:
    """The profile of a GIMP 3.0 that has been used."""
    folder = living.home / ".config/GIMP/3.0"
    (folder / "plug-ins").mkdir(parents=True)
    return folder


@pytest.fixture
def unproved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave first light out, where a test is about something else."""
    monkeypatch.setattr(installation, "first_light", lambda *_: "not painted")


def in_home(home: Path) -> dict[str, str]:
    """The home, less what pip notes of itself outside the installation."""
    return snapshot(home)


def test_install_paint_repeat_and_remove(
    living: System, profile: Path, wheels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, prefix = living.home, living.home / PREFIX
    before = in_home(home)

    assert main(["--wheels", str(wheels)]) == 0
    said = capsys.readouterr().out
    assert "Filters" in said and "Impasto Style Transfer" in said
    assert str(prefix / "first-light.png") in said
    with Image.open(prefix / "first-light.png") as picture:
        assert (picture.mode, picture.size) == ("RGB", (451, 300))
        assert len(set(picture.resize((8, 8)).getdata())) > 8, "a picture, not a flat colour"
    told = json.loads((profile / "plug-ins" / FILTER / "engine.json").read_text(encoding="utf-8"))
    assert Path(told["python"]).is_file()
    assert Path(told["python"]).is_relative_to(prefix)
    assert not (prefix / "downloads").exists()

    after = in_home(home)
    assert main(["--wheels", str(wheels)]) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert in_home(home) == after

    assert main(["--uninstall"]) == 0
    assert "came free" in capsys.readouterr().out
    assert in_home(home) == before
    assert main(["--uninstall"]) == 0
    assert "nothing to remove" in capsys.readouterr().out


@pytest.fixture
def installed(living: System, profile: Path, wheels: Path, source: Source, unproved: None) -> Iterator[Path]:
    """The prefix of an installation, made without first light."""
    prefix = living.home / PREFIX
    install(living, prefix, source, "auto", wheels)
    yield prefix


def test_without_a_gimp_the_engine_is_installed_all_the_same(
    living: System, wheels: Path, source: Source, unproved: None, capsys: pytest.CaptureFixture[str]
) -> None:
    install(living, living.home / PREFIX, source, "auto", wheels)
    assert "There is no GIMP 3 on this machine yet" in capsys.readouterr().out
    manifest = read_manifest(living.home / PREFIX)
    assert manifest and manifest.engine and not manifest.filters


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
    living: System, installed: Path, source: Source, wheels: Path
) -> None:
    manifest = read_manifest(installed)
    assert manifest
    python = installed / manifest.engine / "bin/python"
    python.unlink()
    install(living, installed, source, "auto", wheels)
    assert python.exists()


def test_a_folder_that_is_somebody_elses_is_refused(living: System, source: Source, wheels: Path) -> None:
    theirs = living.home / "Pictures"
    theirs.mkdir()
    (theirs / "cat.jpg").touch()
    with pytest.raises(Unsuitable, match="choose another folder with --prefix"):
        install(living, theirs, source, "auto", wheels)
    assert [path.name for path in theirs.iterdir()] == ["cat.jpg"]


def test_too_little_disk_is_told_before_anything_begins(
    living: System, source: Source, wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 100 * 2**20})
    monkeypatch.setattr(installation.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(Unsuitable, match="only 100 MB are free"):
        install(living, living.home / PREFIX, source, "auto", wheels)
    assert not (living.home / PREFIX / "engine").exists()


def test_an_engine_that_does_not_start_is_told_and_no_gimp_hears_of_it(
    living: System, profile: Path, source: Source, tmp_path: Path
) -> None:
    build_wheel(tmp_path, source.version, "import sys")
    with pytest.raises(InstallError, match="does not start"):
        install(living, living.home / PREFIX, source, "auto", tmp_path)
    assert not (profile / "plug-ins" / FILTER).exists()


def test_uninstalling_keeps_a_persons_own_styles(
    living: System, installed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = living.home / ".config/impasto/presets/mine.json"
    own.parent.mkdir(parents=True)
    own.write_text("{}")
    assert main(["--uninstall"]) == 0
    assert str(own.parent.parent) in capsys.readouterr().out
    assert own.exists()


def test_the_command_line_answers_in_sentences(
    living: System, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (living.home / "file").touch()
    assert main(["--prefix", str(living.home / "file"), "--wheels", str(tmp_path)]) == 2
    assert "isn't Impasto's" in capsys.readouterr().out
