"""Downloads one large file: continues where it stopped, and accepts the file only if its digest is right."""

import contextlib
import hashlib
import http.client
import logging
import os
import re
import secrets
import stat
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from impasto_wire import __version__
from impasto_wire.errors import WeightsMissing
from impasto_wire.files import left_parts, open_regular

log = logging.getLogger(__name__)

TRIES = 3
_CHUNK = 1 << 18
_WORTH_A_RETRY = {408, 425, 429, 500, 502, 503, 504}
_NOTHING_THERE_TO_ADD = 416

OnProgress = Callable[[int, int | None], None]
"""Called with the bytes that are there, and how many there will be if the server says so."""


@dataclass(frozen=True)
class Expected:
    """What the right file is known by: its SHA-256, whole, and a size that it doesn't exceed."""

    sha256: str
    most_bytes: int


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
    addresses: Sequence[str], target: Path, expected: Expected, on_progress: OnProgress, patience: Patience = Patience()
) -> None:
    """Download a file from the first address that has it, with three tries each. Raises `WeightsMissing`.

    What has arrived is kept beside the target, also after a failure: the next call continues from there. The target
    appears only when it is whole and right.
    """
    reasons = []
    with _part_beside(target) as part:
        for address in addresses:
            try:
                _download_from(address, part, expected, on_progress, patience)
            except (_Refused, _BrokenOff) as error:
                log.info("%s: %s", address, error)
                reasons.append(f"{address}: {error}")
                continue
            part.place()
            return
    raise WeightsMissing(
        f"{target.name} could not be fetched ({'; '.join(reasons)}); try again, or give it with --from"
    )


def copy(source: Path, target: Path, expected: Expected) -> None:
    """Take a file that a person has, if it is right. Raises `WeightsMissing`."""
    try:
        with open_regular(source) as file, _part_beside(target) as part:
            part.empty()
            while (chunk := file.read(_CHUNK)) and part.size <= expected.most_bytes:
                part.add(chunk)
            found = part.sha256()
            if found != expected.sha256:
                part.empty()
                raise WeightsMissing(
                    f"{source} isn't {target.name}: its SHA-256 is {found[:12]}…, and must be {expected.sha256[:12]}…"
                )
            part.place()
    except FileNotFoundError as error:
        raise WeightsMissing(f"there is no file {source}; check the name") from error
    except (OSError, ValueError) as error:  # a ValueError for names that no system takes
        reason = error.strerror if isinstance(error, OSError) else error
        raise WeightsMissing(f"{source} can't be read ({reason}); check the file") from error


class _Part:
    """A file that isn't whole yet, held open: nobody can put another one, or a link, in its place meanwhile."""

    def __init__(self, path: Path, target: Path, file: FileIO) -> None:
        self._path, self._target, self._file = path, target, file

    @property
    def size(self) -> int:
        """Bytes that are there."""
        return os.fstat(self._file.fileno()).st_size

    def empty(self) -> None:
        """Throw away what is there."""
        self._file.truncate(0)

    def add(self, chunk: bytes) -> None:
        """Add what has come. Raises `WeightsMissing` where it can't be written."""
        rest = memoryview(chunk)
        try:
            self._file.seek(0, os.SEEK_END)
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            raise WeightsMissing(f"can't write {self._path} ({error.strerror}); make room and try again") from error

    def sha256(self) -> str:
        """Of all that is there, as 64 hexadecimal digits."""
        self._file.seek(0)
        return hashlib.file_digest(self._file, "sha256").hexdigest()

    def place(self) -> None:
        """It is whole: let it appear under its name. Raises `WeightsMissing`."""
        self._file.close()  # Windows renames no open file
        try:
            self._path.replace(self._target)
        except OSError as error:
            raise WeightsMissing(f"can't write {self._target} ({error.strerror}); check the folder") from error

    def close(self) -> None:
        """Keep what is there for the next call; an empty file is removed."""
        is_empty = not self._file.closed and not self.size
        self._file.close()
        if is_empty:
            self._path.unlink(missing_ok=True)


