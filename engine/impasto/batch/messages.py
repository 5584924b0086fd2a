"""What a batch and its painters say to each other."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class FrameFiles:
    """The frame before and its painting, each as a file's name and bytes."""

    source: tuple[str, bytes]
    painting: tuple[str, bytes]


@dataclass(frozen=True)
class Job:
    """One picture to paint: the bytes of its file and that file's name, and what the painting's file ends in."""

    number: int
    name: str
    data: bytes
    suffix: str
    before: FrameFiles | None = None


@dataclass(frozen=True)
class Progress:
    """How far a job is, 0..1."""

    number: int
    fraction: float


@dataclass(frozen=True)
class Painted:
    """The bytes of a painting's file."""

    number: int
    data: bytes


@dataclass(frozen=True)
class Failed:
    """The picture can't be painted, and why."""

    number: int
    sentence: str


@dataclass(frozen=True)
class Lost:
    """Whoever painted it has gone; somebody else may."""

    number: int


@dataclass(frozen=True)
class Remark:
    """What a person should know of those who paint."""

    sentence: str


News = Progress | Painted | Failed | Lost | Remark


class Pool(Protocol):
    """The painters of a batch. It takes only as many jobs as keep all of them busy."""

    def has_room(self) -> bool:
        """Would somebody else have nothing to do?"""

    def give(self, job: Job) -> None:
        """Have a picture painted."""

    def news(self) -> Iterator[News]:
        """Wait until something is known, and tell it. Raises `ImpastoError` when nobody is left who could paint."""

    def close(self) -> None:
        """Let everybody go."""
