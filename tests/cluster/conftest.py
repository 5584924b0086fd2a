"""A Ray cluster of several machines, shared by all tests that need one."""

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from fakes.batches import SmallDisk, Start, mounted_small_disk, start_batch
from fakes.ray_cluster import RayCluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[RayCluster]:
    """Two machines with one core each, which a test leaves as it found them."""
    # Sockets lie in there, whose paths may have a hundred characters.
    with tempfile.TemporaryDirectory(prefix="ray-") as folder:
        made = RayCluster(Path(folder))
        try:
            made.add("one")
            made.add("two")
            yield made
        finally:
            made.close()


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Start `impasto batch` with quick settings in a folder of its own."""
    return partial(start_batch, tmp_path)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A disk that is soon full."""
    with mounted_small_disk(tmp_path / "small") as disk:
        yield disk
