"""What is written while installing can be changed by nobody but its owner, whatever the session lets others do."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator


@contextlib.contextmanager
def closed_to_others() -> Iterator[None]:
    """While this lasts, no new file is writable by others, nor one that a program started meanwhile makes."""
    before = os.umask(0o022)
    os.umask(before | 0o022)
    try:
        yield
    finally:
        os.umask(before)
