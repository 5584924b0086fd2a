"""A newer filter over one that an earlier installer has placed: the engine is updated, a person's own stays."""

import io
import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from impasto_setup.errors import SetUpCancelled
from impasto_setup.manifest import Manifest, PlacedFilter, read_manifest, write_manifest
from impasto_setup.places import this_prefix
from impasto_setup.set_up import plans, wants_set_up, wants_update

from .conftest import MINOR, Newcomer, Onlooker

STYLE = {"title": "Mine"}


def earlier_installation(person: Newcomer, home: Path, prefix: Path | None = None) -> Path:
    """What the installer of commit eae786b left, of the same version; returns the environment."""
    prefix = prefix or person.prefix
    environment = prefix / "engine" / "0.1.0-1234567890-default"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").symlink_to(shutil.which("true") or "/bin/true")
    (environment / "complete").touch()
    folder = str(person.asking.folder)
    placed = PlacedFilter(folder, "3.0", {"impasto-filter.py": "0" * 64})
    paths = {"connection_file": str(home / "connection.json"), "log_file": str(home / "engine.log")}
    manifest = Manifest("0.1.0", "source", "auto", "engine/0.1.0-1234567890-default", (placed,), paths=paths)
    write_manifest(prefix, manifest)
    python = str(environment / "bin" / "python")
    note = {
        "python": python,
        "command": [python, "-m", "impasto", "serve", "--connection-file", paths["connection_file"]],
        **paths,
        "version": "0.1.0",
    }
    person.asking.note.write_text(json.dumps(note), encoding="utf-8")
    return environment


def test_an_earlier_installers_engine_is_updated_and_what_is_the_persons_own_stays(
    newcomer: Newcomer, tmp_path: Path
) -> None:
    old = earlier_installation(newcomer, tmp_path)
    own = tmp_path / "config" / "impasto"
    own.mkdir(parents=True)
    (own / "mine.json").write_text(json.dumps(STYLE))
    (own / "favourites.json").write_text('["mine"]')
    assert wants_update(newcomer.asking, newcomer.prefix)
    newcomer.lists("cuda", [newcomer.index.add("pigment-1.0-py3-none-any.whl", b"not there")])
    (plan, *_others) = plans(newcomer.asking, newcomer.prefix)
    assert plan.is_update and plan.kind == "cuda", "it paints on with what it painted with"
    newcomer.lists("cuda", [])
    newcomer.set_up()
    assert not wants_update(newcomer.asking, newcomer.prefix)
    told = json.loads(newcomer.asking.note.read_text(encoding="utf-8"))
    assert told["version"] == "0.1.0" and told["python"] == newcomer.note()["python"]
    assert not old.exists(), "two engines would take twice the disk"
    manifest = read_manifest(newcomer.prefix)
    assert manifest and manifest.filters[0].folder == str(newcomer.asking.folder)
    assert json.loads((own / "mine.json").read_text()) == STYLE
    assert json.loads((own / "favourites.json").read_text()) == ["mine"]


@pytest.fixture
def mover(newcomer: Newcomer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Newcomer:
    """A person on a system whose engines lay among the person's settings at first, in the folder `settings`."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("impasto_setup.places.earlier_prefix", lambda *_: tmp_path / "settings")
    return replace(newcomer, prefix=this_prefix())


def test_an_engine_that_lay_among_a_persons_settings_is_moved_and_nothing_is_lost(
    mover: Newcomer, tmp_path: Path
) -> None:
    settings = tmp_path / "settings"
    old = earlier_installation(mover, tmp_path, settings)
    packages = old / "lib" / f"python{MINOR}" / "site-packages"
    packages.mkdir(parents=True)
    (old / "pyvenv.cfg").write_text(f"version = {MINOR}.1\n")
    with zipfile.ZipFile(io.BytesIO(mover.index.files["pigment-1.0-py3-none-any.whl"])) as wheel:
        wheel.extractall(packages)
    (settings / "first-light.png").touch()
    other = tmp_path / "GIMP 3.2" / "impasto-filter"
    other.mkdir(parents=True)
    (other / "engine.json").write_text(json.dumps({**json.loads(mover.asking.note.read_text()), "mine": "kept"}))
    manifest = read_manifest(settings)
    assert manifest
    made = (str(tmp_path / "made"),)
    write_manifest(settings, replace(manifest.with_filter(PlacedFilter(str(other), "3.2", {})), made_folders=made))
    own = settings / "presets" / "mine.json"
    own.parent.mkdir()
    own.write_text(json.dumps(STYLE))

    assert wants_update(mover.asking)
    assert plans(mover.asking)[0].is_update
    with pytest.raises(SetUpCancelled):
        mover.set_up(Onlooker(stops_at=1))
    assert old.exists() and wants_update(mover.asking), "until the new one is there, the old one is what there is"
    mover.index.asked.clear()
    mover.set_up()

    assert not wants_update(mover.asking)
    assert not [name for name in mover.index.asked if name.startswith("pigment")], "what was there was taken over"
    moved = read_manifest(mover.prefix)
    assert moved and {placed.folder for placed in moved.filters} == {str(mover.asking.folder), str(other)}
    assert set(made) <= set(moved.made_folders)
    assert [path.name for path in settings.rglob("*")] == ["presets", "mine.json"]
    told = json.loads((other / "engine.json").read_text())
    assert told["python"] == mover.note()["python"] and told["mine"] == "kept", "the other GIMP's filter knows it too"
    assert Path(told["python"]).is_relative_to(mover.prefix)


def test_an_engine_that_somebody_has_taken_away_is_set_up_anew(newcomer: Newcomer) -> None:
    """As a virus scanner does, or a system that removes a Python."""
    newcomer.set_up()
    python = Path(str(newcomer.note()["python"]))
    python.unlink()
    assert wants_set_up(newcomer.asking, newcomer.prefix)
    assert not wants_update(newcomer.asking, newcomer.prefix), "there is none that could be kept"
    assert plans(newcomer.asking, newcomer.prefix)[0].download > 17_000_000
    newcomer.set_up()
    assert python.exists() and not wants_set_up(newcomer.asking, newcomer.prefix)
