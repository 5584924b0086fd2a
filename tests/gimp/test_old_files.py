"""A style that an earlier version of Impasto has exported; what is to be seen in GIMP, inside/old_files.py checks."""

import json
import os
import subprocess
import sys
from pathlib import Path

INPUTS = Path(__file__).resolve().parent / "inputs"


def test_an_old_exported_style_comes_in_whole(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "impasto", "presets", "import", str(INPUTS / "evening-of-mine.impasto-style.json")]
    subprocess.run(command, env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path)}, check=True, timeout=60)
    found, saved = tmp_path / "impasto" / "presets", INPUTS / "presets"
    assert {file.name for file in found.iterdir()} == {file.name for file in saved.iterdir()}
    name = "evening-of-mine.json"
    assert json.loads((found / name).read_text()).items() >= json.loads((saved / name).read_text()).items()
    for picture in saved.glob("*.jpg"):
        assert (found / picture.name).read_bytes() == picture.read_bytes()
