"""A whole installation on Windows: what it takes is fetched and built here; inside/test_installation.py does it."""

import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path, PurePosixPath

import pytest

from debian_roots import CannotBuild, cache_folder
from fakes.package_index import line
from fakes.pythons import archive_name, write_table
from fetched_wheels import fetched
from impasto_install.source import files_below, version_of
from impasto_setup.lists import FOLDER, read_list, uv_wheel
from release.archives import PLUG_IN, SOURCES, build
from release.filter_zip import build_pyvips, write_filter_zip
from windows.root import PYTHON_VERSION, built_root
from windows.run import LONGEST, run_under_wine

pytestmark = [pytest.mark.long, pytest.mark.timeout(LONGEST + 600)]

PLATFORM, KIND = "windows-x86_64", "cpu"
CACHE = "windows-wheels"
EARLIER = "0.0.9"
"""The version that is brought up to date."""
OLDER = "mdurl==0.1.1"
"""What its list has in another version than this checkout's."""
CHANGED = 1_900_000_000
LEFT_OUT = ("site-packages", "test", "tests", "__pycache__", "idlelib", "tkinter", "tcl")


def test_it_is_installed_and_updated_and_removed_and_installed_again(checkout: Path, tmp_path: Path) -> None:
    try:
        tree = built_root()
    except CannotBuild as error:
        pytest.skip(str(error))
    given = tmp_path / "given"
    wheels = given / "wheels"
    shutil.copytree(fetch_wheels(), wheels)
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(wheels), OLDER]
    subprocess.run(download, check=True)
    build_pyvips(wheels, CHANGED)
    make_zip(earlier_checkout(checkout, given / "earlier", wheels), tmp_path, wheels, given / "earlier.zip")
    make_zip(checkout, tmp_path, wheels, given / "newer.zip")
    pack_python(tree / "windows/python", given)
    words = ["tests/windows/inside/test_installation.py", "--long", "--timeout", "3600", "-s", "-x"]
    assert run_under_wine(tree, [words], tmp_path / "junit.xml", LONGEST, given) == 0


def fetch_wheels() -> Path:
    """The folder with all that a set-up on Windows downloads but its Python."""
    wheels = [*read_list(PLATFORM, KIND).wheels[PYTHON_VERSION], uv_wheel(PLATFORM)]
    folder = cache_folder(CACHE)
    folder.mkdir(parents=True, exist_ok=True)
    for old in {path.name for path in folder.iterdir()} - {wheel.file for wheel in wheels}:
        (folder / old).unlink()
    for wheel in wheels:
        fetched(wheel, CACHE)
    return folder


def earlier_checkout(checkout: Path, copy: Path, wheels: Path) -> Path:
    """The checkout as if it were of an earlier version, with a list of other packages."""
    for path in (path for part in SOURCES for path in files_below(checkout / part)):
        target = copy / path.relative_to(checkout)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    file = copy / PLUG_IN / "impasto_wire/__init__.py"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(f'"{version_of(checkout / PLUG_IN)}"', f'"{EARLIER}"'), encoding="utf-8")
    project, version = OLDER.split("==")
    (older,) = wheels.glob(f"{project}-{version}-*.whl")
    list_file = copy / FOLDER.relative_to(checkout) / f"{PLATFORM}-{KIND}.json"
    told = json.loads(list_file.read_text(encoding="utf-8"))
    others = [wheel for wheel in told["wheels"][PYTHON_VERSION] if not wheel["file"].startswith(f"{project}-")]
    told["wheels"] = {PYTHON_VERSION: [*others, line(older.name, older.read_bytes())]}
    list_file.write_text(json.dumps(told), encoding="utf-8")
    return copy


def make_zip(checkout: Path, folder: Path, wheels: Path, target: Path) -> None:
    """The archive that a person unzips; the engine's wheel is put to the others too."""
    made = folder / target.stem
    made.mkdir()
    _, wheel = build(checkout, made)
    shutil.copy(wheel, wheels)
    (pyvips,) = wheels.glob("pyvips-*-none-any.whl")
    write_filter_zip(checkout, [wheel, pyvips], target, CHANGED)


def pack_python(python: Path, folder: Path) -> None:
    """Windows' Python as uv would download it, and uv's table with it alone."""
    header = (python / "include/patchlevel.h").read_text(encoding="utf-8")
    version = header.partition("PY_VERSION")[2].split('"')[1]
    path = folder / archive_name(version, "x86_64", "pc-windows-msvc")
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        archive.add(python, "python", filter=needed)
    write_table(path, folder / "downloads.json", version, "x86_64", "windows", "none")


def needed(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """What an engine needs of a Python."""
    return None if PurePosixPath(member.name).name in LEFT_OUT else member
