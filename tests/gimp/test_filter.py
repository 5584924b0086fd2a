"""The filter in real GIMPs: the checks of inside/, each file run in one gimp-console, each check reported as a test."""

import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gimp.real_gimp import RealGimp

INSIDE = Path(__file__).resolve().parent / "inside"
pytestmark = pytest.mark.gimp


def checks_in(name: str) -> list[str]:
    """The names of a file's checks: its functions that are not private."""
    tree = ast.parse((INSIDE / f"{name}.py").read_text(encoding="utf-8"))
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name[0] != "_"]


@pytest.mark.parametrize("check", checks_in("painting"))
def test_painting(gimp: RealGimp, check: str) -> None:
    wrong = gimp.found("painting")[check]
    assert wrong is None, wrong


@pytest.mark.parametrize("check", checks_in("placing"))
def test_placing(gimp: RealGimp, check: str) -> None:
    wrong = gimp.found("placing")[check]
    assert wrong is None, wrong


@pytest.mark.parametrize("check", checks_in("frames"))
def test_frames(gimp: RealGimp, check: str) -> None:
    wrong = gimp.found("frames")[check]
    assert wrong is None, wrong


@pytest.mark.parametrize("check", checks_in("reopening"))
def test_reopening(gimp: RealGimp, check: str) -> None:
    wrong = gimp.found("reopening")[check]
    assert wrong is None, wrong


def test_kinds(gimp: RealGimp, artefacts: Callable[[str], Path]) -> None:
    wrong = gimp.found("kinds")["every_kind_comes_out_right_or_says_why"]
    table = json.loads((gimp.work / "kinds-found.json").read_text(encoding="utf-8"))
    rows = [f"| {kind} | {new} | {replaced} |" for kind, (new, replaced) in table.items()]
    head = [f"| kind, in GIMP {gimp.root.version} | new layer | replace |", "|---|---|---|"]
    artefacts(f"kinds-{gimp.root.version}.md").write_text("\n".join([*head, *rows, ""]), encoding="utf-8")
    assert wrong is None, wrong


@pytest.mark.parametrize("check", checks_in("refusing"))
def test_refusing(gimp: RealGimp, check: str) -> None:
    wrong = gimp.found("refusing")[check]
    assert wrong is None, wrong


@pytest.mark.parametrize("check", checks_in("choosing"))
def test_choosing(gimp: RealGimp, check: str) -> None:
    wrong = gimp.found("choosing")[check]
    assert wrong is None, wrong


@pytest.mark.parametrize("check", checks_in("batch"))
def test_batch(gimp: RealGimp, check: str) -> None:
    wrong = gimp.found("batch")[check]
    assert wrong is None, wrong


@pytest.mark.parametrize("check", checks_in("scripting"))
def test_scripting(gimp: RealGimp, check: str) -> None:
    wrong = gimp.found("scripting")[check]
    assert wrong is None, wrong


@pytest.mark.parametrize("check", checks_in("relaying"))
def test_relaying(gimp: RealGimp, check: str) -> None:
    wrong = gimp.found("relaying")[check]
    assert wrong is None, wrong


@pytest.mark.parametrize("check", checks_in("foreign_zmq"))
def test_foreign_zmq(gimp: RealGimp, check: str) -> None:
    wrong = gimp.found("foreign_zmq")[check]
    assert wrong is None, wrong


@pytest.mark.parametrize("check", checks_in("photo"))
def test_photo(painting_gimp: RealGimp, check: str) -> None:
    wrong = painting_gimp.found("photo")[check]
    assert wrong is None, wrong
