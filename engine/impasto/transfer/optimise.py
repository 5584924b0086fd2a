"""The optimisers, each a generator of steps on the picture's pixels."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from .pyramid import add_doubled, halved
from .tiles import LARGE_PIXELS


@dataclass(frozen=True)
class Losses:
    """One evaluation of the objective."""

    total: Tensor
    style: Tensor
    content: Tensor


_LARGE = 3 * LARGE_PIXELS
"""Numbers in a picture, from which on the pairs of L-BFGS are kept in bfloat16: at 24 megapixels they are half a
gigabyte each otherwise, and what they tell is an estimate anyway."""

Evaluate = Callable[[Tensor], tuple[Losses, Tensor]]


class Space:
    """Where the optimiser moves: a picture of so many numbers. Of one that several share, each moves in some rows."""

    def __init__(self, size: int) -> None:
        self.size = size

    def dot(self, one: Tensor, other: Tensor) -> Tensor:
        """The dot product of two whole pictures, of which these are one's own rows."""
        return torch.dot(one.flatten(), other.flatten())  # without another picture in memory for the products

    def seen(self, own: Tensor) -> Tensor:
        """One's own rows and those around them, up to date."""
        return own

    def own(self, seen: Tensor, cell: int = 1) -> Tensor:
        """One's own of the rows that are seen, a row of which stands for `cell` pixels."""
        return seen


@dataclass(frozen=True)
class Lbfgs:
    """How L-BFGS moves."""

    history: int = 10
    """Pairs of moves and gradient changes that it remembers."""
    first_move: float = 0.02
    """How far the first step goes, root mean square over the channels in 0..1: about 5 of 255 levels."""
    longest_move: float = 0.1
    """How far any step may go, the same way: curvature measured on a rough objective is sometimes wrong."""
    octaves: int = 0
    """Coarser octaves of the gradient, each counting as much as its pixels, that a step follows too: broad strokes
    before specks. 0: the pixels alone."""

    @property
    def reach(self) -> int:
        """Pixels around a pixel that its step depends on."""
        return 2 * 2**self.octaves if self.octaves else 0

    def kept_pictures(self, steps: int, numbers: int) -> float:
        """How many pictures' worth of numbers, of so many each, it keeps while the last step is evaluated."""
        pairs = min(self.history + 1, steps - 1)
        return pairs + 0.5 if numbers >= _LARGE else 2 * pairs


@dataclass(frozen=True)
class Adam:
    """How Adam moves: with the usual decays, in colours divided by `spread`, as some networks take them."""

    rate: float
    spread: tuple[float, float, float] = (1.0, 1.0, 1.0)
    reach = 0

    def kept_pictures(self, steps: int, numbers: int) -> float:
        """How many pictures' worth of numbers it keeps while a step is evaluated."""
        return 2


def optimise(
    picture: Tensor, evaluate: Evaluate, steps: int, optimiser: Lbfgs | Adam, space: Space | None = None
) -> Iterator[Losses]:
    """Improve `picture` in place, one step an iteration; yields the losses that each step started from.

    `space` is that of the whole picture, where `picture` is a part of it.
    """
    if isinstance(optimiser, Adam):
        return _adam(picture, evaluate, steps, optimiser)
    return _lbfgs(picture, evaluate, steps, optimiser, space or Space(picture.numel()))


def _adam(picture: Tensor, evaluate: Evaluate, steps: int, how: Adam) -> Iterator[Losses]:
    """Kingma and Ba 2015, algorithm 1, on the picture divided by its spread."""
    spread = torch.tensor(how.spread, device=picture.device).view(1, 3, 1, 1)
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
    """Nocedal and Wright 2006, algorithm 7.5, without a line search: here the unit step is nearly always taken, and
    each try would cost a whole evaluation. What a library's L-BFGS lacks is the first step: unscaled, it moves nothing,
    and a fine scale of three steps can't afford that.
    """
    pairs: deque[tuple[Tensor, Tensor, Tensor]] = deque(maxlen=how.history)
    kept = torch.bfloat16 if space.size >= _LARGE else picture.dtype
    last_move = last_gradient = None
    for _ in range(steps):
        losses, gradient = evaluate(picture)
        if last_move is not None and last_gradient is not None:
            _remember(pairs, last_move, last_gradient.neg_().add_(gradient).to(kept), space)
            last_gradient = None
        direction = _direction(gradient, pairs, space, how.octaves)
        move = _bounded(direction, how, space, is_first=not pairs)
        picture += move
        last_move, last_gradient = move.to(kept), gradient
        del move, direction, gradient
        yield losses


def _remember(pairs: deque[tuple[Tensor, Tensor, Tensor]], move: Tensor, change: Tensor, space: Space) -> None:
    curvature = space.dot(move.float(), change.float())
    if curvature > 1e-10 * space.dot(change.float(), change.float()):
        pairs.append((move, change, 1 / curvature))


def _direction(gradient: Tensor, pairs: deque[tuple[Tensor, Tensor, Tensor]], space: Space, octaves: int) -> Tensor:
    """The step from the inverse Hessian that the pairs of moves and gradient changes tell (the two-loop recursion). In
    place: of a large picture, each copy is hundreds of megabytes."""
    direction = -gradient
    shares = []
    for move, change, inverse in reversed(pairs):
        share = inverse * space.dot(move.float(), direction)
        direction.addcmul_(change.float(), share, value=-1)
        shares.append(share)
    _broaden(direction, octaves, space)
    if pairs:
        _, change, inverse = pairs[-1]
        direction /= inverse * _broad_square(change.float(), octaves, space)
    for (move, change, inverse), share in zip(pairs, reversed(shares), strict=True):
        direction.addcmul_(move.float(), share - inverse * space.dot(change.float(), direction))
    return direction


def _broaden(direction: Tensor, octaves: int, space: Space) -> None:
    """Add its coarser octaves to a step, in place: the inverse Hessian that is assumed where no pair tells it.

    Most of a network's gradient is fine noise, and a scale of a few steps ends before later ones have mended what the
    first put into the picture. Natural pictures hold more the coarser it is, and so should a step (Olah et al.,
    "Feature Visualization", 2017, precondition by the frequency). A symmetric operator, as L-BFGS asks: shrinking is
    enlarging's transpose, but for a factor.
    """
    seen = space.seen(direction) if octaves else direction
    coarse: Tensor | None = None
    for finer in reversed([seen, *_octaves(seen, octaves)]):
        if coarse is not None:
            add_doubled(finer, coarse)
        coarse = finer
    if seen is not direction:
        direction.copy_(space.own(seen))


def _broad_square(change: Tensor, octaves: int, space: Space) -> Tensor:
    """The dot product of a picture and the same broadened."""
    square = space.dot(change, change)
    seen = space.seen(change) if octaves else change
    for octave, coarse in enumerate(_octaves(seen, octaves), start=1):
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
    """The step no longer than it may be; the first, whose length tells nothing, exactly as long as it shall be."""
    length = torch.sqrt(space.dot(direction, direction) / space.size).clamp_min(1e-12)
    if is_first:
        return direction.mul_(how.first_move / length)
    return direction.mul_(torch.clamp(how.longest_move / length, max=1.0))
