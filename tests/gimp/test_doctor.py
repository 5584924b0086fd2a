"""The doctor really asks GIMP, and what it mends GIMP really sees: two commands, as a person runs them."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gimp.roots import Root

SECONDS = 280
ENTER = """#!/bin/sh
exec unshare {options} sh -c 'mount --rbind /dev "$0/dev" && mount --rbind /proc "$0/proc" &&
  mount -t tmpfs tmpfs "$0/{top}" && mkdir -p "$0$HOME" && mount --bind "$HOME" "$0$HOME" &&
  exec chroot "$0" /usr/bin/env -i HOME="$HOME" PATH=/usr/bin:/bin LC_ALL="${{LC_ALL:-C.UTF-8}}" \\
    gimp-console "$@"' {tree} "$@"
"""
pytestmark = [pytest.mark.gimp, pytest.mark.timeout(4 * SECONDS)]

Impasto = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a space and an umlaut, which lies at the same place inside the root."""
    folder = tmp_path / "Käthe Kollwitz"
    folder.mkdir()
    return folder


@pytest.fixture
def impasto(root: Root, home: Path, tmp_path: Path) -> Impasto:
    """Runs `impasto` for the one whose home this is, with the root's GIMP on the PATH."""
    console = tmp_path / "bin" / f"gimp-console-{root.version}"
    console.parent.mkdir()
    options = "-m" if os.geteuid() == 0 else "-Urm"
    top, tree = home.parts[1], shlex.quote(str(root.tree))
    console.write_text(ENTER.format(options=options, tree=tree, top=top))
    console.chmod(0o755)
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "GIMP3_", "IMPASTO_"))}
    path = f"{console.parent}:{os.defpath}:/usr/sbin"  # chroot
    environ = {**kept, "HOME": str(home), "PATH": path, "XDG_RUNTIME_DIR": str(runtime), "PYTHONUTF8": "1"}

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "impasto", *arguments]
        return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=SECONDS, check=False)

    return run


def findings_of(done: "subprocess.CompletedProcess[str]") -> dict[str, dict[str, Any]]:
    """What the doctor found, by what it looked at."""
    assert done.returncode in (0, 1), done.stderr
    return {finding["what"]: finding for finding in json.loads(done.stdout)["findings"]}


@pytest.mark.long
def test_gimp_sees_the_filter_again_when_the_doctor_has_mended_it(impasto: Impasto, root: Root, home: Path) -> None:
    installed = impasto("install-filter")
    assert installed.returncode == 0, installed.stderr
    menu, zmq = f"menu of GIMP {root.version}", f"ZeroMQ in GIMP {root.version}"
    (home / f".config/GIMP/{root.version}/plug-ins/impasto-filter/impasto-filter.py").chmod(0o644)
    ill = impasto("doctor", "--json")
    assert ill.returncode == 1
    assert findings_of(ill)[menu]["state"] == "wrong", ill.stdout
    mended = impasto("doctor", "--json", "--fix")
    found = findings_of(mended)
    assert {what: finding["told"] for what, finding in found.items() if finding["state"] == "wrong"} == {}
    assert "sees the filter" in found[menu]["told"]
    assert found[zmq]["told"] == "its Python has pyzmq"
    assert found[f"filter in GIMP {root.version}"]["mended"]
    assert "64x64 pixels painted" in found["bridge"]["told"]
    assert "Kollwitz" not in mended.stdout
    assert impasto("status").returncode == 2  # the engine that was started for it is gone
