"""The doctor's findings for people and for programs, without what nobody else should know."""

import getpass
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from impasto_wire import __version__

from .finding import STATES, Finding, State

_COLOURS = {"ok": "green", "warning": "yellow", "wrong": "bold red"}
_WHAT_WIDTH = 22


def redacted(finding: Finding, home: Path, person: str) -> Finding:
    """The finding with ``~`` for the home folder and for the person's name."""

    def hide(text: str) -> str:
        for folder in sorted({str(home), str(home.resolve())}, key=len, reverse=True):
            text = re.sub(rf"{re.escape(folder)}(?![\w-])", "~", text)
        return re.sub(rf"(?<![\w-]){re.escape(person)}(?![\w-])", "~", text) if person else text

    return replace(finding, what=hide(finding.what), told=hide(finding.told), remedy=hide(finding.remedy))


def redactor() -> Callable[[Finding], Finding]:
    """What redacts a finding for the person who runs this."""
    try:
        person = getpass.getuser()
    except (OSError, KeyError):  # a process without a user
        person = ""
    return lambda finding: redacted(finding, Path.home(), person)


def worst(findings: Iterable[Finding]) -> State:
    """The worst state among the findings."""
    return max((finding.state for finding in findings), key=STATES.index, default="ok")


def as_json(findings: list[Finding]) -> dict[str, Any]:
    """The whole report as one object."""
    rows = [
        {
            "what": finding.what,
            "state": finding.state,
            "told": finding.told,
            "remedy": finding.remedy,
            "mended": finding.was_mended,
        }
        for finding in findings
    ]
    return {"version": __version__, "state": worst(findings), "findings": rows}


def print_finding(console: Console, finding: Finding) -> None:
    """One finding: its state, what it is about, what there is to say, and below that what to do."""
    row = Table.grid(padding=(0, 1))
    row.add_column(width=len("warning"))
    row.add_column(width=_WHAT_WIDTH, overflow="fold")
    row.add_column(ratio=1, overflow="fold")  # a long path is broken, never cut
    row.add_row(Text(finding.state, _COLOURS[finding.state]), Text(finding.what), _words(finding))
    console.print(row)


def print_verdict(console: Console, findings: list[Finding]) -> None:
    """The last line: is all well?"""
    counts = {state: sum(finding.state == state for finding in findings) for state in STATES}
    if not counts["wrong"] and not counts["warning"]:
        console.print("All is well.")
        return
    mending = "; impasto doctor --fix mends what it safely can" if any(finding.mend for finding in findings) else ""
    console.print(f"Wrong: {counts['wrong']}, warnings: {counts['warning']}{mending}.", highlight=False)


def _words(finding: Finding) -> RenderableType:
    words = Text(finding.told)
    if finding.was_mended:
        words.append(" (mended)", "green")
    if finding.remedy and finding.state != "ok":
        words.append(f"\n→ {finding.remedy}", "bold")
    return words
