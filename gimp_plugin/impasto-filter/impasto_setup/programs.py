"""Starts the programs of a set-up: no window, an environment of their own, until they end or are cancelled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from impasto_wire.programs import OUT_OF_SIGHT, own_libraries

from .errors import in_sentences

STRIPPED = ("PYTHON", "LD_", "DYLD_", "GI_", "GTK_", "GDK_", "GEGL_", "BABL_", "GIMP", "UV_", "VIRTUAL_ENV", "CONDA")
"""How variables begin that GIMP, or a shell, has set for programs of its own kind."""
KEPT_VARIABLES = ("UV_PYTHON_INSTALL_MIRROR", "UV_PYTHON_DOWNLOADS_JSON_URL")


def clean_environment(environ: Mapping[str, str] = os.environ, own: str = sys.prefix) -> dict[str, str]:
    """The person's variables, without those that GIMP has set for its own Python."""
    kept = {
        name: value
        for name, value in environ.items()
        if name in KEPT_VARIABLES or not name.upper().startswith(STRIPPED)
    }
    if sys.platform == "win32":  # GIMP puts its own libraries, and its Python, before everything
        entries = kept.get("PATH", "").split(os.pathsep)
        kept["PATH"] = os.pathsep.join(entry for entry in entries if not entry.lower().startswith(own.lower()))
    return {**kept, "PYTHONNOUSERSITE": "1", "PYTHONUTF8": "1"}


def run_program(
    command: Sequence[str],
    environ: Mapping[str, str],
    log: Path,
    check: Callable[[], object],
    seconds: float = 3600,
) -> tuple[int, str]:
    """A program's exit status, and what it printed, which is in the log too. Raises `SetUpError`.

    It and its children are killed when `check` raises, or after so many seconds.
    """
    with tempfile.TemporaryFile() as output, in_sentences(Path(command[0])):
        with own_libraries():
            process = subprocess.Popen(
                list(command),
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                creationflags=OUT_OF_SIGHT,
            )
        end = time.monotonic() + seconds
        try:
            while process.poll() is None and time.monotonic() < end:
                check()
                time.sleep(0.05)
        finally:
            if process.poll() is None:
                _kill(process)
        output.seek(0)
        said = output.read().decode("utf-8", "replace")
    note(log, f"$ {' '.join(command)}\n{said}[{process.returncode}]\n")
    return process.returncode, said


def note(log: Path, text: str) -> None:
    """Write into the log, which is made if it isn't there."""
    with in_sentences(log), log.open("a", encoding="utf-8") as file:
        file.write(text)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)
