"""What pyproject.toml admits is true: the quick tests pass with the lowest versions, and with the newest ones."""

import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from importlib.metadata import distributions
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from debian_roots import cache_folder
from fetched_wheels import fetched
from impasto_setup.lists import uv_wheel
from impasto_setup.machine import this_platform
from impasto_setup.uv import unpack

pytestmark = [pytest.mark.long, pytest.mark.timeout(3600)]

WHAT = ("--editable", ".[artworks,heic,jxl,ray]", "--group", "dev")
"""As ./check installs it."""
QUICK = ("-q", "-p", "no:cacheprovider", "--fast", "--numprocesses", "2", "--dist", "loadgroup")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for an environment and all that is downloaded for it: 6 GB, gone afterwards."""
    cache = cache_folder("versions")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, ignore_cleanup_errors=True) as made:
        yield Path(made)
    if not any(cache.iterdir()):
        cache.rmdir()


def uv(folder: Path, *words: str) -> None:
    """Have uv do something; it keeps all its files in the folder."""
    program = folder / "uv" / "uv"
    if not program.exists():
        unpack(fetched(uv_wheel(this_platform())), program.parent)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "VIRTUAL_ENV"))}
    environ |= {"UV_NO_CONFIG": "1", "UV_CACHE_DIR": str(folder / "downloads")}
    done = subprocess.run([program, *words], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def passes_quick_tests(checkout: Path, folder: Path, resolution: str) -> Path:
    """See to it that they do, in an environment of such versions; returns that."""
    made = folder / "environment"
    uv(folder, "venv", "--no-project", "--python", sys.executable, str(made))
    install = ("pip", "install", "--python", str(made / "bin/python"), "--resolution", resolution)
    built = ("--only-binary", ":all:", "--no-binary", "pyvips", "--no-binary", "gimp-impasto")
    uv(folder, *install, *built, *WHAT)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST_"))}
    environ |= {"VIRTUAL_ENV": str(made), "PATH": os.pathsep.join([str(made / "bin"), os.environ["PATH"]])}
    command = [made / "bin/python", "-m", "pytest", *QUICK, "--basetemp", folder / "work", "tests"]
    done = subprocess.run(command, cwd=checkout, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8000:]
    return made


def test_the_lowest_versions_pass_the_quick_tests(checkout: Path, folder: Path) -> None:
    made = passes_quick_tests(checkout, folder, "lowest-direct")
    there = {
        canonicalize_name(found.metadata["Name"]): Version(found.version)
        for found in distributions(path=[str(path) for path in made.glob("lib/python3.*/site-packages")])
    }
    for name, lowest in lower_bounds(checkout):
        assert there[name].release[: len(lowest.release)] == lowest.release, f"another needs {name} {there[name]}"


def test_the_newest_versions_pass_the_quick_tests(checkout: Path, folder: Path) -> None:
    passes_quick_tests(checkout, folder, "highest")


def lower_bounds(checkout: Path) -> Iterator[tuple[str, Version]]:
    """The packages that pyproject.toml names for this machine, and the lowest version of each that it admits."""
    told = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [told["project"]["dependencies"], told["dependency-groups"]["dev"]]
    for line in chain(*groups, *told["project"]["optional-dependencies"].values()):
        needed = Requirement(line)
        lowest = [Version(each.version) for each in needed.specifier if each.operator == ">="]
        if lowest and (needed.marker is None or needed.marker.evaluate()):
            yield canonicalize_name(needed.name), lowest[0]
