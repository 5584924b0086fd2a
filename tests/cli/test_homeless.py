"""Accounts without a home, or with one that nobody can write into: a sentence at most, never a traceback."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from impasto import __version__
from impasto.folders import private_folder
from impasto_wire.errors import EngineUnavailable

_WITHOUT_PASSWD = "import pwd; pwd.getpwuid = {}.__getitem__; import impasto.cli as cli; raise SystemExit(cli.main())"


def run(command: Sequence[str], **changed: str | None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in {**os.environ, **changed}.items() if value is not None}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


IMPASTO = (sys.executable, "-m", "impasto")
HOMELESS = (sys.executable, "-c", _WITHOUT_PASSWD)
NO_XDG = {"XDG_CACHE_HOME": None, "XDG_CONFIG_HOME": None, "XDG_RUNTIME_DIR": None, "XDG_STATE_HOME": None}


@pytest.mark.parametrize("home", ["/proc/nobody", "/dev/null", ""])
def test_the_version_is_told_whatever_the_home(home: str) -> None:
    assert run([*IMPASTO, "--version"], HOME=home, **NO_XDG).stdout.strip() == f"impasto {__version__}"


def test_an_account_without_a_home_gets_sentences(tmp_path: Path) -> None:
    if os.name != "posix":
        pytest.skip("Windows always knows a home")
    assert run([*HOMELESS, "--version"], HOME=None, **NO_XDG).stdout.strip() == f"impasto {__version__}"
    listed = run([*HOMELESS, "presets", "list"], HOME=None, **NO_XDG)
    assert listed.returncode == 0, listed.stderr
    status = run([*HOMELESS, "status"], HOME=None, **NO_XDG)
    assert status.stderr == "impasto: this account has no home folder; set HOME to a folder of yours\n"


@pytest.mark.parametrize("command", [["status"], ["paths"], ["serve"], ["presets", "list"], ["weights", "list"]])
def test_a_home_that_cannot_be_written_gets_sentences(command: list[str]) -> None:
    if not Path("/proc").is_dir():
        pytest.skip("no folder that even root can't write into")
    done = run([*IMPASTO, *command], HOME="/proc/nobody", **{**NO_XDG, "XDG_RUNTIME_DIR": "/proc/nobody"})
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if " impasto.service." not in line]  # the log has no other place
    assert len(lines) <= 1


def test_a_runtime_folder_of_someone_else_is_told(tmp_path: Path) -> None:
    if os.name != "posix" or os.getuid() != 0:
        pytest.skip("only root can give a folder away")
    theirs = tmp_path / "runtime"
    theirs.mkdir()
    os.chown(theirs, 12_345, 12_345)
    with pytest.raises(EngineUnavailable, match="belongs to someone else"):
        private_folder(theirs)
