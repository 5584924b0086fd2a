"""The whole way, for real but without a network: install, use, run again, break, bring up to date, remove."""

import json
import os
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from impasto_install import installation, make_venv
from impasto_install.errors import InstallError, Unsuitable
from impasto_install.installation import install
from impasto_install.main import main
from impasto_install.place import EngineNote
from impasto_install.source import FILTER, Source
from impasto_install.system import System
from impasto_setup.manifest import read_manifest

from .conftest import PREFIX, snapshot


@pytest.fixture
def quick(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that inverts pictures instead of painting, and a source that nobody edits meanwhile."""
    told = EngineNote.as_json

    def with_fake_painter(note: EngineNote) -> dict[str, Any]:
        values = told(note)
        return {**values, "command": [*values["command"], "--painter", "fakes.painter:open_painter"]}

    monkeypatch.setattr(EngineNote, "as_json", with_fake_painter)
    monkeypatch.setattr("impasto_install.main.this_source", lambda: source)


@pytest.fixture
def anybodys_umask(profile: Path, wheels: Path) -> Iterator[None]:
    """A session that lets everybody write what it makes."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_install_paint_repeat_and_remove(
    living: System,
    profile: Path,
    wheels: Path,
    quick: None,
    anybodys_umask: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    home, prefix = living.home, living.home / PREFIX
    before = snapshot(home)

    assert main(["--wheels", str(wheels)]) == 0
    said = capsys.readouterr().out
    assert "Filters" in said and "Impasto Style Transfer" in said
    assert str(prefix / "first-light.png") in said
    command = Path(said.partition("For the command line: ")[2].splitlines()[0])
    assert command.name == "impasto" and command.is_relative_to(prefix)
    assert list(command.parent.glob("python*")), "beside the engine's own Python"
    with Image.open(prefix / "first-light.png") as picture:
        assert (picture.mode, picture.size) == ("RGB", (451, 300))
        assert all(low < high for low, high in picture.getextrema()), "a picture, not a flat colour"
    told = json.loads((profile / "plug-ins" / FILTER / "engine.json").read_text(encoding="utf-8"))
    assert Path(told["python"]).is_file()
    assert Path(told["python"]).is_relative_to(prefix)
    assert not (prefix / "downloads").exists()
    assert writable_by_others(home) == []

    after = snapshot(home)
    assert main(["--wheels", str(wheels)]) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert snapshot(home) == after

    assert main(["--uninstall"]) == 0
    assert "came free" in capsys.readouterr().out
    assert snapshot(home) == before
    assert main(["--uninstall"]) == 0
    assert "nothing to remove" in capsys.readouterr().out


def writable_by_others(folder: Path) -> list[Path]:
    found = [path for path in folder.rglob("*") if not path.is_symlink()]
    return [path for path in found if os.name == "posix" and path.stat().st_mode & 0o022]


def test_without_a_gimp_the_engine_is_installed_all_the_same(
    living: System,
    wheels: Path,
    source: Source,
    unproved: None,
    quick_environments: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    install(living, living.home / PREFIX, source, "auto", wheels)
    assert "There is no GIMP 3 on this machine yet" in capsys.readouterr().out
    manifest = read_manifest(living.home / PREFIX)
    assert manifest and manifest.engine and not manifest.filters


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
    usage = type("Usage", (), {"free": 100_000_000})
    monkeypatch.setattr(installation.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(Unsuitable, match="only 100 MB are free"):
        install(living, living.home / PREFIX, source, "auto", wheels)
    assert not (living.home / PREFIX / "engine").exists()


def test_an_engine_that_does_not_start_is_told_and_no_gimp_hears_of_it(
    living: System, profile: Path, source: Source, wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make_venv, "make_environment", lambda environment, *_: venv.create(environment))
    with pytest.raises(InstallError, match="does not start"):
        install(living, living.home / PREFIX, source, "auto", wheels)
    assert not (profile / "plug-ins" / FILTER).exists()


def test_the_command_line_answers_in_sentences(
    living: System, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (living.home / "file").touch()
    assert main(["--prefix", str(living.home / "file"), "--wheels", str(tmp_path)]) == 2
    assert "isn't Impasto's" in capsys.readouterr().out
