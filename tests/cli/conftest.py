"""The command line in the tests' own process, where what it imports and loads need be loaded only once."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from impasto.cli import main

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `impasto` in a folder of its own, with settings of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def run_impasto(*arguments: str) -> "subprocess.CompletedProcess[str]":
        capsys.readouterr()
        try:
            code = main(arguments)
        except SystemExit as end:  # argparse's own way to end
            code = int(end.code or 0)
        said = capsys.readouterr()
        return subprocess.CompletedProcess(["impasto", *arguments], code, said.out, said.err)

    return run_impasto
