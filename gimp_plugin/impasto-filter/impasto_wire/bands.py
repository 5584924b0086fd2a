"""Pictures in flight: single-frame messages of at most 1 MiB, so that no queue ever holds a whole picture."""

import struct
from dataclasses import dataclass

from .errors import WireError
from .pictures import DIGEST_BYTES

MAX_BAND = 1 << 20
"""Most payload bytes of one band."""
BAND = 1 << 19
"""Payload bytes that we send in one band: between 256 KiB and 1 MiB the throughput is the same."""
WINDOW = 8
"""Bands that a receiver allows to be under way: 4 MiB, so that a `Ping` behind them waits some milliseconds only."""
MAX_MESSAGE = 2 << 20
"""ZeroMQ's MAXMSGSIZE on every socket."""

MARK = b"\x01"
_HEADER = struct.Struct(f"<c16s{DIGEST_BYTES}sQ")


@dataclass(frozen=True)
class Band:
    """One stretch of a picture's bytes."""

    job: str
    digest: str
    offset: int
    payload: bytes | memoryview


def pack_band(band: Band) -> bytes:
    """A band as one frame: mark, job, digest, little-endian offset, payload."""
    header = _HEADER.pack(MARK, bytes.fromhex(band.job), bytes.fromhex(band.digest), band.offset)
    return b"".join((header, band.payload))


def unpack_band(frame: bytes | memoryview) -> Band:
    """The band in a frame; its payload is a view, not a copy. Raises `WireError`."""
    if not _HEADER.size < len(frame) <= _HEADER.size + MAX_BAND:
        raise WireError(f"a band is {len(frame)} bytes long; it must be {_HEADER.size + 1}..{_HEADER.size + MAX_BAND}")
    mark, job, digest, offset = _HEADER.unpack_from(frame)
    if mark != MARK:
        raise WireError("a frame is neither a message nor a band")
    return Band(job.hex(), digest.hex(), offset, memoryview(frame)[_HEADER.size :])
