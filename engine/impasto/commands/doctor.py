"""`impasto doctor`: looks at everything between a person and a painting, and says what to do."""

import argparse
import contextlib
import io
import json
import sys
from typing import Any


def add_parser(subparsers: Any) -> None:
    """Hang the command on the command line."""
    parser = subparsers.add_parser(
        "doctor",
        help="look at everything that painting needs, and say what to do",
        description="Look at everything that painting needs. The report names no person and may be shown to anybody.",
    )
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    parser.add_argument("--fix", action="store_true", help="mend what can safely be mended")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Look, and report; 1 if something is wrong."""
    from rich.console import Console

    from impasto.doctor.examine import examine
    from impasto.doctor.report import as_json, print_finding, print_verdict, redactor, worst
    from impasto_install.system import this_system

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that lacks a letter shall not end the report
    redact = redactor()
    console = Console()
    findings = []
    with contextlib.nullcontext() if chosen.json else console.status("Looking…"):
        for finding in map(redact, examine(this_system(), mends=chosen.fix)):
            findings.append(finding)
            if not chosen.json:
                print_finding(console, finding)
    if chosen.json:
        sys.stdout.write(json.dumps(as_json(findings), indent=1) + "\n")
    else:
        print_verdict(console, findings)
    return int(worst(findings) == "wrong")
