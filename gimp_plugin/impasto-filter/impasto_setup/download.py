"""Downloads one file: goes on where an earlier try broke off, and is only there when its SHA-256 is right."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path

from .errors import N_, CutShort, NoNetwork, Refused, Stalled, WrongBytes, in_sentences
from .network import Network
from .progress import Meter

TRIES = 4
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
        fruitless = 0
        while True:
            before = _length(part)
            try:
                _fetch(network, url, part, meter, size if is_exact else None)
                break
            except (Stalled, CutShort, NoNetwork) as error:
                if _length(part) > before:
                    fruitless = 0  # it does come, if haltingly
                    continue
                fruitless += 1
                if fruitless == TRIES or isinstance(error, (Stalled, NoNetwork)):
                    raise
                _pause(fruitless * PAUSE_SECONDS, meter)
            except Refused as error:
                if error.values.get("status") != 416 or not before:
                    raise
                meter.add(-before)  # there is more of it than there should be
                part.unlink()
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