@contextlib.contextmanager
def _part_beside(target: Path) -> Iterator[_Part]:
    """What an earlier call has left beside the target, if it is a file of our own, or a new one under a random name.
    The caller holds the target's lock. Raises `WeightsMissing`."""
    try:
        left = next((found for path in left_parts(target) if (found := _ours(path))), None)
        if left is None:
            path = target.with_name(f".{target.name}.{secrets.token_hex(8)}.part")
            left = path, _opened(path, os.O_CREAT | os.O_EXCL)
    except OSError as error:
        raise WeightsMissing(f"can't write beside {target} ({error.strerror}); check the folder") from error
    part = _Part(left[0], target, left[1])
    try:
        yield part
    finally:
        part.close()


def _ours(path: Path) -> tuple[Path, FileIO] | None:
    """The file, opened, if it is one of our own; None for links, pipes, and what belongs to others."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return None
        file = _opened(path)
    except OSError:
        return None
    status = os.fstat(file.fileno())
    is_ours = not hasattr(os, "geteuid") or status.st_uid == os.geteuid()
    if is_ours and stat.S_ISREG(status.st_mode) and status.st_nlink == 1:
        return path, file
    file.close()
    return None


def _opened(path: Path, flags: int = 0) -> FileIO:
    safely = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, os.O_RDWR | safely | flags, 0o600), "r+b", buffering=0)


def _download_from(address: str, part: _Part, expected: Expected, on_progress: OnProgress, patience: Patience) -> None:
    """Make `part` whole and right. Raises `_Refused` or the last try's `_BrokenOff`."""
    for attempt in range(TRIES):
        try:
            _continue(address, part, expected.most_bytes, on_progress, patience.stall)
            if part.sha256() != expected.sha256:
                part.empty()
                raise _BrokenOff("what came is damaged, or another file")
        except _BrokenOff as error:
            if attempt == TRIES - 1:
                raise
            log.info("%s: %s; trying again", address, error)
            time.sleep(patience.pause * 2**attempt)
        else:
            return


def _continue(address: str, part: _Part, most_bytes: int, on_progress: OnProgress, stall: float) -> None:
    """One try: ask for what is missing and add it."""
    if not address.startswith(("http://", "https://")):
        raise _Refused("this is no web address")
    if part.size > most_bytes:
        part.empty()
    have = part.size
    headers = {"User-Agent": f"impasto/{__version__}", **({"Range": f"bytes={have}-"} if have else {})}
    try:
        request = urllib.request.Request(address, headers=headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=stall) as answer:  # noqa: S310
            if answer.status != http.HTTPStatus.PARTIAL_CONTENT:
                part.empty()  # the whole file comes, from its beginning
            _add(answer, part, most_bytes, on_progress)
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
    except (OSError, http.client.HTTPException, ValueError) as error:  # a ValueError for what is no address
        raise _BrokenOff(f"the connection broke, {error}") from error


def _add(answer: http.client.HTTPResponse, part: _Part, most_bytes: int, on_progress: OnProgress) -> None:
    """Write what arrives. Raises `_BrokenOff` when it is less than announced, `_Refused` when it is too much."""
    announced = answer.headers.get("Content-Length", "")
    whole = part.size + int(announced) if re.fullmatch("[0-9]{1,18}", announced) else None
    if whole is not None and whole > most_bytes:
        raise _Refused(f"its file has {whole} bytes, and the right one at most {most_bytes}")
    on_progress(part.size, whole)
    while chunk := answer.read1(_CHUNK):
        if part.size + len(chunk) > most_bytes:
            part.empty()
            raise _Refused(f"more than {most_bytes} bytes came, which the right file has at most")
        part.add(chunk)
        on_progress(part.size, whole)
    if whole is not None and part.size < whole:
        raise _BrokenOff(f"it ended after {part.size} of {whole} bytes")


def make_folder(folder: Path) -> None:
    """Make a folder, unless it exists. Raises `WeightsMissing`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WeightsMissing(f"can't make {folder} ({error.strerror}); check who owns the folders above it") from error
