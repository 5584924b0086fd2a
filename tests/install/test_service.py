"""`--service`: the engine is started at login by one file that goes again, on every system's own way."""

import json
import os
import plistlib
import shlex
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from impasto_install.errors import InstallError
from impasto_install.installation import install
from impasto_install.main import main
from impasto_install.service import disable_service, enable_service, service_of, text_of
from impasto_install.source import Source
from impasto_install.system import System

from .conftest import PREFIX, MakeSystem, snapshot

MakeProgram = Callable[..., Path]
SERVE = ['/opt/50 % "off"/$HOME/python', "-m", "impasto", "serve", "--connection-file", "/run/user/1/connection.json"]


@pytest.fixture
def systemctl(program: MakeProgram, tmp_path: Path) -> Path:
    """A systemctl that does what the real one does to files; returns the record of its calls."""
    units = '"$HOME/.config/systemd/user'
    link = f'{units}/default.target.wants/impasto.service"'
    record = tmp_path / "calls"
    program(
        "systemctl",
        script=f'echo "$@" >>{shlex.quote(str(record))}\ncase "$2" in\n'
        f'enable) [ -f {units}/impasto.service" ] && mkdir -p {units}/default.target.wants" && ln -sf ../x {link} ;;\n'
        f"disable) rm -f {link} ;;\nesac",
    )
    return record


def test_a_systemd_unit_comes_and_goes(machine: MakeSystem, systemctl: Path, home: Path, tmp_path: Path) -> None:
    system = machine(PATH=f"{tmp_path / 'bin'}:/usr/bin:/bin")
    service_of(system).folder.mkdir(parents=True)
    before = snapshot(home)
    enable_service(system, SERVE)
    assert (home / ".config/systemd/user/default.target.wants/impasto.service").is_symlink()
    enable_service(system, [*SERVE, "--newer"])
    assert b"--newer" in service_of(system).file.read_bytes()
    assert systemctl.read_text().splitlines()[-1] == "--user enable --now impasto.service"
    disable_service(system)
    assert snapshot(home) == before


def test_a_flatpak_is_served_until_that_is_taken_back(
    living: System,
    wheels: Path,
    source: Source,
    unproved: None,
    quick_environments: None,
    systemctl: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    profile = living.home / ".var/app/org.gimp.GIMP/config/GIMP/3.0"
    for folder in (profile / "plug-ins", living.home / ".local/share/flatpak/app/org.gimp.GIMP"):
        folder.mkdir(parents=True)
    before = snapshot(living.home)
    path = f"{systemctl.with_name('bin')}:/usr/bin:/bin"
    monkeypatch.setenv("PATH", path)
    system = replace(living, environ={**living.environ, "PATH": path})
    unit, prefix = service_of(system).file, living.home / PREFIX
    install(system, prefix, source, "auto", wheels)
    assert "run this again with --service" in capsys.readouterr().out
    install(system, prefix, source, "auto", wheels, service=True)
    told = json.loads((profile / "plug-ins/impasto-filter/engine.json").read_text(encoding="utf-8"))
    copy = str(profile / "impasto-connection.json")
    assert told["sandbox_connection_file"] == copy
    assert f'"--share-connection" "{copy}"' in unit.read_text(encoding="utf-8")
    assert told["command"][-2:] == ["--share-connection", copy]
    install(system, prefix, source, "auto", wheels)
    assert "nothing to do" in capsys.readouterr().out
    install(system, prefix, source, "auto", wheels, service=True)
    assert "nothing to do" in capsys.readouterr().out
    assert systemctl.read_text().splitlines()[-1] == "--user start impasto.service", "a Flatpak can't do it"
    install(system, prefix, source, "auto", wheels, service=False)
    assert not unit.exists()
    install(system, prefix, source, "auto", wheels, service=True)
    Path(copy).write_text("of an engine that was killed")
    assert main(["--uninstall"]) == 0
    assert snapshot(living.home) == before


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_understands_the_unit(machine: MakeSystem, tmp_path: Path) -> None:
    python = tmp_path / 'Käthe\'s 50 % "off" $HOME' / "python"
    python.parent.mkdir()
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    unit = tmp_path / "impasto.service"
    unit.write_bytes(text_of(machine(), [str(python), *SERVE[1:]]))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--man=no", unit],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "impasto.service" not in done.stderr


def test_without_systemd_nothing_is_left_and_the_command_is_told(machine: MakeSystem, home: Path) -> None:
    with pytest.raises(InstallError, match=r"start this at login: .* --idle-minutes 0"):
        enable_service(machine(), SERVE)
    assert not service_of(machine()).file.exists()


def test_a_launchd_agent_names_the_command(machine: MakeSystem, program: MakeProgram, home: Path) -> None:
    path = program("launchctl").parent
    system = machine("darwin", PATH=str(path))
    enable_service(system, SERVE)
    agent = home / "Library/LaunchAgents/org.impasto.engine.plist"
    told = plistlib.loads(agent.read_bytes())
    assert told["ProgramArguments"] == [*SERVE, "--idle-minutes", "0"]
    assert told["RunAtLoad"] is True
    disable_service(system)
    assert not agent.exists()


def test_windows_starts_it_without_a_window(machine: MakeSystem, program: MakeProgram, home: Path) -> None:
    path = program("cmd").parent
    system = machine("win32", PATH=str(path))
    enable_service(system, [r"C:\Users\Käthe Kollwitz\50%\python.exe", *SERVE[1:]])
    startup = home / "AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup/impasto-engine.cmd"
    text = startup.read_bytes().decode()
    assert text.startswith("@chcp 65001")
    assert r'start "" "C:\Users\Käthe Kollwitz\50%%\pythonw.exe" -m impasto serve' in text
    disable_service(system)
    assert not startup.exists()
