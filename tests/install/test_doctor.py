"""The doctor sees what is wrong, mends what it can, and tells nobody's name."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from rich.console import Console

from fakes.engine import EngineHome
from impasto.doctor import examine as examination
from impasto.doctor.connection import connection
from impasto.doctor.examine import examine
from impasto.doctor.filters import filters
from impasto.doctor.finding import Finding
from impasto.doctor.machine import device
from impasto.doctor.menus import menus
from impasto.doctor.report import as_json, print_finding, redacted
from impasto.installed import engine_note, filter_folder
from impasto_install.filter_alone import add_filter
from impasto_install.source import FILTER
from impasto_install.system import System
from impasto_wire.connection import REMOTE, read_connection, write_connection

from .conftest import PREFIX, MakeSystem

Program = Callable[..., Path]


@pytest.fixture
def place(living: System, home: Path, profile: Path) -> Callable[[], object]:
    """Puts the filter, of the engine that runs these tests, into the one GIMP's profile."""
    return lambda: add_filter(living, home / PREFIX, filter_folder(), engine_note(), {})


def damage(folder: Path, how: str) -> None:
    """Do to a placed filter what time, tools and people do."""
    note = folder / "engine.json"
    match how:
        case "gone":
            folder.rename(folder.with_name("elsewhere"))
        case "half":
            (folder / "impasto_wire" / "__init__.py").unlink()
        case "older":
            (folder / "impasto_wire" / "__init__.py").write_text('__version__ = "0.0.9"\n')
        case "changed":
            (folder / "impasto_plugin" / "run.py").write_text("something else\n")
        case "not executable":
            (folder / f"{FILTER}.py").chmod(0o644)
        case "open to others":
            (folder / "impasto_plugin" / "run.py").chmod(0o646)
        case "a note open to others":
            note.chmod(0o666)
        case "another connection file":
            note.write_text(json.dumps({**json.loads(note.read_text()), "connection_file": "/elsewhere"}))
        case "no note":
            note.unlink()
        case "no engine":
            note.write_text(json.dumps({**json.loads(note.read_text()), "python": "/gone/bin/python"}))


WITHOUT_MODES = [
    "gone",
    "half",
    "older",
    "changed",
    "not executable",
    "no note",
    "no engine",
    "another connection file",
]
WITH_MODES = ["open to others", "a note open to others"] if os.name == "posix" else []


@pytest.mark.parametrize("how", [*WITHOUT_MODES, *WITH_MODES])
def test_a_filter_that_cannot_work_is_wrong_until_it_is_mended(
    living: System, profile: Path, place: Callable[[], object], how: str
) -> None:
    place()
    assert [finding.state for finding in filters(living, place)] == ["ok", "ok"]
    damage(profile / "plug-ins" / FILTER, how)
    _, found = filters(living, place)
    assert (found.what, found.state) == ("filter in GIMP 3.0", "wrong")
    assert found.mend
    found.mend()
    assert [finding.state for finding in filters(living, place)] == ["ok", "ok"]


def test_another_engines_filter_is_told_and_left_alone(living: System, home: Path, place: Callable[[], object]) -> None:
    add_filter(living, home / PREFIX, filter_folder(), replace(engine_note(), python=os.__file__), {})
    _, found = filters(living, place)
    assert (found.state, found.mend) == ("warning", None)
    assert os.__file__ in found.told


def test_a_machine_without_gimp_is_told_what_to_do(living: System, place: Callable[[], object], profile: Path) -> None:
    (profile / "plug-ins").rmdir()
    profile.rmdir()
    (found,) = filters(living, place)
    assert (found.state, found.remedy) == ("warning", "install GIMP 3.0 or newer, then run: impasto install-filter")


@pytest.mark.parametrize(
    ("says", "states", "words"),
    [
        ('{"sees": true, "has_zmq": true}', ["ok", "ok"], "its Python has pyzmq"),
        ('{"sees": true, "has_zmq": false}', ["ok", "ok"], "uses the relay"),
        ('{"sees": false, "has_zmq": null}', ["wrong"], "doesn't see the filter"),
        ("", ["warning"], "gave no answer"),
    ],
)
def test_what_gimp_says_is_believed(
    living: System, program: Program, place: Callable[[], object], says: str, states: list[str], words: str
) -> None:
    place()
    answer = f"echo IMPASTO-DOCTOR '{says}'" if says else "exit 1"
    console = program("gimp-console-3.0", script=f'[ "$1" = --version ] && echo "GIMP version 3.0.4" || {answer}')
    asked = replace(living, environ={**living.environ, "PATH": f"{console.parent}:{os.defpath}"})
    found = list(menus(asked, place))
    assert [finding.state for finding in found] == states
    assert words in found[-1].told


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EngineHome]:
    home = EngineHome(tmp_path)
    home.start()
    yield home
    home.stop()


