"""Everything that the doctor looks at, in the order in which one thing rests on the other."""

import contextlib
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from impasto.folders import folders
from impasto.installed import place_filters
from impasto_install.errors import InstallError
from impasto_install.system import System
from impasto_wire.errors import ImpastoError

from . import machine
from .bridge import bridge
from .connection import connection
from .filters import filters
from .finding import Finding
from .menus import menus
from .places import places
from .weights import weights

log = logging.getLogger(__name__)

_ROUNDS = 4
"""A mended fault may have hidden another: a folder's what is in it, its owner its mode."""

Check = Callable[[], Iterable[Finding]]


def examine(system: System, *, mends: bool) -> Iterator[Finding]:
    """Every finding, as soon as it is made; with `mends`, what can safely be mended is, and looked at again."""

    def place() -> None:
        place_filters(system)

    checks: list[tuple[str, Check]] = [
        ("engine", machine.versions),
        ("GIMP", lambda: filters(system, place)),
        ("menus", lambda: menus(system, place)),
        ("device", lambda: machine.device(system)),
        ("memory", machine.memory),
        ("disk", machine.disk),
        ("weights", weights),
        ("files and folders", lambda: places(folders())),
        ("connection file", lambda: connection(folders().connection_file)),
        ("bridge", bridge),
    ]
    for name, check in checks:
        findings = _checked(name, check)
        yield from _mended(name, check, findings) if mends else findings


def _mended(name: str, check: Check, findings: list[Finding]) -> list[Finding]:
    """The findings after everything was mended that can be."""
    ill: set[str] = set()
    for _ in range(_ROUNDS):
        curable = [finding for finding in findings if finding.mend]
        if not curable:
            break
        ill |= {finding.what for finding in curable}
        failures = _mend(
            name, dict.fromkeys(finding.mend for finding in curable if finding.mend)
        )  # one may serve several
        findings = _checked(name, check)
        if failures:
            return [*findings, *failures]
    return [replace(finding, was_mended=finding.what in ill and finding.state == "ok") for finding in findings]


def _mend(name: str, mends: Iterable[Callable[[], object]]) -> list[Finding]:
    """Do all of it; what fails is a finding and keeps no other from being done."""
    failures = []
    for mend in mends:
        try:
            with contextlib.redirect_stdout(sys.stderr):  # the installer says what it does; the report has stdout
                mend()
        except (InstallError, ImpastoError, OSError) as error:
            failures.append(Finding(name, "wrong", f"it could not be mended: {error}"))
    return failures


def _checked(name: str, check: Check) -> list[Finding]:
    """A check's findings; one that breaks is a finding too, since a doctor must not fall ill of what it looks at."""
    try:
        return list(check())
    except Exception as error:
        log.debug("the check of %s broke", name, exc_info=True)
        told = f"it could not be looked at: {type(error).__name__}: {error}"
        return [Finding(name, "wrong", told, "report this, with the whole of this list")]
