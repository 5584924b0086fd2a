"""Batches of small pictures, each by the command in a process of its own, and what is asked of one that ran."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.data import chelsea

Start = Callable[..., "subprocess.Popen[str]"]
QUICK = ("--preset", "woodcut", "--steps", "2", "--size", "32")
NOTHING: Mapping[str, str] = {}


def make_pictures(folder: Path, count: int) -> Path:
    """Fill a folder with that many different small pictures."""
    photo = chelsea()
    for number in range(count):
        cut = np.ascontiguousarray(photo[80 : 80 + 40, 100 + 4 * number : 148 + 4 * number])
        Image.fromarray(cut).save(folder / f"frame{number}.png")
    return folder


def start_batch(
    folder: Path, *arguments: str, options: Sequence[str] = QUICK, environment: Mapping[str, str] = NOTHING
) -> "subprocess.Popen[str]":
    """Start `impasto batch` in a folder, with one thread for each worker."""
    command = [sys.executable, "-m", "impasto", "batch", *arguments, *options]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **environment}
    return subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)


def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """Its exit code and what it said."""
    _, said = process.communicate(timeout=1200)
    return process.returncode, said


def contents(folder: Path) -> dict[str, bytes]:
    """Every file that a person sees in a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name[0] != "."}


class SmallDisk:
    """A disk with room for a little, and later for more; `mount` needs root."""

    def __init__(self, folder: Path, size: str) -> None:
        self.folder = folder
        self._mount("-t", "tmpfs", "-o", f"size={size}", "impasto-small-disk", str(folder))

    def grow(self) -> None:
        self._mount("-o", "remount,size=4m", str(self.folder))

    def close(self) -> None:
        subprocess.run(["umount", str(self.folder)], check=True)

    @staticmethod
    def _mount(*arguments: str) -> None:
        subprocess.run(["mount", *arguments], check=True)


@contextlib.contextmanager
def mounted_small_disk(folder: Path, size: str = "16k") -> Iterator[SmallDisk]:
    """Such a disk, mounted as that new folder; 16k are four pages."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    folder.mkdir(parents=True)
    disk = SmallDisk(folder, size)
    try:
        yield disk
    finally:
        disk.close()
