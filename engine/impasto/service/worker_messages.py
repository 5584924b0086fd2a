"""What worker and broker tell each other, besides the messages of the wire."""

from dataclasses import dataclass

# To a worker


@dataclass(frozen=True)
class Turn:
    """Go on with this task, after the step that is being taken; the other tasks wait until it is their turn."""

    job: str


# From a worker


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


@dataclass(frozen=True)
class TurnTaken:
    """It is this task's turn from now on."""

    job: str


@dataclass(frozen=True)
class NoRoom:
    """This task wasn't begun: there is no memory for it beside those that were."""

    job: str


@dataclass(frozen=True)
class Waiting:
    """Everything is done: nothing more will be heard until a message comes."""


ToWorker = Turn
FromWorker = MoreDevices | Leaving | TurnTaken | NoRoom | Waiting | DiskFull
