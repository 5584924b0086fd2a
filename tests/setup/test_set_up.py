"""From a filter alone to an engine that starts: with the real uv, and packages from a server on loopback."""

import platform
import subprocess
import sys
import sysconfig
import tarfile
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from fakes.package_index import PackageIndex
from fakes.pythons import archive_name, write_table
from fakes.wheels import build_wheel
from impasto_install.uninstall import uninstall
from impasto_setup.environment import PYTHON_SIZE
from impasto_setup.errors import SetUpCancelled, SetUpError, Unsuitable
from impasto_setup.lists import uv_wheel
from impasto_setup.machine import this_platform
from impasto_setup.manifest import read_manifest
from impasto_setup.places import LOG
from impasto_setup.progress import DOWNLOADING
from impasto_setup.set_up import plans, remove_engine, report, wants_set_up, wants_update

from .conftest import MINOR, Newcomer, Onlooker, borrowed, small


def imports(person: Newcomer, *packages: str) -> None:
    """They are in the engine's environment."""
    code = "; ".join(f"import {package}" for package in packages)
    subprocess.run([str(person.note()["python"]), "-c", code], check=True, timeout=60)


def test_a_filter_alone_gets_its_engine(newcomer: Newcomer) -> None:
    assert wants_set_up(newcomer.asking, newcomer.prefix)
    (plan, *_others) = plans(newcomer.asking, newcomer.prefix)
    assert plan.download > 17_000_000 and not plan.is_update
    seen = newcomer.set_up()
    imports(newcomer, "pigment", "binder", "impasto")
    assert not wants_set_up(newcomer.asking, newcomer.prefix)
    assert newcomer.note()["version"] == "0.1.0"
    manifest = read_manifest(newcomer.prefix)
    assert manifest and (newcomer.prefix / manifest.engine) == plan.environment
    assert manifest.paths["connection_file"] == newcomer.note()["connection_file"]
    assert not (newcomer.prefix / "downloads").exists(), "what was downloaded is of no use any more"
    downloaded = [shown for shown in seen.shown if shown.text == DOWNLOADING]
    assert {shown.name for shown in downloaded} >= {"pigment 1.0", "binder 2.1"}
    last = seen.shown[-1]
    assert last.done == last.total, "all that was announced has come"


def test_set_up_again_downloads_nothing(newcomer: Newcomer) -> None:
    newcomer.set_up()
    newcomer.index.asked.clear()
    assert plans(newcomer.asking, newcomer.prefix)[0].download == 0
    newcomer.set_up()
    assert newcomer.index.asked == []


def test_an_index_may_speak_html(newcomer: Newcomer) -> None:
    newcomer.index.is_html = True
    newcomer.set_up()
    imports(newcomer, "pigment", "binder")


def test_a_newer_filter_updates_its_engine_and_downloads_only_what_changed(
    newcomer: Newcomer, tmp_path: Path, checkout: Path
) -> None:
    newcomer.set_up()
    before = newcomer.note()
    kept = small(tmp_path, newcomer.index, "pigment", "1.0")
    newcomer.lists("cpu", [kept, small(tmp_path, newcomer.index, "binder", "2.2")])
    for wheel in newcomer.asking.wheels.iterdir():
        wheel.unlink()
    build_wheel(newcomer.asking.wheels, "0.2.0", borrowed(checkout))
    assert wants_update(newcomer.asking, newcomer.prefix)
    newcomer.index.asked.clear()
    known = uv_wheel(this_platform(), newcomer.asking.lists).size + PYTHON_SIZE
    assert 300_000 < plans(newcomer.asking, newcomer.prefix)[0].download - known < 350_000, "binder alone"
    newcomer.set_up()
    assert "binder-2.2-py3-none-any.whl" in newcomer.index.asked
    assert not any(name.startswith("pigment") for name in newcomer.index.asked)
    imports(newcomer, "pigment", "binder")
    assert newcomer.note()["version"] == "0.2.0"
    assert newcomer.note()["python"] != before["python"]
    assert not wants_update(newcomer.asking, newcomer.prefix)


def test_a_cancelled_set_up_keeps_what_has_come_and_goes_on(newcomer: Newcomer) -> None:
    with pytest.raises(SetUpCancelled):
        newcomer.set_up(Onlooker(stops_at=5_000_000))
    assert wants_set_up(newcomer.asking, newcomer.prefix)
    newcomer.index.ranges.clear()
    newcomer.set_up()
    assert newcomer.index.ranges[0] is not None, "uv's wheel went on in the middle"
    imports(newcomer, "pigment")


def test_a_filter_without_its_engines_wheel_says_so(newcomer: Newcomer) -> None:
    for wheel in newcomer.asking.wheels.iterdir():
        wheel.unlink()
    with pytest.raises(Unsuitable, match=r"incomplete \(gimp_impasto"):
        plans(newcomer.asking, newcomer.prefix)


