"""An evaluation that a GPU replays: for a small picture, its hundreds of kernels take longer to launch than to run."""

import logging
from functools import cache

import torch
from torch import Tensor

from .optimise import Evaluate, Losses

log = logging.getLogger(__name__)

_PIXELS = 1_500_000
"""Replaying pays for pictures up to so many pixels: a larger one keeps a GPU busy while the next kernel is launched."""
_STEPS = 6
"""Replaying pays for at least so many steps: recording takes as long as launching four of them."""


def replayed(evaluate: Evaluate, picture: Tensor, steps: int) -> Evaluate:
    """The evaluation, recorded as a CUDA graph at its first call, where that pays for so many steps.

    The evaluation must launch the same kernels for every picture of that shape, and read no value back.
    """
    pays = picture.device.type == "cuda" and picture.shape[-2] * picture.shape[-1] <= _PIXELS and steps >= _STEPS
    return _Replay(evaluate) if pays else evaluate


class _Replay:
    """An evaluation and its recording."""

    def __init__(self, evaluate: Evaluate) -> None:
        self._evaluate = evaluate
        self._graph: torch.cuda.CUDAGraph | None = None
        self._is_tried = False

    def __call__(self, picture: Tensor) -> tuple[Losses, Tensor]:
        if not self._is_tried:
            self._is_tried = True
            return self._first(picture)
        if self._graph is None:
            return self._evaluate(picture)
        self._picture.copy_(picture)
        self._graph.replay()
        losses, gradient = self._found
        return Losses(losses.total.clone(), losses.style.clone(), losses.content.clone()), gradient.clone()

    def _first(self, picture: Tensor) -> tuple[Losses, Tensor]:
        """Evaluate on a stream of its own, which a recording needs, and record. Raises what the evaluation raises."""
        self._picture = picture.clone()
        stream = _stream(picture.device)
        stream.wait_stream(torch.cuda.current_stream(picture.device))
        with torch.cuda.stream(stream):
            found = self._evaluate(self._picture)
        torch.cuda.current_stream(picture.device).wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph, stream=stream, capture_error_mode="thread_local"):
                self._found = self._evaluate(self._picture)
            self._graph = graph
        except RuntimeError as error:
            log.info("no recording: %s", error)
        return found


@cache
def _stream(device: torch.device) -> torch.cuda.Stream:
    """One stream for all recordings: each stream keeps memory of torch and other libraries for good."""
    return torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
