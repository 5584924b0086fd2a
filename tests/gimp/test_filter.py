"""The filter in real GIMPs: the checks of inside/, each reported as a test."""

import ast
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gimp.console import Check, Console
from gimp.real_gimp import RealGimp

INSIDE = Path(__file__).resolve().parent / "inside"
FILES = (
    "painting",
    "colours",
    "cases",
    "placing",
    "frames",
    "reopening",
    "keeping",
    "old_files",
    "sources",
    "masks",
    "brushed",
    "regions",
    "locks",
    "several",
    "kinds",
    "refusing",
    "choosing",
    "batch",
    "scripting",
    "photo",
    "relaying",
    "foreign_zmq",
)
pytestmark = pytest.mark.gimp


def all_checks() -> Iterator[Check]:
    """The functions of the files that are not private."""
    for file in FILES:
        tree = ast.parse((INSIDE / f"{file}.py").read_text(encoding="utf-8"))
        functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        yield from (Check(file, name) for name in functions if name[0] != "_")


@pytest.mark.parametrize("check", list(all_checks()), ids="-".join)
def test_filter(console: Console, check: Check) -> None:
    wrong = console.found(check)
    assert wrong is None, wrong


@pytest.mark.parametrize("check", [Check("kinds", "every_kind_comes_out_right_or_says_why")], ids="-".join)
def test_what_comes_of_every_kind_is_in_a_table(
    console: Console, check: Check, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    console.found(check)
    shutil.copy(gimp.work / "kinds.md", artefacts(f"kinds-{gimp.root.version}.md"))
