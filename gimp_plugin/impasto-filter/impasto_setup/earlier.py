"""Takes over what an earlier version has installed into another folder, so that nothing is lost and nothing is left."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

from .folders import remove
from .manifest import MANIFEST, Manifest, read_manifest
from .places import LOCK, OWN


def manifest_of(prefix: Path, earlier: Path | None) -> Manifest | None:
    """What is written down of an installation; for a new prefix that is what it takes over from the earlier one.

    Its engine, an absolute path there, gives its packages to the new one; not current, so that it is replaced.
    """
    taken = None if read_manifest(prefix) or not earlier else read_manifest(earlier)
    if taken is None:
        return read_manifest(prefix)
    return replace(taken, engine=str(earlier / taken.engine) if earlier and taken.engine else "", source="")


def remove_earlier(earlier: Path | None) -> None:
    """Remove the engine from the earlier prefix, now that all that it had is in the new one. A person's settings stay,
    and so does what a running program holds; the manifest, which goes last, has that removed another time."""
    if earlier is None or read_manifest(earlier) is None:
        return
    with contextlib.suppress(OSError):
        for name in (*OWN, LOCK, f"{MANIFEST}.part", MANIFEST):
            remove(earlier / name)
