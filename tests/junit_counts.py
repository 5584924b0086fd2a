"""Prints `passed failed skipped` of a pytest run, from its JUnit file and its exit status."""

import sys
from pathlib import Path
from xml.etree import ElementTree

NO_TESTS = 5  # pytest's exit status when it collected nothing


def counts(report: Path, status: int) -> tuple[int, int, int]:
    """Tests that passed, failed and were skipped; an error counts as failed, and so does a run that left no report."""
    try:
        suites = ElementTree.parse(report).getroot().iter("testsuite")
    except (OSError, ElementTree.ParseError):
        return 0, 1, 0
    passed = failed = skipped = 0
    for suite in suites:
        bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        idle = int(suite.get("skipped", 0))
        failed += bad
        skipped += idle
        passed += int(suite.get("tests", 0)) - bad - idle
    if status not in (0, NO_TESTS) and failed == 0:
        failed = 1  # pytest itself broke off
    return passed, failed, skipped


if __name__ == "__main__":
    print(*counts(Path(sys.argv[1]), int(sys.argv[2])))
