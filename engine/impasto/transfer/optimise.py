"""L-BFGS on the picture's pixels, one step at a time."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from .objective import Losses


def optimise(picture: Tensor, objective: Callable[[Tensor], Losses], steps: int, history: int) -> Iterator[Losses]:
    """Improve `picture` in place, one L-BFGS step (Liu and Nocedal 1989) an iteration; yields each step's losses.

    No line search: on this objective the unit step is nearly always taken, and each try would cost a whole evaluation.
    """
    picture.requires_grad_()
    solver = torch.optim.LBFGS([picture], lr=1, max_iter=1, history_size=history, tolerance_grad=0, tolerance_change=0)
    latest: list[Losses] = []

    def evaluate() -> Tensor:
        solver.zero_grad()
        losses = objective(picture)
        losses.total.backward()  # type: ignore[no-untyped-call]
        latest[:] = [losses]
        return losses.total.detach()

    try:
        for _ in range(steps):
            solver.step(evaluate)  # type: ignore[no-untyped-call]
            yield latest[0]
    finally:
        picture.requires_grad_(False)
