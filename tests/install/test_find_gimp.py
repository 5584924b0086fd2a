"""Every GIMP 3 is found, on every system, without asking the person."""

import os
import plistlib
from collections.abc import Callable
from pathlib import Path

import pytest

from fakes.systems import needs_posix
from impasto_install.find_gimp import find_gimps
from impasto_install.gimps import version_in
from impasto_install.system import System

from .conftest import MakeSystem

MakeProgram = Callable[..., Path]


def found(system: System) -> list[tuple[str, str, Path]]:
    return [(gimp.kind, gimp.version, gimp.profile) for gimp in find_gimps(system)]


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("GNU Image Manipulation Program version 3.0.4", "3.0"),
        ("GNU Image Manipulation Program version 3.2.6\n", "3.2"),
        ("gimp-console-3.12.exe", "3.12"),
        ("GIMP-3.0.4-x86_64.AppImage", "3.0"),
        ("GNU Image Manipulation Program version 2.10.36", None),
        ("GNU Image Manipulation Program version 2.3.0", None),
        ("something else", None),
    ],
)
def test_the_version_is_read_from_what_a_gimp_says(text: str, version: str | None) -> None:
    assert version_in(text) == version


def test_a_machine_without_gimp_has_none(machine: MakeSystem) -> None:
    for platform in ("linux", "darwin", "win32"):
        assert found(machine(platform)) == []


def test_a_program_on_the_path_tells_its_version_before_it_was_ever_started(
    machine: MakeSystem, program: MakeProgram, home: Path
) -> None:
    console = program("gimp-console-3.0", "GNU Image Manipulation Program version 3.0.4")
    system = machine(PATH=str(console.parent))
    assert found(system) == [("package", "3.0", home / ".config/GIMP/3.0")]
    assert find_gimps(system)[0].console == console


def test_the_console_program_is_preferred_since_it_needs_no_display(machine: MakeSystem, program: MakeProgram) -> None:
    program("gimp", "GNU Image Manipulation Program version 3.2.0")
    console = program("gimp-console", "GNU Image Manipulation Program version 3.2.0")
    (gimp,) = find_gimps(machine(PATH=str(console.parent)))
    assert gimp.console == console


def test_gimp_2_and_programs_that_only_sound_like_gimp_are_passed_over(
    machine: MakeSystem, program: MakeProgram, home: Path
) -> None:
    path = program("gimp", "GNU Image Manipulation Program version 2.10.36").parent
    program("gimptool-3.0", "version 3.0.4")
    program("gimp-console", script="exit 1")
    (home / ".config/GIMP/2.10").mkdir(parents=True)
    assert found(machine(PATH=str(path))) == []


def test_several_versions_are_found_once_each_and_in_order(
    machine: MakeSystem, program: MakeProgram, home: Path
) -> None:
    for version in ("3.10", "3.2", "3.0"):
        (home / ".config/GIMP" / version / "plug-ins").mkdir(parents=True)
    console = program("gimp-console-3.2", "GNU Image Manipulation Program version 3.2.6")
    names = [(kind, version) for kind, version, _ in found(machine(PATH=str(console.parent)))]
    assert names == [("profile", "3.0"), ("package", "3.2"), ("profile", "3.10")]


def test_a_program_that_hangs_is_not_waited_for(machine: MakeSystem, program: MakeProgram) -> None:
    slow = program("gimp", script="exec sleep 30")
    assert machine().ask([str(slow), "--version"], seconds=0.2) == ""


def test_the_configuration_folder_may_be_elsewhere(machine: MakeSystem, tmp_path: Path) -> None:
    profile = tmp_path / "settings/GIMP/3.0"
    profile.mkdir(parents=True)
    assert found(machine(XDG_CONFIG_HOME=str(tmp_path / "settings"))) == [("profile", "3.0", profile)]


def test_a_named_profile_is_found_even_before_it_exists(machine: MakeSystem, tmp_path: Path) -> None:
    assert found(machine(GIMP3_DIRECTORY=str(tmp_path / "mine"))) == [("GIMP3_DIRECTORY", "3.0", tmp_path / "mine")]


def test_a_named_profile_that_is_not_absolute_lies_in_the_home(machine: MakeSystem, home: Path) -> None:
    assert found(machine(GIMP3_DIRECTORY="gimp/3.2")) == [("GIMP3_DIRECTORY", "3.2", home / "gimp/3.2")]


def test_a_flatpak_is_found_by_its_profile_in_the_sandbox(machine: MakeSystem, tmp_path: Path, home: Path) -> None:
    (tmp_path / "root/var/lib/flatpak/app/org.gimp.GIMP").mkdir(parents=True)
    profile = home / ".var/app/org.gimp.GIMP/config/GIMP/3.0"
    profile.mkdir(parents=True)
    assert found(machine()) == [("flatpak", "3.0", profile)]


