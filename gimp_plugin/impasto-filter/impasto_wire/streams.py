"""Frames over a pipe: a little-endian length of four bytes, then the frame."""

import os
import struct
from typing import BinaryIO, Protocol

from .bands import MAX_MESSAGE
from .errors import WireError

_LENGTH = struct.Struct("<I")


class Readable(Protocol):
    """A blocking byte stream."""

    def read(self, size: int, /) -> bytes | None: ...


class Writable(Protocol):
    """A blocking byte sink."""

    def write(self, data: bytes, /) -> object: ...
    def flush(self) -> object: ...


def write_frame(stream: Writable, frame: bytes) -> None:
    """Send one frame at once."""
    stream.write(b"".join((_LENGTH.pack(len(frame)), frame)))
    stream.flush()


def read_frame(stream: Readable) -> bytes | None:
    """The next frame; None at the stream's end. Raises `WireError` when it is too long or cut off."""
    head = _read(stream, _LENGTH.size)
    if not head:
        return None
    if len(head) < _LENGTH.size:
        raise WireError("a frame is cut off")
    (length,) = _LENGTH.unpack(head)
    if length > MAX_MESSAGE:
        raise WireError(f"a frame is {length} bytes long; at most {MAX_MESSAGE} are allowed")
    frame = _read(stream, length)
    if len(frame) < length:
        raise WireError("a frame is cut off")
    return frame


def own_stdout() -> BinaryIO:
    """Standard output, for frames alone: from now on, everything else that is printed goes to standard error."""
    stream = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return stream


def own_stdin() -> BinaryIO:
    """Standard input, for frames alone: from now on, whoever else looks at it sees that it is empty.

    Without this a library that looks at it while it is loaded, as some do on Windows, waits for the thread that reads.
    """
    stream = os.fdopen(os.dup(0), "rb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return stream


def _read(stream: Readable, size: int) -> bytes:
    data = stream.read(size) or b""
    if data and len(data) < size:
        data += _read(stream, size - len(data))
    return data
