"""L-BFGS on the picture's pixels, one step at a time."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from .objective import Losses

Evaluate = Callable[[Tensor], tuple[Losses, Tensor]]


def optimise(picture: Tensor, evaluate: Evaluate, steps: int, history: int) -> Iterator[Losses]:
    """Improve `picture` in place, one L-BFGS step (Liu and Nocedal 1989) an iteration; yields each step's losses.

    No line search: on this objective the unit step is nearly always taken, and each try would cost a whole evaluation.
    """
    solver = torch.optim.LBFGS([picture], lr=1, max_iter=1, history_size=history, tolerance_grad=0, tolerance_change=0)
    latest: list[Losses] = []

    def closure() -> Tensor:
        losses, picture.grad = evaluate(picture)
        latest[:] = [losses]
        return losses.total

    for _ in range(steps):
        solver.step(closure)  # type: ignore[no-untyped-call]
        yield latest[0]
