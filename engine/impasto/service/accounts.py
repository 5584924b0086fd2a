"""What each client has of the engine, by its key, and how much it may have: one place where limits are checked.

A person's dialogs and GIMPs share a key, and so an account: sessions come and go, the account stays.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from impasto_wire.errors import LimitReached, SettingError
from impasto_wire.messages import ClientUse
from impasto_wire.pictures import PictureRef

Counted = Literal["sessions", "jobs", "stored", "unread"]
GIB = 1 << 30
_UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": GIB}
_BYTES = ("stored", "unread")
"""What is counted in bytes."""


def _limit(default: int, most: int, sentence: str) -> Any:
    """One limit: its default, the most that it can be set to, and what a client is told that has reached it."""
    return field(default=default, metadata={"most": most, "sentence": sentence})


@dataclass(frozen=True)
class Limits:
    """How much one client may have at a time. The defaults are for another machine's filter (`impasto pair`)."""

    sessions: int = _limit(16, 64, "{has} sessions are open and at most {most} may be; close a GIMP or a dialog")
    jobs: int = _limit(256, 4096, "{has} jobs wait or aren't fetched and at most {most} may; try again when some are")
    stored: int = _limit(
        2 * GIB,
        64 * GIB,
        "the jobs' pictures would take {has} and at most {most} may be kept; wait for a job or paint a smaller copy",
    )
    unread: int = _limit(
        1 * GIB,
        64 * GIB,
        "the jobs' results would take {has} and at most {most} may be kept; wait for a job or paint a smaller copy",
    )

    @classmethod
    def parse(cls, given: list[str]) -> dict[str, int]:
        """The limits in `NAME=VALUE`, such as ``sessions=8`` or ``stored=2GiB``. Raises `SettingError`."""
        return dict(_parsed(text) for text in given)

    def changed(self, values: dict[str, int]) -> "Limits":
        """With other values for some of the limits; names that this version doesn't know are left out."""
        known = {limit.name for limit in fields(self)}
        return replace(self, **{name: value for name, value in values.items() if name in known})

    def __str__(self) -> str:
        return ", ".join(f"{limit.name} {amount_text(limit.name, getattr(self, limit.name))}" for limit in fields(self))


OWN = Limits(sessions=24, jobs=1024, stored=6 * GIB, unread=4 * GIB)
"""For this machine's own key: one key is what all of a person's dialogs, batches and GIMPs share. Most of the store, so
that one person alone is hardly ever stopped, and a rest of it for the others."""


def _parsed(text: str) -> tuple[str, int]:
    table = {limit.name: limit.metadata["most"] for limit in fields(Limits)}
    name, _, value = text.partition("=")
    if name not in table:
        raise SettingError(f"limit is {text!r}; it must be one of {', '.join(f'{name}=…' for name in table)}")
    number = value.rstrip("BKMGi")
    unit = value[len(number) :]
    units, example = (_UNITS, "2GiB") if name in _BYTES else ({}, "8")
    if not number.isascii() or not number.isdecimal() or unit not in ("", *units):
        raise SettingError(f"the limit {name} is {value!r}; it must be a whole number, such as {name}={example}")
    limit = int(number[:20]) * _UNITS.get(unit, 1)
    if not 1 <= limit <= table[name]:
        raise SettingError(f"the limit {name} is {value}; it must lie in 1..{amount_text(name, table[name])}")
    return name, limit


def amount_text(name: str, amount: int) -> str:
    """An amount as a person reads it: bytes in MiB or GiB, everything else as a number."""
    if name not in _BYTES:
        return str(amount)
    unit = next((unit for unit in ("GiB", "MiB", "KiB") if amount >= _UNITS[unit]), "B")
    return f"{amount / _UNITS[unit]:.4g} {unit}"


