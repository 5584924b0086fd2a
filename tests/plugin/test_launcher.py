"""Finding the engine, starting it, and the sentence for each way in which that fails."""

import importlib
import json
import re
import stat
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fakes.engine import EngineHome, random_pixels
from fakes.jobs import asking
from fakes.systems import needs_posix
from impasto_plugin.engine import launcher
from impasto_plugin.engine.launcher import EngineConfig, find_or_start, read_config
from impasto_wire.connection import read_connection, write_connection
from impasto_wire.errors import EngineUnavailable, VersionMismatch
from impasto_wire.programs import INSTALL


@pytest.fixture
def home(tmp_path: Path) -> Iterator[EngineHome]:
    """A place for an engine that isn't running yet."""
    engine = EngineHome(tmp_path)
    yield engine
    engine.stop()


def config(tmp_path: Path, *command: str) -> EngineConfig:
    return EngineConfig(command, tmp_path / "connection.json", tmp_path / "engine.log", "0.1.0")


def test_the_engine_is_started_once_and_found_again(home: EngineHome) -> None:
    with find_or_start(home.config) as first:
        assert first.paint(asking(random_pixels(5, 4), [(random_pixels(8, 8), 1.0)])).height == 4
        pid = home.pid()
        with find_or_start(home.config):
            assert home.pid() == pid
    with find_or_start(home.config):
        assert home.pid() == pid, "it outlives the filter that started it"


def test_a_connection_file_of_a_dead_engine_is_replaced(home: EngineHome) -> None:
    process = home.start()
    stale = read_connection(home.connection_file)
    process.kill()
    process.wait()
    with find_or_start(home.config):
        assert read_connection(home.connection_file).server_key != stale.server_key


def test_what_a_gimp_sets_for_its_own_python_does_not_reach_the_engine(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    find_or_start(home.config).close()


def test_no_configuration_means_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IMPASTO_ENGINE", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with pytest.raises(EngineUnavailable, match=r"not installed; choose Filters ▸ .* to set it up"):
        read_config(tmp_path)


def test_an_engine_that_a_dialog_has_set_up_is_found_by_every_filter_without_a_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {"command": ["a"], "connection_file": "/c", "log_file": "/l", "version": "1"}
    monkeypatch.delenv("IMPASTO_ENGINE", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    shared = tmp_path / "impasto" / "engine.json"
    shared.parent.mkdir()
    shared.write_text(json.dumps({**values, "is_beside": True}))
    shared.chmod(0o644)
    assert read_config(tmp_path) == EngineConfig(("a",), Path("/c"), Path("/l"), "1", is_beside=True)
    (tmp_path / "engine.json").write_text(json.dumps({**values, "command": ["b"]}))
    assert read_config(tmp_path).command == ("b",), "the installer's note comes first"


def test_an_engine_that_was_set_up_inside_a_sandbox_is_started_there(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLATPAK_ID", "org.gimp.GIMP")
    find_or_start(replace(home.config, is_beside=True)).close()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"command": 3, "connection_file": "", "log_file": "", "version": ""}']
)
def test_a_damaged_configuration_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    path = tmp_path / "elsewhere.json"
    path.write_text(text)
    monkeypatch.setenv("IMPASTO_ENGINE", str(path))
    with pytest.raises(EngineUnavailable, match=r"elsewhere\.json is damaged; delete it and choose Filters ▸"):
        read_config(tmp_path)


def test_the_environment_overrides_the_configuration_beside_the_filter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {"command": ["a"], "connection_file": "/c", "log_file": "/l", "version": "1"}
    (tmp_path / "engine.json").write_text(json.dumps(values))
    (tmp_path / "other.json").write_text(json.dumps({**values, "command": ["b", "c"]}))
    monkeypatch.delenv("IMPASTO_ENGINE", raising=False)
    assert read_config(tmp_path) == EngineConfig(("a",), Path("/c"), Path("/l"), "1")
    monkeypatch.setenv("IMPASTO_ENGINE", str(tmp_path / "other.json"))
    assert read_config(tmp_path).command == ("b", "c")


def test_a_program_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=f"can't be started .* run: {re.escape(INSTALL)}"):
        find_or_start(config(tmp_path, str(tmp_path / "no-such-python")))


def test_an_engine_that_fails_to_start_names_its_log(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"could not start; its log is .*engine\.log"):
        find_or_start(config(tmp_path, sys.executable, "-c", "raise SystemExit(3)"))


