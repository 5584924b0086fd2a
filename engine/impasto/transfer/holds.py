"""What holds a picture while it is optimised, beside the objective: the selection, the frame before, broad strokes.

Each function takes an evaluation and returns one that adds its own part to the losses and the gradient. Where several
processes share a picture, the evaluations get the rows that a process sees, and each counts its own rows of them.
"""

from dataclasses import replace

import torch
from torch import Tensor

from .canvas import Canvas
from .optimise import Evaluate, Losses, Space
from .pyramid import add_doubled, halved

_HOLD = 2000.0
"""What multiplies the mean squared distance to the frame before."""


def selected(canvas: Canvas, evaluate: Evaluate) -> Evaluate:
    """The evaluation with the layer itself in every pixel that isn't selected, whatever the iterate holds there."""
    free = canvas.free
    if free is None:
        return evaluate

    def evaluate_free(picture: Tensor) -> tuple[Losses, Tensor]:
        losses, gradient = evaluate(canvas.content + free * (picture - canvas.content))
        return losses, gradient * free

    return evaluate_free


def held(canvas: Canvas, space: Space, evaluate: Evaluate) -> Evaluate:
    """The evaluation with the squared distance to the frame before, as far as that is trusted (Ruder et al. 2016,
    eq. 7)."""
    before, trust = canvas.before, canvas.trust
    if before is None or trust is None:
        return evaluate

    def evaluate_held(picture: Tensor) -> tuple[Losses, Tensor]:
        losses, gradient = evaluate(picture)
        difference = space.own(picture - before)
        trusted = space.own(trust) * difference
        space.own(gradient).add_((2 * _HOLD / space.size) * trusted)
        distance = _HOLD / space.size * space.dot(trusted, difference)
        return replace(losses, total=losses.total + distance), gradient

    return evaluate_held


def seen_from_afar(picture: Tensor) -> Tensor:
    """The broad strokes of a picture: half its size, in half precision, for a large one is kept all the while."""
    return halved(picture).half()


def kept_from_afar(broad_strokes: Tensor, share: float, space: Space, evaluate: Evaluate) -> Evaluate:
    """The evaluation with `share` times the summed squared distance to the broad strokes: finer strokes may be added to
    them, and not replace them."""

    def evaluate_keeping(picture: Tensor) -> tuple[Losses, Tensor]:
        losses, gradient = evaluate(picture)
        difference = torch.zeros_like(broad_strokes, dtype=picture.dtype)
        space.own(difference, 2).copy_(space.own(halved(picture), 2)).sub_(space.own(broad_strokes, 2))
        distance = 4 * share * space.dot(difference, difference)
        add_doubled(gradient, difference, 2 * share)
        return replace(losses, total=losses.total + distance), gradient

    return evaluate_keeping
