"""Prints the ten slowest tests of a pytest run and the time by folder, from its JUnit file."""

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree


def times(report: Path) -> Counter[tuple[str, str]]:
    """Seconds of each test with what was made ready for it, by folder and name."""
    seconds: Counter[tuple[str, str]] = Counter()
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        folder, _, file = case.get("classname", "").rpartition(".")
        name = case.get("name", "").partition("@")[0]  # what follows is the worker's group
        seconds[folder.replace(".", "/"), f"{file}.py::{name}"] += float(case.get("time", 0))
    return seconds


def show(report: Path) -> None:
    """Print both tables; nothing where no report was left."""
    try:
        seconds = times(report)
    except (OSError, ElementTree.ParseError):
        return
    folders: Counter[str] = Counter()
    for (folder, _), spent in seconds.items():
        folders[folder] += spent
    print("\nThe slowest tests, in seconds:")
    for (folder, name), spent in seconds.most_common(10):
        print(f"{spent:7.1f}  {folder}/{name}")
    print("\nSeconds by folder, of both workers together:")
    for folder, spent in folders.most_common():
        print(f"{spent:7.1f}  {folder}")


if __name__ == "__main__":
    show(Path(sys.argv[1]))