def test_an_engine_that_never_answers_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"did not start within 0\.5 s; its log is"):
        find_or_start(config(tmp_path, sys.executable, "-c", "import time; time.sleep(3)"), timeout=0.5)


def test_an_engine_of_another_version_asks_for_the_installer(home: EngineHome) -> None:
    home.start()
    connection = read_connection(home.connection_file)
    write_connection(home.connection_file, replace(connection, protocol=connection.protocol + 1))
    with pytest.raises(VersionMismatch, match="run the installer again"):
        find_or_start(home.config)


@pytest.mark.parametrize(
    ("variable", "value", "sandbox"), [("FLATPAK_ID", "org.gimp.GIMP", "Flatpak"), ("SNAP_NAME", "gimp", "Snap")]
)
def test_inside_a_sandbox_the_person_is_told_of_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, sandbox: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(EngineUnavailable, match=rf"GIMP's {sandbox} can't start .*install\.py --service"):
        find_or_start(config(tmp_path, sys.executable))


@needs_posix
def test_inside_a_sandbox_the_shared_connection_file_is_read(
    home: EngineHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, gone = tmp_path / "profile/impasto-connection.json", tmp_path / "gone/impasto-connection.json"
    copy.parent.mkdir()
    home.start("--share-connection", str(copy), "--share-connection", str(gone))
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert not gone.parent.exists(), "a GIMP that has gone came back as an empty folder"
    values = {
        "command": ["/no/such/program"],
        "connection_file": "/out/of/sight",
        "sandbox_connection_file": str(copy),
        "log_file": "/l",
        "version": "1",
    }
    (tmp_path / "engine.json").write_text(json.dumps(values))
    monkeypatch.delenv("IMPASTO_ENGINE", raising=False)
    assert read_config(tmp_path).connection_file == Path("/out/of/sight")
    monkeypatch.setenv("FLATPAK_ID", "org.gimp.GIMP")
    with find_or_start(read_config(tmp_path)) as engine:
        assert engine.welcome
    home.stop()
    assert not copy.exists()


def test_inside_a_sandbox_a_lost_connection_file_is_waited_for(
    home: EngineHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody in there could start an engine, and the one outside writes the file again within a second."""
    copy = tmp_path / "impasto-connection.json"
    home.start("--share-connection", str(copy))
    monkeypatch.setenv("FLATPAK_ID", "org.gimp.GIMP")
    config = EngineConfig(("/no/such/program", "serve"), copy, home.log_file, "0")
    for harm in (Path.unlink, lambda path: path.write_text("{"), lambda path: path.chmod(0o644)):
        harm(copy)
        with find_or_start(config) as engine:
            assert engine.welcome


def test_another_machines_connection_file_that_is_damaged_starts_nothing_here(tmp_path: Path) -> None:
    """The command would start an engine of this machine, which writes another file."""
    asked = config(tmp_path, str(tmp_path / "no-such-program"), "serve", "--connection-file", "/elsewhere.json")
    asked.connection_file.write_text("{")
    asked.connection_file.chmod(0o600)
    with pytest.raises(EngineUnavailable, match="is damaged; run: impasto doctor --fix"):
        find_or_start(asked)


@pytest.fixture
def libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder beside the filter for a Python that has no ZeroMQ of its own."""
    known = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "zmq"}
    monkeypatch.setattr(launcher, "_LIBRARIES", str(tmp_path))
    monkeypatch.setattr(sys, "path", [])
    for name in known:
        del sys.modules[name]
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] == "zmq"]:
        del sys.modules[name]
    sys.modules.update(known)


@pytest.mark.parametrize(
    ("code", "loads"),
    [
        ("DEALER = 5", True),
        ("raise ImportError('undefined symbol')", False),
        ("raise OSError('wrong ELF class')", False),
    ],
)
def test_zmq_beside_the_filter_is_tried_and_never_trusted(libraries: Path, code: str, loads: bool) -> None:
    assert not launcher.has_zmq(), "there must be none but the one beside the filter"
    (libraries / "zmq.py").write_text(code)
    importlib.invalidate_caches()
    assert launcher.has_zmq() is loads


def test_a_folder_that_a_removed_zmq_has_left_is_none(libraries: Path) -> None:
    """Python imports an empty folder without a word."""
    (libraries / "zmq").mkdir()
    importlib.invalidate_caches()
    assert not launcher.has_zmq()
