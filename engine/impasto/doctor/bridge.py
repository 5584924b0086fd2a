"""The finding that counts: a small picture goes from the filter's own code to the engine and its worker, and back."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from impasto.folders import folders
from impasto.installed import engine_note, filter_folder
from impasto.service.control import ask_status, stop
from impasto_install.prove import SCRIPT
from impasto_wire.errors import EngineUnavailable
from impasto_wire.files import write_whole
from impasto_wire.programs import OUT_OF_SIGHT

from .finding import Finding

SIDE = 64
_SECONDS = 300.0


def bridge() -> Iterator[Finding]:
    """Paint a small picture over the whole bridge; an engine that is started for it is ended again."""
    places = folders()
    was_running = _answers(places.connection_file)
    try:
        with tempfile.TemporaryDirectory() as folder:
            told = _paint(Path(folder))
    finally:
        if not was_running:
            with contextlib.suppress(EngineUnavailable):  # it never came, or has ended
                stop(places.connection_file)
    if "seconds" in told:
        engine = "the engine that runs" if was_running else "an engine that was started for it and ended"
        on = f", on {told['device']}" if told["device"] else ""
        yield Finding("bridge", "ok", f"{SIDE}x{SIDE} pixels painted in {told['seconds']:.1f} s by {engine}{on}")
    else:
        yield Finding("bridge", "wrong", told["error"], f"look at the end of the engine's log: {places.log_file}")


def _answers(connection_file: Path) -> bool:
    try:
        ask_status(connection_file)
    except EngineUnavailable:
        return False
    return True


def _paint(folder: Path) -> dict[str, Any]:
    """What the installer's own script for a first picture told in the end: `seconds` and `device`, or `error`."""
    from PIL import Image

    photo, note = folder / "photo.png", folder / "engine.json"
    Image.radial_gradient("L").resize((SIDE, SIDE)).convert("RGB").save(photo)
    described = engine_note().as_json()
    described["command"] += ["--parent", str(os.getpid())]
    write_whole(note, json.dumps(described).encode(), 0o600)
    command = [sys.executable, "-I", "-B", str(SCRIPT), str(filter_folder()), str(photo), str(folder / "painted.png")]
    try:
        done = subprocess.run(
            command,
            env={**os.environ, "IMPASTO_ENGINE": str(note)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_SECONDS,
            check=False,
            creationflags=OUT_OF_SIGHT,
        )
    except subprocess.TimeoutExpired:
        return {"error": f"no picture came back within {_SECONDS:g} s"}
    lines = done.stdout.splitlines() or done.stderr.splitlines()[-1:]
    try:
        told: dict[str, Any] = json.loads(lines[-1])
    except (IndexError, ValueError):
        return {"error": f"no picture came back: {' '.join(lines) or 'the filter said nothing'}"}
    return told if done.returncode == 0 or "error" in told else {"error": "the picture broke off"}
