"""Nobody else reads or writes what the engine writes, and nothing that others can write is believed."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.engine import PATIENCE, EngineHome, random_pixels
from fakes.jobs import asking
from impasto import folders as places
from impasto_plugin.engine.launcher import read_config
from impasto_wire.errors import EngineUnavailable
from impasto_wire.files import Exposed, read_trusted

resource = pytest.importorskip("resource", reason="rights are another matter there")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="rights are another matter there")

STYLE = [(random_pixels(8, 8), 1.0)]
SOMEONE = 12_345
needs_root = pytest.mark.skipif(os.name == "posix" and os.getuid() != 0, reason="only root can give a file away")


@pytest.fixture
def anybodys_umask() -> Iterator[None]:
    """A session that lets everybody write what it makes."""
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_others(folder: Path, rights: int) -> list[str]:
    return [
        f"{path.relative_to(folder)} {stat.filemode(path.lstat().st_mode)}"
        for path in folder.rglob("*")
        if not path.is_symlink() and path.lstat().st_mode & rights
    ]


def test_an_engine_keeps_others_out_whatever_the_session_lets_them_do(
    fresh_home: EngineHome, anybodys_umask: None
) -> None:
    fresh_home.start("--bind", "tcp://127.0.0.1:*")
    with fresh_home.connect() as engine:
        engine.paint(asking(random_pixels(9, 9), STYLE))
        assert fresh_home.pictures()
        paired = fresh_home.folder / "laptop.json"
        assert fresh_home.impasto("pair", "laptop", "--endpoint", "tcp://x:1", "-o", str(paired)).returncode == 0
        assert open_to_others(fresh_home.folder, 0o077) == []


def test_an_older_log_is_closed_to_others(fresh_home: EngineHome) -> None:
    fresh_home.log_file.parent.mkdir(parents=True)
    fresh_home.log_file.touch()
    fresh_home.log_file.chmod(0o666)
    fresh_home.start()
    assert stat.S_IMODE(fresh_home.log_file.stat().st_mode) == 0o600


def make_unusable(log: Path, how: str) -> None:
    log.parent.parent.mkdir(parents=True)
    if how == "its folder is a file":
        log.parent.touch()
        return
    log.parent.mkdir()
    if how == "a folder":
        log.mkdir()
    elif how == "a pipe":
        os.mkfifo(log)
    elif how == "a link":
        log.symlink_to("/dev/full")
    else:
        log.touch()
        os.chown(log, SOMEONE, SOMEONE)


@pytest.mark.parametrize(
    "how", ["a folder", "a pipe", "a link", "its folder is a file", pytest.param("another's", marks=needs_root)]
)
def test_a_log_that_cannot_be_written_stops_no_engine(fresh_home: EngineHome, how: str) -> None:
    make_unusable(fresh_home.log_file, how)
    fresh_home.start()
    with fresh_home.connect() as engine:
        assert engine.paint(asking(random_pixels(9, 9), STYLE)).width == 9
    instead = fresh_home.connection_file.with_name("engine.log")
    assert "engine.log can't be written" in instead.read_text()
    assert "listens at" in instead.read_text()
    if how == "another's":
        assert fresh_home.log_file.stat().st_size == 0


def test_a_full_disk_at_the_start_is_a_sentence(fresh_home: EngineHome) -> None:
    """No file may grow at all: the same to a program as a disk without a free block."""
    done = subprocess.run(
        fresh_home.command,
        env={**os.environ, **fresh_home.environment, "PYTHONDONTWRITEBYTECODE": "1"},
        stderr=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
    )
    assert done.returncode == 2
    assert "connection.json can't be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert not fresh_home.connection_file.exists()


# Where the runtime folder lies


@pytest.fixture
def home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home, in a session that says nothing of a runtime folder."""
    for name in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


needs_xdg = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the system names its own folder there")


@needs_xdg
@pytest.mark.parametrize("named", ["", "relative", pytest.param("another's", marks=needs_root)])
def test_without_a_runtime_folder_of_ones_own_there_is_one_below_the_home(
    home_folder: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    """Never one in /tmp, where anybody could have made it before."""
    theirs = home_folder / "theirs"
    theirs.mkdir()
    if named == "another's":
        os.chown(theirs, SOMEONE, SOMEONE)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(theirs) if named == "another's" else named)
    runtime = places.folders().connection_file.parent
    usual = Path(f"/run/user/{os.getuid()}")
    assert runtime == (usual / "impasto" if usual.is_dir() else home_folder / ".local/state/impasto/run")


@needs_xdg
@needs_root
@pytest.mark.parametrize("command", [["--version"], ["paths"], ["presets", "list"]])
def test_whoever_makes_a_folder_in_tmp_first_harms_no_command(home_folder: Path, command: list[str]) -> None:
    trap = home_folder / f"runtime-{os.getuid()}"
    trap.mkdir()
    os.chown(trap, SOMEONE, SOMEONE)
    done = subprocess.run(
        [sys.executable, "-m", "impasto", *command],
        env={**os.environ, "TMPDIR": str(home_folder)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert str(trap) not in done.stdout


def test_a_private_folders_parents_are_private_too(tmp_path: Path, anybodys_umask: None) -> None:
    places.private_folder(tmp_path / "a" / "b" / "c")
    assert open_to_others(tmp_path, 0o077) == []


# What is believed


@pytest.fixture
def note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An engine.json, which names a program that the filter runs."""
    monkeypatch.delenv("IMPASTO_ENGINE", raising=False)
    path = tmp_path / "engine.json"
    values = {"command": ["serve"], "connection_file": "/c", "log_file": "/l", "version": "1"}
    path.write_text(json.dumps(values))
    path.chmod(0o644)
    return path


def test_a_program_that_others_could_have_named_is_not_run(note: Path) -> None:
    assert read_config(note.parent).command == ("serve",)
    for mode in (0o646, 0o664, 0o666):
        note.chmod(mode)
        with pytest.raises(EngineUnavailable, match="others can change"):
            read_config(note.parent)


@needs_root
def test_a_program_that_another_has_named_is_not_run(note: Path) -> None:
    os.chown(note, SOMEONE, SOMEONE)
    with pytest.raises(EngineUnavailable, match="others can change"):
        read_config(note.parent)


def test_a_secret_is_read_from_no_link_no_pipe_and_no_endless_file(tmp_path: Path) -> None:
    path, link, pipe, large = (tmp_path / name for name in ("file", "link", "pipe", "large"))
    path.write_bytes(b"secret")
    path.chmod(0o600)
    assert read_trusted(path) == b"secret"
    link.symlink_to(path)
    os.mkfifo(pipe, 0o600)
    large.touch(0o600)
    os.truncate(large, 1 << 40)
    for wrong in (link, pipe, large, tmp_path):
        with pytest.raises(OSError, match=r"link|levels|plain file|larger"):
            read_trusted(wrong)
    path.chmod(0o640)
    with pytest.raises(Exposed, match="others can read"):
        read_trusted(path)


@needs_root
def test_a_secret_of_someone_else_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch(0o600)
    os.chown(path, SOMEONE, SOMEONE)
    with pytest.raises(Exposed, match="belongs to someone else"):
        read_trusted(path)