MESSAGE_RATE, MESSAGE_BURST = 4 << 20, 8 << 20
"""Bytes of messages that a client may send in a second in the long run, and at once. A batch of 1,000 jobs takes some
4 MiB, previews while a slider moves some 100 KiB a second."""
MESSAGE_BYTES = 1 << 10
"""What each message counts for besides its length. A band that the engine has given credit for counts for no more."""


@dataclass(eq=False)
class Allowance:
    """How many bytes of messages a client may still send: it grows by `MESSAGE_RATE`, up to `MESSAGE_BURST`."""

    _left: float = MESSAGE_BURST
    _at: float = 0.0

    def take(self, size: int, now: float) -> bool:
        """Count that many bytes, at a time in seconds; False, and nothing is counted, if there aren't so many left."""
        self._left = min(MESSAGE_BURST, self._left + (now - self._at) * MESSAGE_RATE)
        self._at = now
        if self._left < size + MESSAGE_BYTES:
            return False
        self._left -= size + MESSAGE_BYTES
        return True


@dataclass(eq=False)
class Account:
    """One client's account, found by its public key."""

    key: str
    name: str
    limits: Limits
    used: Counter[Counted] = field(default_factory=Counter)
    faults: int = 0
    """Faults of the engine's own that ended one of its sessions."""
    allowance: Allowance = field(default_factory=Allowance)
    _pins: Counter[PictureRef] = field(default_factory=Counter)
    """How many of its jobs need a picture: one that several need is stored once."""

    def take_session(self) -> None:
        """Count a session. Raises `LimitReached`."""
        self._require("sessions", 1)
        self.used["sessions"] += 1

    def take_job(self, pictures: Collection[PictureRef], result_bytes: int) -> None:
        """Count a job with its pictures and its result. Raises `LimitReached`, and then counts nothing."""
        self._require("jobs", 1)
        self._require("stored", sum(ref.size for ref in pictures if ref not in self._pins))
        self._require("unread", result_bytes)
        self.used["jobs"] += 1
        self.used["unread"] += result_bytes
        for ref in pictures:
            self._pins[ref] += 1
            if self._pins[ref] == 1:
                self.used["stored"] += ref.size

    def end_session(self) -> None:
        """One session less."""
        self.used["sessions"] -= 1

    def end_job(self, pictures: Collection[PictureRef], result_bytes: int) -> None:
        """One job less, with what `take_job` counted for it."""
        self.used["jobs"] -= 1
        self.used["unread"] -= result_bytes
        for ref in pictures:
            self._pins[ref] -= 1
            if not self._pins[ref]:
                del self._pins[ref]
                self.used["stored"] -= ref.size

    def _require(self, what: Counted, more: int) -> None:
        most, has = getattr(self.limits, what), self.used[what]
        if has + more > most:
            sentence = next(limit.metadata["sentence"] for limit in fields(Limits) if limit.name == what)
            has = has + more if what in _BYTES else has
            raise LimitReached(sentence.format(has=amount_text(what, has), most=amount_text(what, most)))

    def use(self, painting_seconds: float) -> ClientUse:
        """What it has now, and for how long workers have painted for it since the engine started."""
        used, seconds = self.used, round(painting_seconds, 1)
        return ClientUse(self.name, used["sessions"], used["jobs"], used["stored"], used["unread"], seconds)


class Accounts:
    """The accounts of all clients that have come since the engine started."""

    def __init__(self, terms_of: Callable[[str], tuple[str, Limits]]) -> None:
        """`terms_of` gives the name and the limits of the client with a public key."""
        self._terms_of = terms_of
        self._accounts: dict[str, Account] = {}

    def of(self, key: str) -> Account:
        """The account of a key, with the limits that it has now."""
        name, limits = self._terms_of(key)
        account = self._accounts.setdefault(key, Account(key, name, limits))
        account.name, account.limits = name, limits
        return account

    @property
    def faults(self) -> int:
        """How many faults of the engine's own have ended sessions."""
        return sum(account.faults for account in self._accounts.values())

    def __iter__(self) -> Iterator[Account]:
        return iter(self._accounts.values())
