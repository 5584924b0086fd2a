"""What is asked of a batch that ran."""

import subprocess
from collections.abc import Callable
from pathlib import Path

Start = Callable[..., "subprocess.Popen[str]"]


def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """Its exit code and what it said."""
    _, said = process.communicate(timeout=1200)
    return process.returncode, said


def contents(folder: Path) -> dict[str, bytes]:
    """Every file that a person sees in a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name[0] != "."}
