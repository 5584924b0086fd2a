"""Downloads one file: goes on where an earlier try broke off, and is only there when its SHA-256 is right."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from .errors import N_, CutShort, NoNetwork, Refused, Stalled, WrongBytes, in_sentences
from .network import Network
from .progress import Meter

Told = TypeVar("Told")
TRIES = 6
"""So often in a row nothing at all may come."""
PAUSE_SECONDS = 1.0
TOO_MUCH = 1 << 20
"""So many bytes more than were promised, and it is something else."""


def download(
    network: Network, url: str, target: Path, sha256: str | None, size: int, meter: Meter, *, is_exact: bool = True
) -> None:
    """Fetch a file of `size` bytes, or of about so many. Raises `SetUpError`.

    What has come of it stays beside it as `.part`, and is used next time.
    """
    part = target.with_name(f"{target.name}.part")
    with in_sentences(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        meter.add(_length(part))
        exact = size if is_exact else None
        with_retries(network, meter, lambda: _fetch_rest(network, url, part, meter, exact), lambda: _length(part))
        if sha256 and sha256_of(part) != sha256:
            meter.add(-_length(part))
            part.unlink()
            raise WrongBytes(
                N_(
                    "what came as {name} is something else (its SHA-256 is wrong), so it was thrown away; press Set Up "
                    "again, and if that doesn't help, ask whoever looks after the network"
                ),
                name=target.name,
            )
        meter.expect(_length(part) - size)
        part.replace(target)


def with_retries(
    network: Network, meter: Meter, attempt: Callable[[], Told], has_come: Callable[[], int] = lambda: 0
) -> Told:
    """What an attempt returns. It is made again while something comes, if haltingly, and some more times while nothing
    does: a wireless network may be gone for a moment. Raises `NetworkError`."""
    fruitless = 0
    while True:
        before = has_come()
        try:
            return attempt()
        except (Stalled, CutShort, NoNetwork) as error:
            fruitless = 0 if has_come() > before else fruitless + 1
            is_hopeless = isinstance(error, Stalled) or (isinstance(error, NoNetwork) and not network.has_answered)
            if fruitless == TRIES or (fruitless and is_hopeless):
                raise
            _pause(fruitless * PAUSE_SECONDS, meter)


def _fetch_rest(network: Network, url: str, part: Path, meter: Meter, size: int | None) -> None:
    """Let the rest come, or all of it again where there is more than there should be. Raises `NetworkError`."""
    before = _length(part)
    try:
        _fetch(network, url, part, meter, size)
    except Refused as error:
        if error.values.get("status") != 416 or not before:
            raise
        meter.add(-before)
        part.unlink()
        _fetch(network, url, part, meter, size)


def _fetch(network: Network, url: str, part: Path, meter: Meter, size: int | None) -> None:
    """Let the rest come. Raises `NetworkError`."""
    have = _length(part)
    if size is not None and have == size:
        return
    headers: Mapping[str, str] = {"Range": f"bytes={have}-"} if have else {}
    with network.open(url, headers, meter.check) as (answer, chunks):
        if have and answer.status != 206:  # all of it comes again
            meter.add(-have)
            have = 0
        with part.open("ab" if have else "wb") as file:
            for chunk in chunks:
                file.write(chunk)
                have += len(chunk)
                meter.add(len(chunk))
                if size is not None and have > size + TOO_MUCH:
                    break


def _pause(seconds: float, meter: Meter) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        meter.check()
        time.sleep(0.05)


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
