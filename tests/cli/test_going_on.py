"""`impasto stylize` goes on with a painting that ended before it was finished."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.data import chelsea, coffee

from impasto.commands import stylize
from impasto.painting.checkpoints import CheckpointFolder
from impasto.request import Step

from .conftest import Run


def test_the_same_command_goes_on(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, squeezenet_weights: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(CheckpointFolder, "is_worth", lambda *_: True)
    Image.fromarray(chelsea()[:, :330]).resize((280, 280)).save("cat.png")
    Image.fromarray(coffee()).resize((96, 64)).save("coffee.png")
    command = ("stylize", "cat.png", "--style", "coffee.png", "-o", "painted.png", "--quality", "draft")
    command += ("--backbone", "squeezenet", "--weights", str(squeezenet_weights), "--device", "cpu")

    @contextlib.contextmanager
    def interrupting() -> Iterator[Callable[[Step], None]]:
        def report(step: Step) -> None:
            if step.scale == step.scales:
                raise KeyboardInterrupt

        yield report

    with monkeypatch.context() as patch:
        patch.setattr(stylize, "progress_bar", interrupting)
        assert run(*command).returncode != 0
    assert not Path("painted.png").exists()
    went_on = run(*command)
    assert went_on.returncode == 0, went_on.stderr
    assert "Going on where it ended the last time" in went_on.stderr
    again = np.asarray(Image.open("painted.png"))
    afresh = run(*command)
    assert "Going on" not in afresh.stderr
    assert np.array_equal(again, np.asarray(Image.open("painted.png")))
