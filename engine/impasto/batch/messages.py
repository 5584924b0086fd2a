"""The messages between a batch and the processes or machines that paint for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class FrameFiles:
    """The frame before and its painting, each as a file's name and bytes."""

    source: tuple[str, bytes]
    painting: tuple[str, bytes]


@dataclass(frozen=True)
class FileJob:
    """One picture to paint: the bytes and the name of its file, and the suffix of the painting's file."""

    number: int
    name: str
    data: bytes
    suffix: str
    before: FrameFiles | None = None


@dataclass(frozen=True)
class FileProgress:
    """How much of a job is done, 0..1."""

    number: int
    fraction: float


@dataclass(frozen=True)
class FilePainted:
    """The bytes of a painting's file."""

    number: int
    data: bytes


@dataclass(frozen=True)
class FileFailed:
    """The picture can't be painted, and why."""

    number: int
    sentence: str


@dataclass(frozen=True)
class PainterDied:
    """The process or machine that was painting this job has died; another one may paint it."""

    number: int


@dataclass(frozen=True)
class Remark:
    """A sentence for the person: what has happened to a machine that paints."""

    sentence: str


PoolMessage = FileProgress | FilePainted | FileFailed | PainterDied | Remark


class Pool(Protocol):
    """What paints a batch: several processes or machines. It takes only as many jobs as it can paint at once."""

    def has_room(self) -> bool:
        """Has one of them no job?"""

    def give(self, job: FileJob) -> None:
        """Start to paint a picture."""

    def messages(self) -> Iterator[PoolMessage]:
        """Wait for the next messages. Raises `ImpastoError` when none of them can paint any more."""

    def close(self) -> None:
        """End all of them."""
