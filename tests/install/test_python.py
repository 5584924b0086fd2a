"""A Python that is too old is told so in a sentence; the installer itself starts on 3.9."""

import ast
import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from impasto_install.errors import Unsuitable
from impasto_install.lasting_place import require_lasting_place
from impasto_install.make_venv import require_python

from .conftest import MakeSystem

MakeProgram = Callable[..., Path]


def old_pythons() -> list[str]:
    """Interpreters older than 3.11, on the PATH or of pyenv's, that really start."""
    names = ["python2.7", *(f"python3.{minor}" for minor in range(6, 11))]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    found = [path for name in names if (path := shutil.which(name))]
    found += [str(path) for name in names for path in pyenv.glob(f"*/bin/{name}")]
    return [
        path for path in found if not subprocess.run([path, "--version"], capture_output=True, check=False).returncode
    ]


def test_a_python_that_is_new_enough_passes(machine: MakeSystem) -> None:
    require_python(machine(), (3, 11))
    require_python(machine(), (3, 14))


def test_an_old_python_names_a_newer_one_that_is_there(machine: MakeSystem, program: MakeProgram) -> None:
    newer = program("python3.12", "Python 3.12.1")
    with pytest.raises(
        Unsuitable, match=r"this is Python 3\.9\. A newer one is here: .*python3\.12 install/install\.py"
    ):
        require_python(machine(PATH=str(newer.parent)), (3, 9))


def test_a_version_managers_stub_does_not_count_as_a_python(machine: MakeSystem, program: MakeProgram) -> None:
    stub = program("python3.13", script="exit 127")
    with pytest.raises(Unsuitable, match="Install one"):
        require_python(machine(PATH=str(stub.parent)), (3, 10))


def test_every_file_of_the_installer_is_python_3_9(checkout: Path) -> None:
    files = sorted((checkout / "install").rglob("*.py"))
    assert files
    for path in files:
        ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))


@pytest.mark.skipif(not old_pythons(), reason="no Python older than 3.11 here")
def test_older_pythons_answer_with_one_sentence(checkout: Path, tmp_path: Path) -> None:
    for python in old_pythons():
        done = subprocess.run(
            [python, checkout / "install/install.py"],
            env={"HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        said = (done.stdout + done.stderr).strip()
        assert done.returncode in (1, 2)
        assert "needs Python 3.11 or newer" in said
        assert "Traceback" not in said
        assert said.count("\n") == 0
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("platform", "python", "checkout", "sentence"),
    [
        ("win32", "Program Files/WindowsApps/PythonSoftwareFoundation.Python.3.13", "impasto", "Microsoft Store's"),
        ("darwin", "usr", "private/var/folders/x/AppTranslocation/0-1/d/impasto", "in the Finder"),
        ("darwin", "private/var/folders/x/AppTranslocation/0-1/d/Python.app", "impasto", "in the Finder"),
        ("darwin", "usr", "impasto", None),
        ("win32", "Programs/Python313", "impasto", None),
        ("linux", "WindowsApps", "AppTranslocation", None),
    ],
)
def test_what_does_not_last_is_refused_with_the_way_out(
    machine: MakeSystem, tmp_path: Path, platform: str, python: str, checkout: str, sentence: str | None
) -> None:
    with pytest.raises(Unsuitable, match=sentence) if sentence else contextlib.nullcontext():
        require_lasting_place(machine(platform), str(tmp_path / python), tmp_path / checkout)
