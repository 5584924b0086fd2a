"""The command of the README itself, with everything downloaded: minutes and gigabytes, so only with --long."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from .conftest import PREFIX, snapshot

pytestmark = [pytest.mark.long, pytest.mark.timeout(3600)]


def test_a_newcomer_installs_paints_and_removes(checkout: Path, home: Path) -> None:
    profile = home / ".config/GIMP/3.0"
    (profile / "plug-ins").mkdir(parents=True)
    runtime = home.with_name("runtime")
    runtime.mkdir(mode=0o700)
    before = snapshot(home)
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "http", "HTTP"))}
    environ = {**kept, "HOME": str(home), "PATH": os.defpath, "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": str(runtime)}

    def run(*options: str) -> str:
        command = [getattr(sys, "_base_executable", sys.executable), "install/install.py", *options]
        done = subprocess.run(command, cwd=checkout, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stderr == ""
        return done.stdout

    first = run()
    assert "will be downloaded" in first
    assert str(home / PREFIX / "first-light.png") in first
    with Image.open(home / PREFIX / "first-light.png") as picture:
        assert picture.size == (451, 300)
    assert (profile / "plug-ins/impasto-filter/engine.json").is_file()
    after = snapshot(home)
    assert "nothing to do" in run()
    assert snapshot(home) == after
    assert "came free" in run("--uninstall")
    assert snapshot(home) == before
    assert not any(runtime.iterdir())
