"""The benchmarks, which no other test runs: each can still be loaded, and the page names it."""

import subprocess
import sys
from pathlib import Path

import pytest

LOAD_ALL = """
import runpy, sys
for path in sys.argv[1:]:
    runpy.run_path(path, run_name="loaded")
"""
WANTS_MORE = {"versus_editor.py"}  # a package that no environment of ours has


@pytest.fixture
def programs(checkout: Path) -> list[Path]:
    """Those that can be run."""
    found = sorted((checkout / "tests/benchmarks").glob("*.py"))
    return [path for path in found if "__main__" in path.read_text(encoding="utf-8")]


def test_every_benchmark_finds_what_it_imports(programs: list[Path]) -> None:
    paths = [str(path) for path in programs if path.name not in WANTS_MORE]
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(programs[0].parent)!r})\n{LOAD_ALL}", *paths]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr


def test_the_page_names_every_benchmark(programs: list[Path]) -> None:
    page = (programs[0].parent / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in programs if f"`{path.name}`" not in page] == []