def test_a_connection_file_that_others_can_read_gets_another_key(engine: EngineHome) -> None:
    file = engine.connection_file
    (found,) = connection(file)
    assert found.state == "ok"
    known = read_connection(file)
    file.chmod(0o644)
    (found,) = connection(file)
    assert found.state == "ok", "the engine has mended it meanwhile"
    assert read_connection(file).client_key != known.client_key


def test_only_a_dead_engines_connection_file_is_taken_away(engine: EngineHome) -> None:
    """A living engine that doesn't answer keeps its own, and so does another machine's."""
    file, alive = engine.connection_file, read_connection(engine.connection_file)
    engine.processes[0].send_signal(signal.SIGSTOP)
    (found,) = connection(file)
    assert (found.state, found.mend) == ("wrong", None)
    engine.processes[0].kill()
    engine.processes[0].wait()
    write_connection(file, replace(alive, endpoint="tcp://127.0.0.1:1", pid=REMOTE))
    (found,) = connection(file)
    assert (found.state, found.mend) == ("wrong", None)
    for damaged in (False, True):
        write_connection(file, alive)
        if damaged:
            file.write_text("{")
        (found,) = connection(file)
        assert found.state == "warning"
        assert found.mend
        found.mend()
        assert [finding.state for finding in connection(file)] == ["ok"]
        assert not file.exists()


def test_an_idle_nvidia_card_is_worth_a_warning(
    machine: MakeSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", None)
    (found,) = device(machine())
    assert found.state == "ok"
    driver = tmp_path / "root/proc/driver/nvidia/version"
    driver.parent.mkdir(parents=True)
    driver.touch()
    (found,) = device(machine())
    assert "an NVIDIA card is here but torch is a CPU build" in found.told
    assert found.remedy == "run: python3 install/install.py --torch cuda"
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    (found,) = device(machine())
    assert found.remedy.startswith("install a driver for CUDA 13.0")


def test_the_doctor_still_speaks_where_pytorch_cannot_be_loaded() -> None:
    script = """
import sys
sys.modules["torch"] = None
from impasto.doctor import examine
examine.filters = examine.menus = examine.bridge = lambda *_: ()
for finding in examine.examine(examine.System("linux", None), mends=False):
    print(finding.what, finding.state)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.splitlines()[:2] == ["engine ok", "device wrong"], done.stderr
    assert done.returncode == 0


def test_the_report_names_no_person_and_no_home() -> None:
    found = Finding("x", "wrong", "/home/kaethe/.config and /media/kaethe/disk, but not kaethes", "rm /home/kaethe/x")
    told = redacted(found, Path("/home/kaethe"), "kaethe")
    assert told.told == "~/.config and /media/~/disk, but not kaethes"
    assert told.remedy == "rm ~/x"
    assert redacted(found, Path("/home/k"), "").told == found.told


@pytest.mark.parametrize("width", [80, 120])
def test_what_to_do_stands_below_what_is_wrong(width: int) -> None:
    console = Console(file=io.StringIO(), width=width)
    found = Finding("filter in GIMP 3.0", "wrong", "it is as it is " * 10, "run: impasto install-filter")
    print_finding(console, found)
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert lines[0].startswith("wrong   filter in GIMP 3.0     it is as it is")
    assert lines[-1].strip() == "→ run: impasto install-filter"
    assert lines[-1].index("→") == lines[0].index("it is")
    assert max(map(len, lines)) <= width


def test_what_was_mended_is_looked_at_again_and_a_check_that_breaks_is_a_finding(
    living: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault that another had hidden is mended too."""
    faults = ["open to others", "damaged"]

    def check(*_: object) -> Iterator[Finding]:
        yield Finding("x", "wrong", faults[0], mend=lambda: faults.pop(0)) if faults else Finding("x", "ok", "")

    def breaking(*_: object) -> Iterator[Finding]:
        raise ZeroDivisionError("in the check itself")
        yield

    for name in ("filters", "menus", "weights", "bridge"):
        monkeypatch.setattr(examination, name, lambda *_: iter(()))
    monkeypatch.setattr(examination, "filters", check)
    monkeypatch.setattr(examination, "bridge", breaking)
    assert [finding.told for finding in examine(living, mends=False) if finding.what == "x"] == ["open to others"]
    found = {finding.what: finding for finding in examine(living, mends=True)}
    assert (found["x"].state, found["x"].was_mended) == ("ok", True)
    assert "ZeroDivisionError: in the check itself" in found["bridge"].told
    report = as_json(list(found.values()))
    assert report["state"] == "wrong"
    assert {"what", "state", "told", "remedy", "mended"} == set(report["findings"][0])
    assert sys.executable not in json.dumps(report)
