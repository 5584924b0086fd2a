"""The service's part of the command line, run as a person runs it."""

import json
import os
import subprocess
import sys

import psutil

from fakes.engine import PATIENCE, EngineHome


def impasto(home: EngineHome, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "impasto", *arguments],
        env={**os.environ, **home.environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_paths_says_where_everything_is_and_makes_nothing(fresh_home: EngineHome) -> None:
    done = impasto(fresh_home, "paths", "--json")
    paths = json.loads(done.stdout)
    assert paths["log_file"] == str(fresh_home.log_file)
    assert paths["spool"] == str(fresh_home.spool)
    assert paths["connection_file"].endswith("connection.json")
    assert paths["command"][0] == sys.executable
    for name in ("connection_file", "log_file", "cache", "config", "presets", "spool"):
        assert paths[name] in impasto(fresh_home, "paths").stdout
    assert list(fresh_home.folder.iterdir()) == []


def test_the_broker_of_impasto_serve_loads_no_torch(fresh_home: EngineHome) -> None:
    fresh_home.module = ("impasto", "serve")
    process = fresh_home.start()
    loaded = "".join(sorted({mapped.path for mapped in psutil.Process(process.pid).memory_maps()}))
    assert "zmq" in loaded
    assert "libtorch" not in loaded
    with fresh_home.connect() as engine:
        assert engine.welcome
