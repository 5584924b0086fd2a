"""What a long painting is gone on from after its process died: the picture as its last finished scale left it."""

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor


@dataclass(frozen=True)
class Checkpoint:
    """A painting between two scales."""

    scale: int
    """The finest scale that is finished; 1 is the coarsest."""
    picture: Tensor
    """``(1, 3, H, W)`` float32: what that scale painted."""
    side: int
    """That of the tiles, in pixels."""


class Checkpoints(Protocol):
    """Where the checkpoint of one painting is kept."""

    def is_there(self) -> bool:
        """Is there one, as far as can be seen without reading it?"""

    def last(self) -> Checkpoint | None:
        """The checkpoint of an earlier try to paint the same."""

    def keep(self, checkpoint: Checkpoint, seconds: float) -> None:
        """Keep it in place of the one before, if the painting is worth it: it takes so many seconds in all."""

    def forget(self) -> None:
        """The painting is finished: nothing will go on from here."""


class NotKept:
    """Keeps nothing."""

    def is_there(self) -> bool:
        return False

    def last(self) -> Checkpoint | None:
        return None

    def keep(self, checkpoint: Checkpoint, seconds: float) -> None:
        pass

    def forget(self) -> None:
        pass


NOT_KEPT = NotKept()