def test_a_flatpak_that_was_never_started_is_asked_for_its_version(
    machine: MakeSystem, program: MakeProgram, home: Path
) -> None:
    (home / ".local/share/flatpak/app/org.gimp.GIMP").mkdir(parents=True)
    path = program("flatpak", "        Version: 3.0.4\n        Runtime: org.gnome.Platform/x86_64/48").parent
    system = machine(PATH=f"{path}:{os.defpath}")
    assert found(system) == [("flatpak", "3.0", home / ".config/GIMP/3.0")]


@needs_posix
def test_a_snap_is_followed_through_its_current_link(machine: MakeSystem, tmp_path: Path, home: Path) -> None:
    (tmp_path / "root/snap/gimp").mkdir(parents=True)
    (home / "snap/gimp/500/.config/GIMP/3.0").mkdir(parents=True)
    (home / "snap/gimp/current").symlink_to("500")
    assert found(machine()) == [("snap", "3.0", home / "snap/gimp/current/.config/GIMP/3.0")]


def test_a_snap_that_was_never_started_tells_its_version(machine: MakeSystem, tmp_path: Path, home: Path) -> None:
    told = tmp_path / "root/var/lib/snapd/snap/gimp/current/meta/snap.yaml"
    told.parent.mkdir(parents=True)
    told.write_text("name: gimp\nversion: 3.0.4\nbase: core24\n")
    assert found(machine()) == [("snap", "3.0", home / "snap/gimp/current/.config/GIMP/3.0")]


def test_a_profile_shared_with_a_sandbox_is_known_for_one(
    machine: MakeSystem, program: MakeProgram, tmp_path: Path
) -> None:
    (tmp_path / "root/var/lib/flatpak/app/org.gimp.GIMP").mkdir(parents=True)
    program("flatpak", "Version: 3.0.4")
    path = program("gimp-console-3.0", "GNU Image Manipulation Program version 3.0.4").parent
    (gimp,) = find_gimps(machine(PATH=f"{path}:{os.defpath}"))
    assert (gimp.kind, gimp.is_sandboxed) == ("package", True)


@pytest.mark.parametrize(
    ("distribution", "names"),
    [
        ("Debian and Ubuntu", ["gimp", "gimp-3.0", "gimp-console", "gimp-console-3.0"]),
        ("Fedora", ["gimp", "gimp-3.2", "gimp-console", "gimp-console-3.2"]),
        ("Arch", ["gimp", "gimp-3", "gimp-3.2", "gimp-console", "gimp-console-3", "gimp-console-3.2"]),
    ],
)
def test_every_distributions_programs_are_one_gimp(
    machine: MakeSystem, program: MakeProgram, distribution: str, names: list[str]
) -> None:
    paths = {program(name, "GNU Image Manipulation Program version 3.2.1").parent for name in names}
    (gimp,) = find_gimps(machine(PATH=str(paths.pop())))
    assert gimp.console and gimp.console.name.startswith("gimp-console"), distribution


def test_an_appimage_tells_its_version_by_its_name(machine: MakeSystem, home: Path) -> None:
    (home / "Applications").mkdir()
    (home / "Applications/GIMP-3.2.6-x86_64.AppImage").touch()
    (home / "Applications/Krita-3.2.6.AppImage").touch()
    assert found(machine()) == [("appimage", "3.2", home / ".config/GIMP/3.2")]


def test_windows_installers_and_the_store_are_found(machine: MakeSystem, tmp_path: Path, home: Path) -> None:
    everyones = tmp_path / "Program Files/GIMP 3/bin/gimp-console-3.0.exe"
    own = home / "AppData/Local/Programs/GIMP 3/bin/gimp-console-3.2.exe"
    store = home / "AppData/Local/Packages/GIMP.GIMP_x1/LocalCache/Roaming/GIMP/3.0"
    for program in (everyones, own):
        program.parent.mkdir(parents=True)
        program.touch()
    store.mkdir(parents=True)
    system = machine("win32", ProgramFiles=str(tmp_path / "Program Files"))
    roaming = home / "AppData/Roaming/GIMP"
    assert found(system) == [
        ("store", "3.0", store),
        ("windows", "3.0", roaming / "3.0"),
        ("windows", "3.2", roaming / "3.2"),
    ]


def test_a_mac_app_tells_its_version_in_its_property_list(machine: MakeSystem, tmp_path: Path, home: Path) -> None:
    for folder, version in (
        (tmp_path / "root/Applications/GIMP.app", "3.0.4"),
        (home / "Applications/GIMP2.app", "2.10"),
    ):
        (folder / "Contents").mkdir(parents=True)
        (folder / "Contents/Info.plist").write_bytes(plistlib.dumps({"CFBundleShortVersionString": version}))
    (home / "Applications/GIMP broken.app/Contents").mkdir(parents=True)
    (home / "Applications/GIMP broken.app/Contents/Info.plist").write_bytes(b"<plist")
    assert found(machine("darwin")) == [("macos", "3.0", home / "Library/Application Support/GIMP/3.0")]
