"""What runs on the cluster's machines. Values and bytes come in and go out; see `values` and `orders`."""

import time
from collections.abc import Generator

from impasto_wire import __version__
from impasto_wire.errors import ImpastoError

from .values import Values, job_from, news_values

_PROGRESS_SECONDS = 0.3


class BatchWorker:
    """Keeps a network ready, and paints one picture after another."""

    def open(self, version: str, order: Values, threads: int | None) -> tuple[str, str] | None:
        """Get ready for an order; the code and sentence of what speaks against it. On a CPU with that many threads."""
        if version != __version__:
            return "version", f"it has Impasto {__version__}, and the batch is of {version}; install the same on both"
        import torch

        from impasto.batch.artist import Artist

        from .orders import order_from

        if threads is not None:
            torch.set_num_threads(threads)
        try:
            self._artist = Artist(order_from(order))
        except ImpastoError as error:
            return error.code, str(error)
        return None

    def targets(self, width: int, height: int) -> list[Values]:
        """What all pictures painted at that size share; nothing where each shall say itself what is wrong."""
        from .orders import targets_values

        try:
            return targets_values(self._artist.targets(width, height))
        except ImpastoError:
            return []

    def paint(self, job: Values, targets: list[Values] | None) -> Generator[Values]:
        """News of a job, the last one how it ended."""
        from impasto.batch.jobs import Progress

        from .orders import targets_from

        if targets:
            self._artist.share(targets_from(targets, self._artist.device))
        told = 0.0
        for news in self._artist.paint(job_from(job)):
            if isinstance(news, Progress) and time.monotonic() - told < _PROGRESS_SECONDS:
                continue
            told = time.monotonic()
            yield news_values(news)
