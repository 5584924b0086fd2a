"""The optimisers, each a generator of steps on the picture's pixels."""

import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from impasto.limited import is_limited

from .pyramid import add_doubled, halved
from .tiles import LARGE_PIXELS


@dataclass(frozen=True)
class Losses:
    """What one evaluation of the objective found, each a single number."""

    total: Tensor
    style: Tensor
    content: Tensor


_LARGE = 3 * LARGE_PIXELS
"""From so many numbers in a picture on, L-BFGS keeps its pairs in bfloat16: at 24 megapixels each pair would take half
a gigabyte, and what they say of the curvature is an estimate anyway."""

Evaluate = Callable[[Tensor], tuple[Losses, Tensor]]
"""From a picture ``(1, 3, H, W)`` to its losses and the gradient of their total, of the same shape."""


class Space:
    """Where the optimiser moves: a picture of `size` numbers, or one process's rows of a picture that several share."""

    def __init__(self, size: int) -> None:
        self.size = size

    def dot(self, one: Tensor, other: Tensor) -> Tensor:
        """The dot product of two whole pictures, of which these are the process's own rows."""
        return torch.dot(one.flatten(), other.flatten())  # keeps no picture of the products in memory

    def seen(self, own: Tensor) -> Tensor:
        """The process's own rows and those around them, up to date."""
        return own

    def own(self, seen: Tensor, cell: int = 1) -> Tensor:
        """The process's own rows of those that are seen, where one row stands for `cell` pixels."""
        return seen


@dataclass(frozen=True)
class Lbfgs:
    """How L-BFGS moves."""

    history: int = 10
    """Pairs of moves and gradient changes that it remembers."""
    first_move: float = 0.02
    """The length of the first step, as root mean square of all channels in 0..1: about 5 of 255 levels."""
    longest_move: float = 0.1
    """The longest step, measured the same way: the curvature of a rough objective is sometimes measured wrongly."""
    octaves: int = 0
    """How many coarser octaves of the gradient are added to a step, so that it makes broad strokes before specks."""
    chroma: float = 1.0
    """What multiplies the colour of a step, beside its lightness: the gradient is mostly lightness."""

    @property
    def reach(self) -> int:
        """A pixel's step depends on so many pixels to each side of it."""
        return 2 * 2**self.octaves if self.octaves else 0

    def kept_pictures(self, steps: int, numbers: int) -> float:
        """How many float32 pictures of that many numbers it keeps in memory while the last step is evaluated."""
        pairs = min(self.history + 1, steps - 1)
        return pairs + 0.5 if numbers >= _LARGE else 2 * pairs


@dataclass(frozen=True)
class Adam:
    """How Adam moves: with the usual decays 0.9 and 0.999, in colours divided by `spread`, as some networks expect."""

    rate: float
    spread: tuple[float, float, float] = (1.0, 1.0, 1.0)
    reach = 0

    def kept_pictures(self, steps: int, numbers: int) -> float:
        """How many float32 pictures it keeps in memory while a step is evaluated."""
        return 2


def optimise(
    picture: Tensor, evaluate: Evaluate, steps: int, optimiser: Lbfgs | Adam, space: Space | None = None
) -> Iterator[Losses]:
    """Improve `picture` in place, one step for each iteration; yields the losses before the step.

    `space` is that of the whole picture, where `picture` is a part of it.
    """
    if isinstance(optimiser, Adam):
        return _adam(picture, evaluate, steps, optimiser)
    return _lbfgs(picture, evaluate, steps, optimiser, space or Space(picture.numel()))


def _adam(picture: Tensor, evaluate: Evaluate, steps: int, how: Adam) -> Iterator[Losses]:
    """Kingma and Ba 2015, algorithm 1, on the picture divided by its spread."""
    spread = torch.tensor(how.spread).view(1, 3, 1, 1).to(picture)
    first, second = torch.zeros_like(picture), torch.zeros_like(picture)
    for step in range(1, steps + 1):
        losses, gradient = evaluate(picture)
        gradient = gradient * spread
        first.lerp_(gradient, 0.1)
        second.lerp_(gradient.square(), 0.001)
        size = (second / (1 - 0.999**step)).sqrt_().add_(1e-8)
        picture -= how.rate / (1 - 0.9**step) * spread * first / size
        yield losses


