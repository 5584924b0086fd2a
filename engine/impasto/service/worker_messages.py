"""What a worker sends to the broker, besides the messages of the wire."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MoreDevices:
    """Devices on which other workers like this one can paint at the same time."""

    devices: tuple[str, ...]


@dataclass(frozen=True)
class Leaving:
    """This worker ends because its painter was lost, which is no job's fault: other workers may take over its jobs."""


@dataclass(frozen=True)
class DiskFull:
    """A painting of that many bytes can't be written; the worker will try again in a moment."""

    bytes: int
