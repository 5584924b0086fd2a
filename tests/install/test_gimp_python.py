"""GIMP's own Python is asked what it is, and gets the ZeroMQ that it can load, or the relay."""

import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from impasto_install.gimp_python import MARK, GimpPython, ask_python, fetch_zmq, zmq_for
from impasto_install.gimps import Gimp
from impasto_install.pip import Pip

from .conftest import MakeSystem

MakeProgram = Callable[..., Path]
TRIXIE = GimpPython("3.13", "cp313", "linux-x86_64", "glibc 2.41", has_zmq=False)


def wheel(folder: Path, tags: str) -> None:
    """A pyzmq that holds nothing but the name of what it was built for."""
    info = "pyzmq-27.0.0.dist-info"
    with zipfile.ZipFile(folder / f"pyzmq-27.0.0-{tags}.whl", "w") as file:
        file.writestr("zmq/__init__.py", f"built_for = {tags!r}\n")
        file.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: pyzmq\nVersion: 27.0.0\nRequires-Dist: cffi\n")
        file.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tags}\n")
        file.writestr(f"{info}/RECORD", "zmq/__init__.py,,\n")


@pytest.fixture
def pip(tmp_path: Path) -> Pip:
    """The pip of this very environment, with a folder of wheels for its only source."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for tags in ("cp312-cp312-manylinux_2_28_x86_64", "cp313-cp313-win_amd64", "cp312-abi3-manylinux_2_28_x86_64"):
        wheel(wheels, tags)
    return Pip(Path(sys.executable), tmp_path / "downloads", tmp_path / "log", wheels)


def test_gimp_is_asked_in_its_own_python_and_its_profile_is_left_alone(
    machine: MakeSystem, home: Path, program: MakeProgram
) -> None:
    console = program(
        "gimp-console-3.0",
        script='echo "noise"; cd "$GIMP3_DIRECTORY"; [ -f pluginrc ] && [ -f gimprc ] && touch touched || exit\n'
        # The batch is Python: run by one, it answers for that one.
        f'while [ "$1" != -b ]; do shift; done; exec {sys.executable} -c "$2"',
    )
    profile = home / ".config/GIMP/3.0"
    profile.mkdir(parents=True)
    (profile / "pluginrc").touch()
    (profile / "gimprc").touch()
    told = ask_python(machine(PATH="/usr/bin:/bin"), Gimp("package", "3.0", profile, console))
    assert told
    assert told.version == f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert told.has_zmq
    assert {path.name for path in profile.iterdir()} == {"pluginrc", "gimprc"}


def test_a_gimp_in_a_sandbox_is_asked_through_its_sandbox(
    machine: MakeSystem, home: Path, program: MakeProgram
) -> None:
    answer = json.dumps(
        {"version": "3.13", "abi": "cp313", "platform": "linux-x86_64", "libc": "glibc 2.41", "has_zmq": False}
    )
    path = program("flatpak", script=f"[ \"$3\" = org.gimp.GIMP ] && echo '{MARK}{answer}'").parent
    assert ask_python(machine(PATH=str(path)), Gimp("flatpak", "3.0", home, is_sandboxed=True)) == TRIXIE


def test_the_wheel_for_any_later_python_is_taken(pip: Pip, tmp_path: Path) -> None:
    assert fetch_zmq(TRIXIE, pip, tmp_path / "zmq")
    assert "cp312-abi3-manylinux_2_28_x86_64" in (tmp_path / "zmq/zmq/__init__.py").read_text()


@pytest.mark.parametrize(
    "python",
    [
        GimpPython("3.12", "cp312", "mingw_x86_64_ucrt_llvm", "", has_zmq=False),
        GimpPython("3.13", "cp313", "linux-x86_64", "", has_zmq=False),
        GimpPython("3.13", "cp313", "linux-x86_64", "glibc 2.27", has_zmq=False),
        GimpPython("3.11", "cp311", "macosx-11.0-arm64", "", has_zmq=False),
    ],
)
def test_where_no_wheel_fits_none_is_taken(pip: Pip, tmp_path: Path, python: GimpPython) -> None:
    assert not fetch_zmq(python, pip, tmp_path / "zmq")


def test_the_relay_is_chosen_and_said(machine: MakeSystem, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert zmq_for(machine(), Gimp("appimage", "3.2", home), None, home) is None
    assert (
        "GIMP 3.2: its Python can't be asked for ZeroMQ; without, the filter uses a relay." in capsys.readouterr().out
    )
