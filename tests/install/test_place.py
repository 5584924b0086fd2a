"""The filter goes into a GIMP whole, comes out again, and nothing else is touched."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fakes.systems import needs_posix
from impasto_install import place
from impasto_install.errors import InstallError
from impasto_install.gimps import Gimp
from impasto_install.place import EngineNote, copy_beside, is_in_place, is_linked, make_plug_ins, start_once, swap_in
from impasto_install.source import FILTER, Source
from impasto_install.uninstall import remove_filter, uninstall
from impasto_setup.folders import missing_above
from impasto_setup.manifest import Manifest, PlacedFilter

from .conftest import MakeSystem, snapshot

MakeProgram = Callable[..., Path]


@pytest.fixture
def gimp(home: Path) -> Gimp:
    """A GIMP 3.0 with somebody else's plug-in in it."""
    profile = home / ".config/GIMP/3.0"
    (profile / "plug-ins/other").mkdir(parents=True)
    (profile / "plug-ins/other/other.py").write_text("theirs")
    return Gimp("profile", "3.0", profile)


def place_filter(filter_folder: Path, gimp: Gimp, note: EngineNote) -> PlacedFilter:
    placed = copy_beside(filter_folder, gimp, note)
    swap_in(placed)
    return placed


def test_gimp_finds_an_executable_of_the_folders_own_name(source: Source, gimp: Gimp, note: EngineNote) -> None:
    place_filter(source.filter, gimp, note)
    assert os.access(gimp.plug_ins / FILTER / f"{FILTER}.py", os.X_OK)


def test_the_filter_is_told_where_its_engine_is(source: Source, gimp: Gimp, note: EngineNote) -> None:
    place_filter(source.filter, gimp, note)
    told = json.loads((gimp.plug_ins / FILTER / "engine.json").read_text(encoding="utf-8"))
    assert told == {
        "python": "/engine/bin/python",
        "command": ["/engine/bin/python", "-m", "impasto", "serve", "--connection-file", "/run/connection.json"],
        "connection_file": "/run/connection.json",
        "log_file": "/log/engine.log",
        "version": "0.1.0",
    }


def test_placing_and_removing_leaves_the_home_as_it_was(
    source: Source, gimp: Gimp, note: EngineNote, home: Path
) -> None:
    before = snapshot(home)
    placed = place_filter(source.filter, gimp, note)
    cache = gimp.plug_ins / FILTER / "impasto_plugin/__pycache__"
    cache.mkdir()
    (cache / "run.cpython-313.pyc").write_bytes(b"GIMP's Python leaves this")
    assert remove_filter(placed) > 0
    assert snapshot(home) == before


def test_a_profile_that_had_to_be_made_goes_again(source: Source, note: EngineNote, home: Path, tmp_path: Path) -> None:
    before = snapshot(home)
    gimp = Gimp("package", "3.2", home / ".config/GIMP/3.2")
    manifest = Manifest(made_folders=missing_above(gimp.plug_ins))
    make_plug_ins(gimp)
    manifest = manifest.with_filter(place_filter(source.filter, gimp, note))
    uninstall(tmp_path / "nothing here", manifest)
    assert snapshot(home) == before


def test_what_a_person_put_beside_the_filter_stays(source: Source, gimp: Gimp, note: EngineNote) -> None:
    placed = place_filter(source.filter, gimp, note)
    own = gimp.plug_ins / FILTER / "impasto_wire/my notes.txt"
    own.write_text("mine")
    remove_filter(placed)
    assert [path for path in (gimp.plug_ins / FILTER).rglob("*") if path.is_file()] == [own]


def test_what_tools_hide_is_not_copied(gimp: Gimp, note: EngineNote, source: Source, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(source.filter, copy)
    for hidden in (".mypy_cache/cache.db", "impasto_plugin/__pycache__/run.pyc", ".DS_Store"):
        (copy / hidden).parent.mkdir(exist_ok=True)
        (copy / hidden).write_text("not the filter's")
    assert place_filter(copy, gimp, note) == place_filter(source.filter, gimp, note)


def test_placing_again_changes_nothing(source: Source, gimp: Gimp, note: EngineNote, home: Path) -> None:
    place_filter(source.filter, gimp, note)
    before = snapshot(home)
    place_filter(source.filter, gimp, note)
    assert snapshot(home) == before


def test_an_older_filter_is_replaced_whole(source: Source, gimp: Gimp, note: EngineNote) -> None:
    old = gimp.plug_ins / FILTER / "impasto_plugin/gone.py"
    old.parent.mkdir(parents=True)
    old.write_text("of an older version")
    placed = place_filter(source.filter, gimp, note)
    assert not old.exists()
    assert is_in_place(placed)


def test_a_failure_while_copying_leaves_the_old_filter(
    source: Source, gimp: Gimp, note: EngineNote, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place_filter(source.filter, gimp, note)
    before = snapshot(gimp.plug_ins / FILTER)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(place, "write_json", full)
    with pytest.raises(InstallError, match="No space left"):
        place_filter(source.filter, gimp, note)
    assert snapshot(gimp.plug_ins / FILTER) == before


def test_a_filter_that_was_changed_or_lost_is_noticed(source: Source, gimp: Gimp, note: EngineNote) -> None:
    placed = place_filter(source.filter, gimp, note)
    assert is_in_place(placed)
    (gimp.plug_ins / FILTER / "engine.json").write_text("{}")
    assert not is_in_place(placed)
    remove_filter(placed)
    assert not is_in_place(placed)


@needs_posix
def test_a_developers_link_is_known_for_one(source: Source, gimp: Gimp) -> None:
    assert not is_linked(gimp)
    (gimp.plug_ins / FILTER).symlink_to(source.filter)
    assert is_linked(gimp)


@needs_posix
def test_a_gimp_that_was_never_started_makes_its_profile_itself(
    machine: MakeSystem, program: MakeProgram, home: Path
) -> None:
    profile = home / ".config/GIMP/3.0"
    console = program(
        "gimp-console-3.0",
        script='mkdir -p "$HOME/.config/GIMP/3.0" && echo migrated > "$HOME/.config/GIMP/3.0/gimprc"',
    )
    gimp = Gimp("package", "3.0", profile, console)
    start_once(machine(PATH=os.defpath), gimp)
    assert (profile / "gimprc").read_text() == "migrated\n"
    assert missing_above(gimp.plug_ins) == (str(profile / "plug-ins"),)


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(home: Path) -> None:
    (home / ".config").write_text("a file in the way")
    with pytest.raises(InstallError, match="check who owns the folders"):
        make_plug_ins(Gimp("package", "3.0", home / ".config/GIMP/3.0"))
