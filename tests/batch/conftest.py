"""What the batch's tests share: many small pictures, and the command in a process of its own."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from fakes.batches import SmallDisk, Start, make_pictures, mounted_small_disk, start_batch


@pytest.fixture
def pictures(tmp_path: Path) -> Callable[[int], Path]:
    """Make a folder of that many different small pictures."""

    def make(count: int) -> Path:
        (tmp_path / "pictures").mkdir()
        return make_pictures(tmp_path / "pictures", count)

    return make


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Start `impasto batch` with quick settings in a folder of its own."""
    return partial(start_batch, tmp_path)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A disk that is soon full."""
    with mounted_small_disk(tmp_path / "small") as disk:
        yield disk
