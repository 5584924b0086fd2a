"""First light: a photo goes over the whole bridge, from the filter's own code through ZeroMQ to the engine and back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from impasto_setup.manifest import write_json
from impasto_wire.programs import OUT_OF_SIGHT

from .errors import InstallError
from .place import EngineNote
from .speak import say, show
from .stop import stop_engine
from .system import System

SCRIPT = Path(__file__).with_name("first_light.py")
PHOTO = Path(__file__).with_name("sample.jpg")
PATIENCE = 1800.0
FOLDER = "first-light"


def first_light(system: System, filter_folder: Path, note: EngineNote, picture: Path, log: Path) -> str:
    """Paint the sample photo into `picture`; returns a few words on it. Raises `InstallError`.

    The engine is one of our own, apart from any that is running, so that nobody's work is disturbed.
    """
    folder = picture.with_name(FOLDER)
    connection = folder / "connection.json"
    say("Painting a first picture, all the way from the filter to the engine and back.")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        described = replace(note, connection_file=str(connection)).as_json()
        described["command"] += ["--parent", str(os.getpid())]
        write_json(folder / "engine.json", described)
        told = _paint(note, filter_folder, folder / "engine.json", picture, log)
    finally:
        stop_engine(system, Path(note.python), connection)
        shutil.rmtree(folder, ignore_errors=True)
    on = f" on {told['device']}" if told.get("device") else ""
    return f"{told['style']}, {told['seconds']:.0f} s{on}"


def _paint(note: EngineNote, filter_folder: Path, described: Path, picture: Path, log: Path) -> dict[str, Any]:
    """What the script told in the end."""
    told: dict[str, Any] = {}
    with log.open("a", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [note.python, "-I", "-B", "-u", str(SCRIPT), str(filter_folder), str(PHOTO), str(picture)],
            env={**os.environ, "IMPASTO_ENGINE": str(described)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
            creationflags=OUT_OF_SIGHT,
        )
        assert process.stdout
        patience = threading.Timer(PATIENCE, process.kill)
        patience.start()
        with process:
            try:
                for line in process.stdout:
                    told = json.loads(line)
                    if "fraction" in told:
                        show(f"  {told['fraction']:.0%}")
            except BaseException:
                process.kill()
                raise
            finally:
                patience.cancel()
    if process.returncode or "seconds" not in told:
        sentence = told.get("error", "the engine was installed, but no picture came back from it")
        raise InstallError(f"{sentence}. More is in {log} and in the engine's own log, {note.log_file}")
    return told
