"""An hour of everything at once. IMPASTO_SOAK_SECONDS says another time; `python -m service.soak` prints the same."""

import os
import sys
from pathlib import Path

import pytest

from .soak import soak

SECONDS = float(os.environ.get("IMPASTO_SOAK_SECONDS", "3600"))
MOST_SLOPE = 5.0
"""MiB that the broker may grow in each 1,000 jobs, beside liars that fill and free its memory all the time."""
MOST_NEW_HANDLES = 20


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="it counts and kills processes as POSIX does it")
@pytest.mark.timeout(SECONDS + 300)
def test_a_soak_loses_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    record = soak(tmp_path, SECONDS, seed=22)
    print(*(f"{name:34}{value}" for name, value in record.summary().items()), sep="\n")
    assert record.done, "nothing was painted"
    assert not record.lost
    assert record.orphans == 0
    assert not record.leftovers
    assert record.slope() < MOST_SLOPE
    assert record.handles_at_rest[1] <= record.handles_at_rest[0] + MOST_NEW_HANDLES
