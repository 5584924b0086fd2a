"""Findings that each GIMP itself is asked for: does it see the filter, and does its Python have ZeroMQ?"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from impasto_install.find_gimp import find_gimps
from impasto_install.gimps import Gimp
from impasto_install.source import FILTER
from impasto_install.system import System

from .finding import Finding

_SECONDS = 150.0
_MARK = "IMPASTO-DOCTOR "


@dataclass(frozen=True)
class Answer:
    """What a GIMP said: has it the filter's procedure, and has the filter ZeroMQ there (None: it can't say)?"""

    sees: bool
    has_zmq: bool | None
    seconds: float


def menus(system: System, place: Callable[[], object]) -> Iterator[Finding]:
    """What every GIMP says that has the filter; `place` puts a fresh filter into all of them."""
    for gimp in find_gimps(system):
        if (gimp.plug_ins / FILTER).is_dir():
            yield from _asked(system, gimp, place)


def _asked(system: System, gimp: Gimp, place: Callable[[], object]) -> Iterator[Finding]:
    what = f"menu of GIMP {gimp.version}"
    look = "look in GIMP: Filters ▸ Artistic ▸ Impasto Style Transfer…"
    if gimp.console is None:
        kind = "a profile without a program" if gimp.kind == "profile" else f"installed as {gimp.kind}"
        yield Finding(what, "warning", f"{kind}, so it can't be asked from here", look)
        return
    answer = _ask(system, gimp)
    if answer is None:
        yield Finding(what, "warning", f"{gimp.console.name} gave no answer", look)
        return
    if answer.sees:
        yield Finding(what, "ok", f"{gimp.console.name} sees the filter (asked in {answer.seconds:.1f} s)")
    else:
        told = f"{gimp.console.name} doesn't see the filter"
        yield Finding(what, "wrong", told, "run: impasto doctor --fix; then start GIMP again", place)
    if answer.has_zmq is not None:
        told = "its Python has pyzmq" if answer.has_zmq else "its Python has no pyzmq: the filter uses the relay"
        yield Finding(f"ZeroMQ in GIMP {gimp.version}", "ok", told)


def _ask(system: System, gimp: Gimp) -> Answer | None:
    """Run a GIMP without windows, in the person's own profile, as they would; None where it says nothing."""
    options = ("--no-interface", "--no-data", "--no-fonts", "--batch-interpreter=python-fu-eval")
    begun = time.monotonic()
    said = system.ask(
        [str(gimp.console), *options, "--batch", _question(gimp.plug_ins / FILTER), "--quit"], seconds=_SECONDS
    )
    lines = [line.removeprefix(_MARK) for line in said.splitlines() if line.startswith(_MARK)]
    return Answer(**json.loads(lines[-1]), seconds=time.monotonic() - begun) if lines else None


def _question(folder: Path) -> str:
    """What GIMP's Python runs; whether there is ZeroMQ is for the filter's own code to say.

    In ASCII, whatever the home is called: GIMP takes no other argument where the locale is C.
    """
    return f"""
import json, sys
sys.path.insert(0, {str(folder)!a})
try:
    from impasto_plugin.engine import launcher
    has_zmq = launcher.has_zmq()
except ImportError:
    has_zmq = None
sees = bool(Gimp.get_pdb().lookup_procedure("plug-in-impasto-style-transfer"))
print("\\n{_MARK}" + json.dumps(dict(sees=sees, has_zmq=has_zmq)), flush=True)
"""