def _lbfgs(picture: Tensor, evaluate: Evaluate, steps: int, how: Lbfgs, space: Space) -> Iterator[Losses]:
    """Nocedal and Wright 2006, algorithm 7.5, without a line search: the unit step is nearly always good here, and each
    try would cost a whole evaluation. Unlike a library's L-BFGS it scales the first step: unscaled, that step hardly
    moves anything, and a fine scale has only three steps.
    """
    pairs: deque[tuple[Tensor, Tensor, Tensor]] = deque(maxlen=how.history)
    is_short = space.size >= _LARGE and not is_limited(picture.device)  # bfloat16 needs macOS 14
    kept = torch.bfloat16 if is_short else picture.dtype
    last_move = last_gradient = None
    for _ in range(steps):
        losses, gradient = evaluate(picture)
        if last_move is not None and last_gradient is not None:
            _remember(pairs, last_move, last_gradient.neg_().add_(gradient).to(kept), space)
            last_gradient = None
        direction = _direction(gradient, pairs, space, how)
        move = _bounded(direction, how, space, is_first=not pairs)
        picture += move
        last_move, last_gradient = move.to(kept), gradient
        del move, direction, gradient
        yield losses


def _remember(pairs: deque[tuple[Tensor, Tensor, Tensor]], move: Tensor, change: Tensor, space: Space) -> None:
    curvature = space.dot(move.float(), change.float())
    if curvature > 1e-10 * space.dot(change.float(), change.float()):
        pairs.append((move, change, 1 / curvature))


def _direction(gradient: Tensor, pairs: deque[tuple[Tensor, Tensor, Tensor]], space: Space, how: Lbfgs) -> Tensor:
    """The step, from the estimate of the inverse Hessian in the pairs of moves and gradient changes (the two-loop
    recursion). Computed in place: of a large picture, each copy takes hundreds of megabytes."""
    direction = -gradient
    shares = []
    for move, change, inverse in reversed(pairs):
        share = inverse * space.dot(move.float(), direction)
        direction.addcmul_(change.float(), share, value=-1)
        shares.append(share)
    _broaden(direction, how.octaves, space)
    _colour(direction, how.chroma)
    if pairs:
        _, change, inverse = pairs[-1]
        direction /= inverse * _assumed_square(change.float(), how, space)
    for (move, change, inverse), share in zip(pairs, reversed(shares), strict=True):
        direction.addcmul_(move.float(), share - inverse * space.dot(change.float(), direction))
    return direction


def _broaden(direction: Tensor, octaves: int, space: Space) -> None:
    """Add its coarser octaves to a step, in place: the inverse Hessian that L-BFGS assumes where no pair says more.

    Most of a network's gradient is fine noise, and a scale of a few steps ends before later steps can remove what the
    first one put into the picture. Natural pictures have stronger coarse octaves than fine ones, and so should a step
    (Olah et al., "Feature Visualization", 2017, precondition by the frequency). The operator is symmetric, as L-BFGS
    requires: shrinking is the transpose of enlarging, times a factor.
    """
    seen = space.seen(direction) if octaves else direction
    coarse: Tensor | None = None
    for finer in reversed([seen, *_octaves(seen, octaves)]):
        if coarse is not None:
            add_doubled(finer, coarse)
        coarse = finer
    if seen is not direction:
        direction.copy_(space.own(seen))


def _colour(direction: Tensor, chroma: float) -> None:
    """Multiply the colour of a step, in place: the rest of the inverse Hessian that L-BFGS assumes.

    Channels of natural pictures vary together, and so does a network's gradient: unaided, a few steps settle lightness
    and leave colours behind. Olah et al. decorrelate colours for the same reason. Symmetric: a multiple of the
    identity, plus one of the projection onto grey.
    """
    if chroma != 1:
        grey = direction.mean(dim=1, keepdim=True)
        direction.mul_(chroma).add_(grey, alpha=1 - chroma)


def _assumed_square(change: Tensor, how: Lbfgs, space: Space) -> Tensor:
    """The dot product of a picture and what `_broaden` and `_colour` make of it."""
    if how.chroma != 1:
        change = change.clone()
        _colour(change, math.sqrt(how.chroma))  # half of it on each side: both are symmetric, and commute
    square = space.dot(change, change)
    seen = space.seen(change) if how.octaves else change
    for octave, coarse in enumerate(_octaves(seen, how.octaves), start=1):
        own = space.own(coarse, 2**octave)
        square = square + 4**octave * space.dot(own, own)
    return square


def _octaves(picture: Tensor, count: int) -> list[Tensor]:
    """A picture halved again and again."""
    found: list[Tensor] = []
    for _ in range(count):
        picture = halved(picture)
        found.append(picture)
    return found


def _bounded(direction: Tensor, how: Lbfgs, space: Space, is_first: bool) -> Tensor:
    """The step, shortened to the longest allowed. The first step's own length means nothing: it gets the given one."""
    length = torch.sqrt(space.dot(direction, direction) / space.size).clamp_min(1e-12)
    if is_first:
        return direction.mul_(how.first_move / length)
    return direction.mul_(torch.clamp(how.longest_move / length, max=1.0))
