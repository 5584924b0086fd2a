"""Both ends of a picture's way: bands in order, as many as the receiver allows, the digest checked at the end."""

from collections.abc import Callable, Iterator
from hashlib import blake2b

from .bands import BAND, MAX_BAND, WINDOW, Band, pack_band
from .errors import WireError
from .pictures import DIGEST_BYTES, PictureRef


class Incoming:
    """A picture being received; `write` takes its bytes, in order."""

    def __init__(self, ref: PictureRef, write: Callable[[memoryview], object]) -> None:
        self.ref = ref
        self.received = 0
        self._write = write
        self._hash = blake2b(digest_size=DIGEST_BYTES)
        self._taken = 0

    @property
    def is_complete(self) -> bool:
        """Has every byte come?"""
        return self.received == self.ref.size

    def take(self, band: Band) -> int:
        """Take the next band. Returns how many more bands to allow the sender (`Credit`), often 0.

        Raises `WireError` for a band out of order, twice or beyond the end, and for a wrong digest.
        """
        payload = memoryview(band.payload)
        if band.offset != self.received:
            raise WireError(f"a band came at offset {band.offset}; the next one must be at {self.received}")
        if self.received + len(payload) > self.ref.size:
            raise WireError(f"a band goes beyond the {self.ref.size} bytes that were announced")
        self._write(payload)
        self._hash.update(payload)
        self.received += len(payload)
        if self.is_complete and self._hash.hexdigest() != self.ref.digest:
            raise WireError("a picture's bytes don't match its digest; send it again")
        return self._renew()

    def _renew(self) -> int:
        self._taken += 1
        if self.is_complete or self._taken < WINDOW // 2:
            return 0
        granted, self._taken = self._taken, 0
        return granted


class Outgoing:
    """A picture being sent; `read(offset, length)` gives its bytes."""

    MOST_CREDIT = 32
    """Bands that a receiver can have allowed at one time; more is not remembered."""

    def __init__(self, job: str, ref: PictureRef, read: Callable[[int, int], bytes | memoryview]) -> None:
        self.job = job
        self.ref = ref
        self.sent = 0
        self._read = read
        self._credit = 0

    @property
    def is_begun(self) -> bool:
        """Did the receiver ask for it?"""
        return self.sent > 0 or self._credit > 0

    @property
    def is_done(self) -> bool:
        """Was everything sent?"""
        return self.sent == self.ref.size

    def allow(self, bands: int) -> None:
        """Take the receiver's credit. Raises `WireError` when it isn't positive."""
        if bands < 1:
            raise WireError(f"a Credit allows {bands} bands; it must be at least 1")
        self._credit = min(self._credit + bands, self.MOST_CREDIT)

    def frames(self) -> Iterator[bytes]:
        """The bands that may be sent now."""
        while self._credit and not self.is_done:
            payload = self._read(self.sent, min(BAND, MAX_BAND, self.ref.size - self.sent))
            frame = pack_band(Band(self.job, self.ref.digest, self.sent, payload))
            self.sent += len(payload)
            self._credit -= 1
            yield frame


def collect(ref: PictureRef) -> tuple[Incoming, list[memoryview]]:
    """A picture being received into memory, and its parts, to be joined in the end: so it is copied once only."""
    parts: list[memoryview] = []
    return Incoming(ref, parts.append), parts


def outgoing_of(job: str, ref: PictureRef, data: bytes | bytearray | memoryview) -> Outgoing:
    """A picture being sent from memory."""
    view = memoryview(data)
    return Outgoing(job, ref, lambda offset, length: view[offset : offset + length])
