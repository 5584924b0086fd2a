"""Downloads one large file: continues where it stopped, and accepts the file only if its digest is right."""

import http.client
import logging
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from impasto_wire import __version__
from impasto_wire.errors import WeightsMissing

from .weights import sha256

log = logging.getLogger(__name__)

TRIES = 3
_CHUNK = 1 << 18
_WORTH_A_RETRY = {408, 425, 429, 500, 502, 503, 504}
_NOTHING_THERE_TO_ADD = 416

OnProgress = Callable[[int, int | None], None]
"""Called with the bytes that are there, and how many there will be if the server says so."""


@dataclass(frozen=True)
class Patience:
    """A try has failed after `stall` seconds without a byte; the next one follows after `pause` seconds, later twice as
    many each time."""

    stall: float = 30.0
    pause: float = 1.0


class _Refused(Exception):
    """This address will not give the file, however often it is asked."""


class _BrokenOff(Exception):
    """This try has failed; another may not."""


def download(
    addresses: Sequence[str],
    target: Path,
    digest_start: str,
    on_progress: OnProgress,
    patience: Patience = Patience(),
) -> None:
    """Download a file from the first address that has it, with three tries each. Raises `WeightsMissing`.

    What has arrived is kept beside the target as ``.part``, also after a failure: the next call continues from there.
    The target appears only when it is whole and its SHA-256 begins with `digest_start`.
    """
    part = part_of(target)
    reasons = []
    for address in addresses:
        try:
            _download_from(address, part, digest_start, on_progress, patience)
        except (_Refused, _BrokenOff) as error:
            log.info("%s: %s", address, error)
            reasons.append(f"{address}: {error}")
            continue
        _place(part, target)
        return
    raise WeightsMissing(
        f"{target.name} could not be fetched ({'; '.join(reasons)}); try again, or give it with --from"
    )


def copy(source: Path, target: Path, digest_start: str) -> None:
    """Take a file that a person has, if its SHA-256 begins with `digest_start`. Raises `WeightsMissing`."""
    if not source.is_file():
        raise WeightsMissing(f"there is no file {source}; check the name")
    found = sha256(source)
    if not found.startswith(digest_start):
        raise WeightsMissing(
            f"{source} isn't {target.name}: its SHA-256 begins with {found[:8]}, and it must begin with {digest_start}"
        )
    part = part_of(target)
    try:
        shutil.copyfile(source, part)
    except OSError as error:
        raise WeightsMissing(f"{source} can't be copied to {target.parent} ({error.strerror}); make room") from error
    _place(part, target)


def part_of(target: Path) -> Path:
    """Where a file is kept until it is whole."""
    return target.with_name(f"{target.name}.part")


def _download_from(address: str, part: Path, digest_start: str, on_progress: OnProgress, patience: Patience) -> None:
    """Make `part` whole and right. Raises `_Refused` or the last try's `_BrokenOff`."""
    for attempt in range(TRIES):
        try:
            _continue(address, part, on_progress, patience.stall)
            if not sha256(part).startswith(digest_start):
                part.unlink()
                raise _BrokenOff("what came is damaged")
        except _BrokenOff as error:
            if attempt == TRIES - 1:
                raise
            log.info("%s: %s; trying again", address, error)
            time.sleep(patience.pause * 2**attempt)
        else:
            return


def _continue(address: str, part: Path, on_progress: OnProgress, stall: float) -> None:
    """One try: ask for what is missing and add it."""
    if not address.startswith(("http://", "https://")):
        raise _Refused("this is no web address")
    have = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": f"impasto/{__version__}", **({"Range": f"bytes={have}-"} if have else {})}
    try:
        request = urllib.request.Request(address, headers=headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=stall) as answer:  # noqa: S310
            if answer.status != http.HTTPStatus.PARTIAL_CONTENT:
                have = 0  # the whole file, from its beginning
            _add(answer, part, have, on_progress)
    except urllib.error.HTTPError as error:
        if error.code == _NOTHING_THERE_TO_ADD and have:
            return  # all is there, or too much: the digest will show which
        kind = _BrokenOff if error.code in _WORTH_A_RETRY else _Refused
        raise kind(f"the server says {error.code} {error.reason}") from error
    except TimeoutError as error:
        raise _BrokenOff(f"nothing came for {stall:g} s") from error
    except urllib.error.URLError as error:
        stalled = isinstance(error.reason, TimeoutError)
        raise _BrokenOff(f"no answer within {stall:g} s" if stalled else f"no connection, {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        raise _BrokenOff(f"the connection broke, {error}") from error


def _add(answer: http.client.HTTPResponse, part: Path, have: int, on_progress: OnProgress) -> None:
    """Write what arrives after the first `have` bytes. Raises `_BrokenOff` when it is less than announced."""
    announced = answer.headers.get("Content-Length", "")
    whole = have + int(announced) if announced.isdecimal() else None
    with _opened(part, have) as file:
        on_progress(have, whole)
        while chunk := answer.read1(_CHUNK):
            _write(file, chunk)
            have += len(chunk)
            on_progress(have, whole)
    if whole is not None and have < whole:
        raise _BrokenOff(f"it ended after {have} of {whole} bytes")


def _opened(part: Path, have: int) -> FileIO:
    """The unfinished file, with its first `have` bytes. Raises `WeightsMissing`."""
    try:
        return part.open("ab" if have else "wb", buffering=0)
    except OSError as error:
        raise WeightsMissing(f"can't write {part} ({error.strerror}); check the folder") from error


def _write(file: FileIO, chunk: bytes) -> None:
    rest = memoryview(chunk)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except OSError as error:
        raise WeightsMissing(f"can't write {file.name} ({error.strerror}); make room and try again") from error


def make_folder(folder: Path) -> None:
    """Make a folder, unless it exists. Raises `WeightsMissing`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WeightsMissing(f"can't make {folder} ({error.strerror}); check who owns the folders above it") from error


def _place(part: Path, target: Path) -> None:
    try:
        part.replace(target)
    except OSError as error:
        raise WeightsMissing(f"can't write {target} ({error.strerror}); check the folder") from error
