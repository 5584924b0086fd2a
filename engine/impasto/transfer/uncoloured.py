"""A painting before it is given the layer's own colours: another share of them then needs no painting."""

from typing import Protocol

from torch import Tensor


class Uncoloured(Protocol):
    """Where one painting is kept in the styles' own colours."""

    def known(self) -> Tensor | None:
        """The painting ``(1, 3, H, W)`` in 0..1, if it has been painted before."""

    def keep(self, picture: Tensor) -> None:
        """Keep it, perhaps: it has taken every step."""


class Forgotten:
    """Keeps nothing."""

    def known(self) -> Tensor | None:
        return None

    def keep(self, picture: Tensor) -> None:
        pass


FORGOTTEN = Forgotten()
