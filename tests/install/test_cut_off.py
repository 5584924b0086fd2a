"""An update that is killed, before any of its steps: the old version or the new one works, and all of it can go."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from impasto_install import make_venv
from impasto_install.installation import install
from impasto_install.main import main
from impasto_install.place import digests_in
from impasto_install.source import FILTER, Source
from impasto_install.system import System
from impasto_setup.manifest import read_manifest

from .conftest import PREFIX, copies_of, snapshot

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="killed as a process of its own"),
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),
]
KILLED = 9
MOST_STEPS = 60


@pytest.fixture
def own_things(living: System, profile: Path) -> dict[str, str]:
    """A home with things of its owner's in every folder that the installer writes to; what it looks like."""
    for path in (
        profile / "plug-ins/other/other.py",
        profile / "filters/plug-in-impasto-style-transfer.settings",
        living.home / ".config/impasto/presets/mine.json",
        living.home / ".local/share/other/file",
    ):
        path.parent.mkdir(parents=True)
        path.write_text("mine")
    return snapshot(living.home)


def update_killed_before(step: int, living: System, newer: Source, old: Path, wheels: Path) -> bool:
    """Update in a process that dies before that step, counted from 1; False if it had no such step and ended well."""
    child = os.fork()
    if not child:
        code = 1
        try:
            _die_before(step)
            make_venv.make_environment = copies_of(old)  # type: ignore[assignment]
            install(living, living.home / PREFIX, newer, "auto", wheels)
            code = 0
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, KILLED), "the update failed by itself"
    return code == KILLED


def _die_before(step: int) -> None:
    """Have this process end before the `step`-th time that it renames something or removes a folder."""
    steps = 0

    def dying(action: Callable[..., Any]) -> Callable[..., Any]:
        def act(*arguments: Any, **named: Any) -> Any:
            nonlocal steps
            steps += 1
            if steps == step:
                os._exit(KILLED)
            return action(*arguments, **named)

        return act

    Path.replace = dying(Path.replace)  # type: ignore[method-assign]
    shutil.rmtree = dying(shutil.rmtree)  # type: ignore[assignment]
    Path.touch = dying(Path.touch)  # type: ignore[method-assign]


def works(folder: Path, whole: list[dict[str, str]]) -> bool:
    """Is the filter in a folder one of the whole ones, and does its engine's Python run?"""
    files = digests_in(folder)
    python = json.loads((folder / "engine.json").read_text(encoding="utf-8"))["python"]
    done = subprocess.run([python, "-c", "import impasto_wire"], capture_output=True, check=False)
    return {name: digest for name, digest in files.items() if name != "engine.json"} in whole and not done.returncode


@pytest.mark.parametrize("stride", [pytest.param(7, id="some"), pytest.param(1, id="each", marks=pytest.mark.long)])
def test_a_kill_before_any_step_leaves_a_version_that_works_and_goes(
    living: System,
    profile: Path,
    own_things: dict[str, str],
    source: Source,
    wheels: Path,
    unproved: None,
    quick_environments: None,
    tmp_path: Path,
    stride: int,
) -> None:
    install(living, living.home / PREFIX, source, "auto", wheels)
    installed = read_manifest(living.home / PREFIX)
    assert installed
    for part in (living.home / PREFIX / installed.engine).glob("lib/python3.*/site-packages/pip*"):
        shutil.rmtree(part)  # to be quick; nothing here needs it any more
    kept = tmp_path / "kept"
    shutil.copytree(living.home, kept, symlinks=True)
    changed = tmp_path / "newer"
    shutil.copytree(source.checkout, changed)
    (changed / "gimp_plugin" / FILTER / "impasto_plugin/new.py").touch()
    (changed / "gimp_plugin" / FILTER / "impasto_plugin/texts.py").unlink()
    newer = replace(source, checkout=changed, digest="3" * 64)
    folder = profile / "plug-ins" / FILTER
    whole = [digests_in(place) for place in (source.filter, newer.filter)]
    without = 0
    for step in range(1, MOST_STEPS, stride):
        was_killed = update_killed_before(step, living, newer, living.home / PREFIX / installed.engine, wheels)
        if folder.exists():
            assert works(folder, whole), f"killed before step {step}"
        else:
            without += 1
        assert main(["--uninstall"]) == 0
        assert snapshot(living.home) == own_things, f"killed before step {step}"
        if not was_killed:
            break
        shutil.rmtree(living.home)
        shutil.copytree(kept, living.home, symlinks=True)
    assert 10 < step < MOST_STEPS - 1
    assert without <= 1 if stride > 1 else without == 1, "only between the two renames may there be no filter"


def test_the_next_run_goes_on_where_the_last_was_killed(
    living: System,
    profile: Path,
    own_things: dict[str, str],
    source: Source,
    wheels: Path,
    unproved: None,
    quick_environments: None,
) -> None:
    install(living, living.home / PREFIX, source, "auto", wheels)
    old = read_manifest(living.home / PREFIX)
    assert old
    newer = replace(source, digest="3" * 64)
    was_killed = update_killed_before(4, living, newer, living.home / PREFIX / old.engine, wheels)
    assert was_killed
    install(living, living.home / PREFIX, newer, "auto", wheels)
    assert works(profile / "plug-ins" / FILTER, [digests_in(source.filter)])
    assert {path.name for path in (profile / "plug-ins").iterdir()} == {FILTER, "other"}
    now = snapshot(living.home)
    assert {name: state for name, state in now.items() if name in own_things} == own_things
