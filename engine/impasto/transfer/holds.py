"""What holds a picture while it is optimised, beside the objective: the selection, the frame before, broad strokes.

Each takes an evaluation and gives one that adds its own to the losses and the gradient.
"""

from dataclasses import replace

from torch import Tensor

from .canvas import Canvas
from .optimise import Evaluate, Losses
from .pyramid import add_enlarged, shrunk
from .team import Team

_AFAR = 2
"""How many times farther than the painter whoever judges the broad strokes stands."""
_HOLD = 2000.0
"""What the mean squared distance to the frame before counts."""


def selected(canvas: Canvas, evaluate: Evaluate) -> Evaluate:
    """A pixel that isn't selected is context: it shows the layer, whatever the iterate holds."""
    free = canvas.free
    if free is None:
        return evaluate

    def evaluate_free(picture: Tensor) -> tuple[Losses, Tensor]:
        losses, gradient = evaluate(canvas.content + free * (picture - canvas.content))
        return losses, gradient * free

    return evaluate_free


def held(canvas: Canvas, evaluate: Evaluate) -> Evaluate:
    """What fits of the frame before holds the picture: the squared distance to it (Ruder et al. 2016, eq. 7)."""
    before, trust = canvas.before, canvas.trust
    if before is None or trust is None:
        return evaluate

    def evaluate_held(picture: Tensor) -> tuple[Losses, Tensor]:
        losses, gradient = evaluate(picture)
        difference = trust * (picture - before)
        gradient = gradient + (2 * _HOLD / difference.numel()) * difference
        distance = _HOLD / difference.numel() * (difference * (picture - before)).sum()
        return replace(losses, total=losses.total + distance), gradient

    return evaluate_held


def seen_from_afar(picture: Tensor) -> Tensor:
    """What of a picture its broad strokes are, in half precision: of a large one it is kept all the while."""
    return shrunk(picture, _AFAR).half()


def kept_from_afar(far: Tensor, share: float, team: Team, evaluate: Evaluate) -> Evaluate:
    """Broad strokes hold the picture: `share` times the summed squared distance to them, `far`, of a member's band in a
    team. Finer strokes may be added to them, and not replace them."""

    def evaluate_keeping(picture: Tensor) -> tuple[Losses, Tensor]:
        losses, gradient = evaluate(picture)
        difference = shrunk(picture, _AFAR) - far
        distance = share * _AFAR**2 * difference.square().sum()
        team.add(distance)
        add_enlarged(gradient, difference, 2 * share)
        return replace(losses, total=losses.total + distance), gradient

    return evaluate_keeping
