"""The service's part of the command line, run as a person runs it."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil

from fakes.engine import PATIENCE, EngineHome, random_pixels, wait_for
from fakes.jobs import asking
from fakes.older_engine import OlderEngine
from fakes.painter import slow
from impasto.service.control import ask_status
from impasto_wire import __version__
from impasto_wire.connection import REMOTE, read_connection, write_connection
from impasto_wire.messages import Accepted
from impasto_wire.settings import Settings

STYLE = [(random_pixels(8, 8), 1.0)]


def test_paths_says_where_everything_is_and_makes_nothing(fresh_home: EngineHome) -> None:
    done = fresh_home.impasto("paths", "--json")
    paths = json.loads(done.stdout)
    assert paths["log_file"] == str(fresh_home.log_file)
    assert paths["spool"] == str(fresh_home.spool)
    assert paths["connection_file"].endswith("connection.json")
    assert paths["command"][0] == sys.executable
    told = fresh_home.impasto("paths").stdout
    for name in ("connection_file", "log_file", "cache", "config", "presets", "spool"):
        assert paths[name] in told
    assert list(fresh_home.folder.iterdir()) == []


def test_the_broker_of_impasto_serve_loads_no_torch(fresh_home: EngineHome) -> None:
    process = fresh_home.start()
    loaded = "".join(sorted({mapped.path for mapped in psutil.Process(process.pid).memory_maps()}))
    assert "zmq" in loaded
    assert "libtorch" not in loaded
    with fresh_home.connect() as engine:
        assert engine.welcome


def test_broker_and_relay_need_nothing_that_paints() -> None:
    script = "import impasto.cli, impasto.service.broker, sys; print({'numpy', 'torch', 'PIL', 'cv2'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert done.stdout == "set()\n"


def test_status_tells_what_a_program_needs(home: EngineHome) -> None:
    home.warm_worker()
    place = ("--connection-file", str(home.connection_file))
    with home.connect() as engine:
        jobs = [
            engine.submit("final", asking(random_pixels(8, 8), STYLE, Settings(seed=slow(1000, 20)))) for _ in range(3)
        ]
        wait_for(lambda: isinstance(jobs[2].next_event(PATIENCE), Accepted), "the last job's acceptance")
        status = json.loads(home.impasto("status", "--json", *place).stdout)
        assert status["queue"] == 3
    connection = read_connection(home.connection_file)
    assert (status["endpoint"], status["pid"], status["version"]) == (connection.endpoint, home.pid(), __version__)
    assert status["devices"] == ["fake"]
    assert "runs (process" in home.impasto("status", *place).stdout


def test_status_without_an_engine_is_a_sentence(fresh_home: EngineHome) -> None:
    done = fresh_home.impasto("status", "--connection-file", str(fresh_home.connection_file))
    assert done.returncode == 2
    assert done.stderr == "impasto: the Impasto engine is not running\n"


def test_stop_ends_the_engine_and_its_files(fresh_home: EngineHome) -> None:
    process = fresh_home.start()
    place = ("--connection-file", str(fresh_home.connection_file))
    assert fresh_home.impasto("stop", *place).returncode == 0
    assert process.wait(PATIENCE) == 0
    assert not fresh_home.connection_file.exists()
    assert fresh_home.impasto("stop", *place).returncode == 2


def test_stop_does_not_believe_a_dead_engines_file(fresh_home: EngineHome) -> None:
    process = fresh_home.start()
    process.kill()
    process.wait()
    connection = read_connection(fresh_home.connection_file)
    innocent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    write_connection(fresh_home.connection_file, replace(connection, pid=innocent.pid))
    done = fresh_home.impasto("stop", "--connection-file", str(fresh_home.connection_file))
    assert done.returncode == 2
    assert "dead engine" in done.stderr
    assert innocent.poll() is None
    innocent.communicate(b"\n")
    fresh_home.connection_file.unlink()


def test_stop_leaves_another_machines_engine_and_everybody_here_alone(fresh_home: EngineHome) -> None:
    """Its process has the number 0, which to the system means the whole group of whoever asks."""
    fresh_home.start()
    own = read_connection(fresh_home.connection_file)
    paired = fresh_home.connection_file.with_name("paired.json")
    write_connection(paired, replace(own, pid=REMOTE))
    done = subprocess.run(
        [sys.executable, "-m", "impasto", "stop", "--connection-file", str(paired)],
        env={**os.environ, **fresh_home.environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        start_new_session=True,  # a group of its own
    )
    assert (done.returncode, done.stderr) == (2, "impasto: the Impasto engine runs on another machine; end it there\n")
    assert fresh_home.impasto("status", "--connection-file", str(paired)).returncode == 0


def test_status_of_an_engine_that_is_too_old_to_say_who_uses_it(tmp_path: Path) -> None:
    """It refuses the question, and what its Welcome says is shown."""
    path = tmp_path / "connection.json"
    write_connection(path, OlderEngine().connection)
    status = ask_status(path)
    assert (status.version, status.queue, status.clients, status.faults) == ("0", 0, None, None)
