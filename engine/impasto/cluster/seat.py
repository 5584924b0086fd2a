"""What a worker of the service is told in a device's stead, where it paints on a cluster."""

from dataclasses import dataclass

from .machines import Share

PAINTER = "impasto.cluster.remote_painter:open_painter"
"""What opens a painter for a seat."""


@dataclass(frozen=True)
class Seat:
    """The how-manieth of a cluster's workers it speaks for, and what paints there."""

    address: str
    share: Share
    painter: str
    number: int = 0

    def __str__(self) -> str:
        kind = "gpu" if self.share.wants_gpu else "cpu"
        return f"{self.address} {kind} {self.share.cpus or 'all'} {self.painter} {self.number}"


def seat_from(text: str) -> Seat:
    """The seat that has that text."""
    address, kind, cpus, painter, number = text.split()
    return Seat(address, Share(None if cpus == "all" else int(cpus), kind == "gpu"), painter, int(number))
