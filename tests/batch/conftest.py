"""What the batch's tests share: many small pictures, and the command in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.data import chelsea

from fakes.batches import Start

QUICK = ("--preset", "woodcut", "--steps", "2", "--size", "32")


@pytest.fixture
def pictures(tmp_path: Path) -> Callable[[int], Path]:
    """Make a folder of that many different small pictures."""

    def make(count: int) -> Path:
        folder = tmp_path / "pictures"
        folder.mkdir()
        photo = chelsea()
        for number in range(count):
            cut = np.ascontiguousarray(photo[80 : 80 + 40, 100 + 4 * number : 148 + 4 * number])
            Image.fromarray(cut).save(folder / f"frame{number}.png")
        return folder

    return make


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Start `impasto batch` with quick settings in a folder of its own."""

    def begin(*arguments: str, options: Sequence[str] = QUICK) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "impasto", "batch", *arguments, *options]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        return subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)

    return begin
