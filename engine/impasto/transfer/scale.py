"""One scale of a painting's pyramid: everything that is fixed before its first step."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from .areas import Area, Size
from .canvas import Canvas
from .looks import Look, LookColours
from .recipes import Recipe
from .seamless import Wrap
from .team import Portion


@dataclass(frozen=True)
class Scale:
    """One scale, and the layer at its size."""

    number: int
    """1 is the coarsest."""
    size: Size
    """Of the whole picture, in pixels."""
    area: Area
    """What of the picture is painted."""
    view: Area
    """What of the area is asked for, counted from the area's corner."""
    steps: int
    recipe: Recipe
    """With the layers of the network that it uses at this size."""
    canvas: Canvas
    """The layer in the area."""
    looks: Sequence[Look]
    """What its parts are painted in, a look for each of the canvas's shares."""
    palette: LookColours
    """What gives the layer the styles' colours."""
    portion: Portion
    """What this process paints of the area."""
    wrap: Wrap | None = None
    """Which of its edges meet; only where all of the picture is painted."""

    def in_palette(self, share: float) -> Tensor:
        """The layer in its own colours (share 0) to those that its looks ask for (1)."""
        return self.palette.on(self.canvas, share)
