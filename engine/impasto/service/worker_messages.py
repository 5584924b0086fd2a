"""What a worker tells the broker beside the wire's own messages."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MoreDevices:
    """Where workers like this one can paint at the same time."""

    devices: tuple[str, ...]


@dataclass(frozen=True)
class Leaving:
    """This worker ends, for its painter was lost by no fault of a job: others may paint what it has in hand."""