def test_of_a_filter_unzipped_over_an_older_one_the_newer_engine_counts(newcomer: Newcomer, checkout: Path) -> None:
    """The older one's wheels stay where they are, as most programs unzip."""
    newcomer.set_up()
    build_wheel(newcomer.asking.wheels, "0.10.0", borrowed(checkout))
    build_wheel(newcomer.asking.wheels, "0.9.0", borrowed(checkout))
    assert wants_update(newcomer.asking, newcomer.prefix)
    newcomer.set_up()
    assert newcomer.note()["version"] == "0.10.0"
    assert not wants_update(newcomer.asking, newcomer.prefix)


def test_removed_nothing_is_left_but_what_is_the_persons_own(newcomer: Newcomer) -> None:
    newcomer.set_up()
    own = newcomer.prefix / "styles" / "mine.json"
    own.parent.mkdir()
    own.write_text("mine")
    remove_engine(newcomer.asking, newcomer.prefix)
    assert {path.name for path in newcomer.prefix.iterdir()} == {"styles", "manifest.json"}
    assert wants_set_up(newcomer.asking, newcomer.prefix)
    newcomer.set_up()
    assert own.read_text() == "mine"


def test_the_installer_takes_away_what_the_dialog_has_set_up(newcomer: Newcomer) -> None:
    newcomer.set_up()
    manifest = read_manifest(newcomer.prefix)
    assert manifest and newcomer.prefix.is_dir()
    uninstall(newcomer.prefix, replace(manifest, paths={}))
    assert not newcomer.prefix.parent.exists(), "nor what was made for it"


def test_a_report_tells_nobodys_name(newcomer: Newcomer, monkeypatch: pytest.MonkeyPatch) -> None:
    newcomer.set_up()
    monkeypatch.setenv("HOME", str(newcomer.prefix.parent))
    told = report(newcomer.prefix, "It failed.")
    assert "Kollwitz" in (newcomer.prefix / LOG).read_text(encoding="utf-8")
    assert "Kollwitz" not in told
    assert "pip install" in told and told.startswith("It failed.")


def test_what_gimp_has_set_for_its_own_python_does_not_reach_the_engine(
    newcomer: Newcomer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = tmp_path / "trap"
    trap.mkdir()
    (trap / "sitecustomize.py").write_text("raise SystemExit('caught')")
    monkeypatch.setenv("PYTHONPATH", str(trap))
    monkeypatch.setenv("PYTHONHOME", str(trap))
    monkeypatch.setenv("UV_INDEX_URL", "http://127.0.0.1:9/")
    newcomer.set_up()
    monkeypatch.delenv("PYTHONPATH")
    monkeypatch.delenv("PYTHONHOME")
    imports(newcomer, "impasto")


def test_uvs_own_python_comes_from_its_mirror(
    newcomer: Newcomer, tmp_path: Path, index: PackageIndex, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here that is a copy of the one that runs the tests."""
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS_JSON_URL", str(pack_python(tmp_path, index)))
    newcomer.set_up()
    (config,) = newcomer.prefix.glob("engine/*/pyvenv.cfg")
    assert str(newcomer.prefix / "python") in config.read_text(encoding="utf-8")
    imports(newcomer, "impasto")
    build_wheel(newcomer.asking.wheels, "0.2.0", borrowed(checkout))
    known = uv_wheel(this_platform(), newcomer.asking.lists).size
    assert plans(newcomer.asking, newcomer.prefix)[0].download == known, "an update needs no other Python"


def test_an_engine_that_does_not_start_is_named_and_made_anew(newcomer: Newcomer, checkout: Path) -> None:
    """As where a virus scanner, or a bad memory, took a file of it."""
    (wheel,) = newcomer.asking.wheels.iterdir()
    whole = wheel.read_bytes()
    for line, words in (
        ("import no_such_file", r"doesn't start \(.*No module named.*\); Copy Report has the details, Set Up makes it"),
        ("print('OSError: [WinError 225] a virus')", "a virus scanner has stopped .*; allow the folder"),
    ):
        build_wheel(newcomer.asking.wheels, "0.1.0", "", files={"impasto/__init__.py": "", "impasto/__main__.py": line})
        with pytest.raises(SetUpError, match=words):
            newcomer.set_up()
        assert plans(newcomer.asking, newcomer.prefix)[0].disk, "it doesn't count as whole"
    wheel.write_bytes(whole)
    newcomer.set_up()
    imports(newcomer, "impasto")


def needed(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """What of a standard library a Python doesn't start without."""
    left_out = ("site-packages", "dist-packages", "test", "tests", "__pycache__", "idlelib", "tkinter", "ensurepip")
    name = PurePosixPath(member.name).name
    return None if name in left_out or name.startswith("config-") or member.issym() else member


def pack_python(folder: Path, index: PackageIndex) -> Path:
    """Put a Python into the index, packed as uv's are; returns a table of such downloads for uv."""
    version, machine = platform.python_version(), platform.machine()
    path = folder / archive_name(version, machine, "unknown-linux-gnu")
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        archive.add(sysconfig.get_path("stdlib"), f"python/lib/python{MINOR}", filter=needed)
        for program in (f"python{MINOR}", "python3", "python"):
            archive.add(Path(sys.executable).resolve(), f"python/bin/{program}")
    index.files[path.name] = path.read_bytes()
    table = folder / "downloads.json"
    write_table(path, table, version, machine, "linux", "gnu")
    return table
