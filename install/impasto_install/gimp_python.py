"""ZeroMQ for GIMP's own Python: asks that Python what it is, and fetches the build of pyzmq that it can load."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .gimps import Gimp
from .pip import Pip
from .speak import say
from .system import System

PYZMQ = "pyzmq>=26"
FLATPAK_PYTHON = ("flatpak", "run", "--command=python3", "org.gimp.GIMP", "-c")
SNAP_PYTHON = ("snap", "run", "--shell", "gimp", "-c", 'exec python3 -c "$0"')
BATCH = ("-i", "-d", "-f", "--batch-interpreter=python-fu-eval", "-b")
PATIENCE = 300.0  # a GIMP on a busy machine, asking all its plug-ins first
MARK = "IMPASTO "
QUESTION = f"""
import json, os, sys, sysconfig
try:
    import zmq
    has_zmq = True
except Exception:
    has_zmq = False
try:
    libc = os.confstr("CS_GNU_LIBC_VERSION")
except (AttributeError, OSError, ValueError):
    libc = None
told = {{
    "version": "%d.%d" % sys.version_info[:2],
    "abi": "cp%d%d" % sys.version_info[:2] + ("t" if "t" in getattr(sys, "abiflags", "") else ""),
    "platform": sysconfig.get_platform(),
    "libc": libc or "",
    "has_zmq": has_zmq,
}}
print("\\n{MARK}" + json.dumps(told), flush=True)
"""


@dataclass(frozen=True)
class GimpPython:
    """The interpreter that runs a GIMP's plug-ins, as it describes itself; `libc` is "glibc 2.41", or empty."""

    version: str
    abi: str
    platform: str
    libc: str
    has_zmq: bool

    def platform_tags(self) -> list[str]:
        """The platforms of the wheels that it loads, as pip names them."""
        plain = self.platform.replace("-", "_").replace(".", "_")
        if not plain.startswith("linux_"):
            return [plain]
        name, _, number = self.libc.partition(" ")
        if name != "glibc":
            return []
        machine, newest = plain[len("linux_") :], int(number.split(".")[1])
        return [f"manylinux_2_{minor}_{machine}" for minor in range(newest, 16, -1)]


def zmq_for(system: System, gimp: Gimp, pip: Pip | None, folder: Path) -> Path | None:
    """The folder with a ZeroMQ for a GIMP whose Python has none; where there is none for it either, says what comes."""
    if system.platform == "win32":  # GIMP's Python there is of a kind that pyzmq has no wheels for
        say(f"GIMP {gimp.version}: the filter talks to the engine through a relay.")
        return None
    python = ask_python(system, gimp)
    if python and python.has_zmq:
        return None
    if python and pip and fetch_zmq(python, pip, folder):
        say(f"GIMP {gimp.version}: its Python {python.version} has no ZeroMQ, so pyzmq goes beside the filter.")
        return folder
    why = f"there is no ZeroMQ for its Python {python.version}" if python else "its Python can't be asked for ZeroMQ"
    then = "from its sandbox the filter can't do without" if gimp.is_sandboxed else "without, the filter uses a relay"
    say(f"GIMP {gimp.version}: {why}; {then}.")
    return None


def ask_python(system: System, gimp: Gimp) -> GimpPython | None:
    """What a GIMP's own Python says of itself, by running it; None where it can't be run or says nothing."""
    command = _asking(gimp)
    with tempfile.TemporaryDirectory() as profile:  # apart from the person's own, which stays as it is
        for known in ("pluginrc", "gimprc"):  # spare GIMP the half minute of asking all its plug-ins; it needs both
            if (gimp.profile / known).is_file():
                shutil.copy2(gimp.profile / known, profile)
        apart = replace(system, environ={**system.environ, "GIMP3_DIRECTORY": profile})
        answer = apart.ask(command, seconds=PATIENCE) if command else ""
    lines = [line for line in answer.splitlines() if line.startswith(MARK)]
    try:
        return GimpPython(**json.loads(lines[-1][len(MARK) :]))
    except (IndexError, ValueError, TypeError):
        return None


def fetch_zmq(python: GimpPython, pip: Pip, folder: Path) -> bool:
    """Unpack the pyzmq that this Python loads into a folder; False where there is none for it."""
    shutil.rmtree(folder, ignore_errors=True)  # of a run that was cut off: pip would not replace it
    platforms = [f"--platform={tag}" for tag in python.platform_tags()]
    if not platforms:
        return False
    whose = ["--implementation=cp", f"--python-version={python.version}", f"--abi={python.abi}", *platforms]
    return pip.unpack(folder, "--only-binary=:all:", "--no-deps", "--no-compile", *whose, PYZMQ)


def _asking(gimp: Gimp) -> Sequence[str]:
    if gimp.console:
        return [str(gimp.console), *BATCH, QUESTION, "--quit"]
    return {"flatpak": [*FLATPAK_PYTHON, QUESTION], "snap": [*SNAP_PYTHON, QUESTION]}.get(gimp.kind, [])
