"""Programs that we start: in no window, behind the person's own work, and with their own libraries."""

import ctypes
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import psutil
import pytest

from fakes.engine import PATIENCE, EngineHome
from impasto_plugin.engine.launcher import environment
from impasto_presets import list_presets
from impasto_presets.own import name_for, save_preset
from impasto_presets.preset import Preset
from impasto_wire.programs import own_libraries
from impasto_wire.request import WeightedStyle

TELL = """
import ctypes, sys
from pathlib import Path
Path(sys.argv[1]).write_text(str(ctypes.windll.kernel32.GetConsoleProcessList((ctypes.c_uint * 9)(), 9)))
"""
STARTS = """
import sys
from pathlib import Path
from impasto_plugin.engine import launcher
launcher.start(launcher.EngineConfig(tuple(sys.argv[1:]), Path("c"), Path("l"), "0")).wait()
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment's python.exe, which starts the real one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder)
    return folder / "Scripts/python.exe"


def test_an_engine_opens_no_console_whoever_starts_it(tmp_path: Path, python: Path) -> None:
    """GIMP has none, and so has pythonw.exe. Alone in a console it would have opened one for itself, with a window."""
    told = tmp_path / "told"
    quiet = str(Path(sys.executable).with_name("pythonw.exe"))
    subprocess.run([quiet, "-c", STARTS, str(python), "-c", TELL, str(told)], timeout=PATIENCE, check=True)
    assert told.read_text() in ("0", "2"), "none, or one that it shares with the environment's python.exe"


def test_painting_stays_behind_the_persons_own_work(tmp_path: Path) -> None:
    home = EngineHome(tmp_path)
    home.start()
    try:
        assert home.warm_worker().nice() == psutil.BELOW_NORMAL_PRIORITY_CLASS
        assert psutil.Process(home.pid()).nice() == psutil.NORMAL_PRIORITY_CLASS
    finally:
        home.stop()


def test_gimps_folder_of_libraries_is_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel, gimps = ctypes.WinDLL("kernel32"), r"C:\Program Files\GIMP 3\bin"

    def named() -> str:
        folder = ctypes.create_unicode_buffer(1000)
        kernel.GetDllDirectoryW(len(folder), folder)
        return folder.value

    kernel.SetDllDirectoryW(gimps)
    try:
        with own_libraries():
            assert named() == ""
        assert named() == gimps, "GIMP's Python goes on needing it"
    finally:
        kernel.SetDllDirectoryW(None)
    own = str(Path(sys.executable).parent)
    monkeypatch.setenv("PATH", os.pathsep.join([own, r"C:\windows"]))
    assert environment()["PATH"] == r"C:\windows"


def test_names_in_every_alphabet_go_through_a_pipe(tmp_path: Path) -> None:
    """Windows gives a pipe the letters of western Europe alone."""
    home = EngineHome(tmp_path)
    picture = list_presets()[0].thumbnail.read_bytes()
    variables = {name: value for name, value in os.environ.items() if name not in ("PYTHONUTF8", "PYTHONIOENCODING")}

    def impasto(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "impasto", *arguments],
            env={**variables, **home.environment},
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode("utf-8")

    preset = Preset(name_for("Водопад"), "Водопад")
    save_preset(home.folder / "local/impasto/presets", preset, [WeightedStyle(picture)], picture, picture)
    assert "Водопад" in impasto("presets", "list")
    assert json.loads(impasto("paths", "--json"))["presets"]
