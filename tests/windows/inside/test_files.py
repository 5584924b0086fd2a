"""Files that somebody holds, and the places for what must last: what Windows has of its own."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fakes.engine import PATIENCE
from impasto.folders import folders
from impasto_install.prefixes import default_prefix
from impasto_install.system import this_system
from impasto_setup.folders import remove
from impasto_setup.manifest import MANIFEST, Manifest, write_manifest
from impasto_setup.places import alone
from impasto_setup.set_up import Filter, remove_engine

HOLDS = "import sys, time; file = open(sys.argv[1]); print('up', flush=True); time.sleep(float(sys.argv[2]))"


def held(path: Path, seconds: float) -> "subprocess.Popen[str]":
    """A process that has a file open for so long."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(path), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout and process.stdout.readline() == "up\n"
    return process


def test_what_an_ending_process_holds_is_removed_a_moment_later(tmp_path: Path) -> None:
    library = tmp_path / "engine" / "torch.dll"
    library.parent.mkdir()
    library.write_bytes(b"x")
    with held(library, 1.5):
        with pytest.raises(PermissionError):
            library.unlink()
        begun = time.monotonic()
        remove(library.parent)
        assert 0.3 < time.monotonic() - begun < PATIENCE
    assert not library.parent.exists()


def test_the_connection_file_lies_where_nothing_is_swept() -> None:
    """Windows empties its folder for temporary files by itself."""
    place = folders().connection_file
    assert not place.is_relative_to(Path(os.environ["TEMP"]))
    assert "Temp" not in place.parts
    assert place.is_relative_to(Path(os.environ["LOCALAPPDATA"]))
    assert not place.is_relative_to(default_prefix(this_system()))


def test_a_removed_engine_leaves_no_lock(tmp_path: Path) -> None:
    """No file that is open can be deleted."""
    prefix = tmp_path / "impasto"
    with alone(prefix):
        write_manifest(prefix, Manifest())
    remove_engine(Filter(tmp_path / "filter"), prefix)
    assert [path.name for path in prefix.iterdir()] == [MANIFEST]
