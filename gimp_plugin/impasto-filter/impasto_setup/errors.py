"""What can go wrong while the engine is set up.

SetUpError              one sentence for the person: what went wrong and what to do next
├── Unsuitable          this machine can't, or something is missing; nothing was begun
├── NetworkError        nothing came, or not all of it; what has come is kept
│   ├── NoNetwork       the server can't be reached
│   ├── Stalled         it fell silent
│   ├── CutShort        it hung up before the end
│   └── Refused         it answered, but not with the file
├── WrongBytes          what came isn't what was expected
├── DiskFull            there is no room
├── Barred              the system, or a program that guards it, didn't allow it
├── ProgramFailed              a program that was started ended badly
└── SetUpCancelled      the person didn't want it any more
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VIRUS = (225, 226)
"""Windows' numbers for a file that its virus scanner took away."""
HELD = (32, 33)
"""Windows' numbers for a file that another program holds."""
FIREWALL = 10013
"""Windows' number for a connection that a firewall has barred."""


def N_(text: str) -> str:  # noqa: N802
    """The text as it is; marks it as one that is translated later, when it is shown."""
    return text


NOT_THERE = N_("{server} has no {file}; get a newer filter, or choose another build")
HAS_FAILED = N_("{program} has failed ({reason}); Copy Report has the details, and Set Up tries again")
INCOMPLETE = N_(
    "this filter is incomplete ({name} is missing); unzip impasto-filter-….zip again, whole, "
    "or run: python3 install/install.py"
)


class SetUpError(Exception):
    """One sentence: `text` is what is translated, with places for `values`."""

    def __init__(self, text: str, **values: object) -> None:
        self.text, self.values = text, values
        super().__init__(text.format(**values))


class Unsuitable(SetUpError):
    """This machine can't, or something is missing; nothing was begun."""


class NetworkError(SetUpError):
    """Nothing came, or not all of it; what has come is kept."""


class NoNetwork(NetworkError):
    """The server can't be reached."""


class Stalled(NetworkError):
    """It fell silent."""


class CutShort(NetworkError):
    """It hung up before the end."""


class Refused(NetworkError):
    """It answered, but not with the file."""


class WrongBytes(SetUpError):
    """What came isn't what was expected."""


class DiskFull(SetUpError):
    """There is no room."""


class Barred(SetUpError):
    """The system, or a program that guards it, didn't allow it."""


class ProgramFailed(SetUpError):
    """A program that was started ended badly."""


class SetUpCancelled(SetUpError):
    """The person didn't want it any more."""

    def __init__(self) -> None:
        super().__init__(N_("the set-up was cancelled; Set Up goes on from there"))


def stopped_by_scanner(file: str, folder: Path) -> Barred:
    """A virus scanner was faster."""
    return Barred(
        N_(
            "a virus scanner has stopped {file}; allow the folder {folder} in it, or ask whoever looks after this "
            "computer, and press Set Up again"
        ),
        file=file,
        folder=folder,
    )


def held_by_another(folder: Path) -> Barred:
    """Another program has a file open that is to be replaced; on Windows that is mostly a scanner at its work."""
    return Barred(
        N_(
            "another program, often a virus scanner, holds a file in {folder}; wait a minute and press Set Up again, "
            "it goes on"
        ),
        folder=folder,
    )


def barred_by_firewall(server: str) -> NoNetwork:
    """A firewall lets this program, or the ones that it starts, not out."""
    return NoNetwork(
        N_("a firewall has barred the way to {server}; allow GIMP in it, and press Set Up again"), server=server
    )


def unreachable(server: str, reason: str) -> NoNetwork:
    """There is no way to a server now."""
    return NoNetwork(
        N_("{server} can't be reached ({reason}); check the network and the proxy, and press Set Up again"),
        server=server,
        reason=reason,
    )


@contextmanager
def in_sentences(place: Path) -> Iterator[None]:
    """Errors of the system while something is written to, or started at, a place become sentences."""
    try:
        yield
    except OSError as error:
        raise os_sentence(error, place) from error


def os_sentence(error: OSError, place: Path) -> SetUpError:
    """What an error of the system means for the person."""
    where = str(error.filename or place)
    windows = getattr(error, "winerror", None)
    if windows in VIRUS:
        return stopped_by_scanner(Path(where).name, place if place.suffix == "" else place.parent)
    if windows in HELD:
        return held_by_another(place if place.suffix == "" else place.parent)
    if error.errno in (errno.ENOSPC, errno.EDQUOT) or windows in (39, 112):
        return DiskFull(N_("the disk is full at {place}; make room and press Set Up again, it goes on"), place=where)
    if error.errno == errno.EROFS or isinstance(error, PermissionError):
        return Barred(
            N_("{place} can't be written or started; check who may use that folder, and press Set Up again"),
            place=where,
        )
    if isinstance(error, FileNotFoundError):
        return Barred(
            N_("{place} is missing; a virus scanner may have taken it away: look there, and press Set Up again"),
            place=where,
        )
    return ProgramFailed(N_("{place}: {reason}; mend that, and press Set Up again"), place=where, reason=error.strerror)
