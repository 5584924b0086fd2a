"""L-BFGS on the picture's pixels, one step at a time."""

from collections import deque
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from .objective import Losses

Evaluate = Callable[[Tensor], tuple[Losses, Tensor]]

FIRST_MOVE = 0.02
"""How far the first step goes, root mean square over the channels in 0..1: about 5 of 255 levels."""
LONGEST_MOVE = 0.1
"""How far any step may go, the same way: curvature measured on a rough objective is sometimes wrong."""


def optimise(picture: Tensor, evaluate: Evaluate, steps: int, history: int) -> Iterator[Losses]:
    """Improve `picture` in place, one L-BFGS step an iteration; yields the losses that each step started from.

    Nocedal and Wright 2006, algorithm 7.5, without a line search: here the unit step is nearly always taken, and each
    try would cost a whole evaluation. What a library's L-BFGS lacks is the first step: unscaled, it moves nothing, and
    a fine scale of three steps can't afford that.
    """
    pairs: deque[tuple[Tensor, Tensor, Tensor]] = deque(maxlen=history)
    last_move = last_gradient = None
    for _ in range(steps):
        losses, gradient = evaluate(picture)
        if last_move is not None and last_gradient is not None:
            _remember(pairs, last_move, gradient - last_gradient)
        last_move, last_gradient = _move(gradient, pairs), gradient
        picture += last_move
        yield losses


def _remember(pairs: deque[tuple[Tensor, Tensor, Tensor]], move: Tensor, change: Tensor) -> None:
    curvature = (move * change).sum()
    if curvature > 1e-10 * change.square().sum():
        pairs.append((move, change, 1 / curvature))


def _move(gradient: Tensor, pairs: deque[tuple[Tensor, Tensor, Tensor]]) -> Tensor:
    """The step from the inverse Hessian that the pairs of moves and gradient changes tell (the two-loop recursion)."""
    direction = -gradient
    shares = []
    for move, change, inverse in reversed(pairs):
        share = inverse * (move * direction).sum()
        direction = direction - share * change
        shares.append(share)
    if pairs:
        _, change, inverse = pairs[-1]
        direction = direction / (inverse * change.square().sum())
    for (move, change, inverse), share in zip(pairs, reversed(shares), strict=True):
        direction = direction + move * (share - inverse * (change * direction).sum())
    length = direction.square().mean().sqrt().clamp_min(1e-12)
    allowed = LONGEST_MOVE if pairs else FIRST_MOVE
    return direction * (torch.clamp(allowed / length, max=1.0) if pairs else allowed / length)
