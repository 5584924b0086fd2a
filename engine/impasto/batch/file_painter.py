"""Paints by an order, from a file's bytes to a file's bytes, so that it needs no disk in common with its caller."""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from impasto.painting.order import Order, with_own_alpha
from impasto.pictures import files
from impasto.request import FrameBefore, PaintRequest, Step
from impasto.transfer import SharedTargets
from impasto_wire.errors import EngineFault, ImpastoError, OutOfMemory

from .messages import Failed, Job, News, Painted, Progress


class FilePainter:
    """Keeps the network ready, and what can be shared between pictures."""

    def __init__(self, order: Order) -> None:
        """Raises `WeightsMissing`, `SettingError`."""
        self._order = order
        self._painter = order.open_painter()

    @property
    def device(self) -> torch.device:
        """Where it paints."""
        return self._painter.torch_device

    def targets(self, width: int, height: int) -> SharedTargets:
        """What all pictures painted at that size share. Raises `PictureError`, `OutOfMemory`."""
        return self._painter.prepare(self._blank(width, height))

    def keep(self, targets: SharedTargets) -> None:
        """Use what somebody else computed."""
        self._painter.keep(self._blank(1, 1), targets)

    def _blank(self, width: int, height: int) -> PaintRequest:
        """A request of the order's for a layer of that size of which nothing but the size is known."""
        return PaintRequest(
            np.broadcast_to(np.uint8(0), (height, width, 3)),
            self._order.styles,
            self._order.settings,
            recipe=self._order.recipe.name,
        )

    def paint(self, job: Job) -> Generator[News]:
        """How far it is, again and again; last the painting, or the sentence about what is wrong with the picture."""
        try:
            painting = yield from self._painted(job)
            yield Painted(job.number, painting)
        except ImpastoError as error:
            yield Failed(job.number, str(error))
        except MemoryError:
            yield Failed(job.number, str(OutOfMemory("the picture doesn't fit into the memory; paint a smaller copy")))
        except Exception as error:  # one picture's fault must not stop the others
            yield Failed(job.number, str(EngineFault(f"something went wrong inside the painter: {error!r}")))

    def _painted(self, job: Job) -> Generator[News, None, bytes]:
        picture = files.decode_picture(job.data, Path(job.name))
        request = self._order.request(picture.pixels, _frame_before(job), picture.profile)
        if request.before and not _fits(request.before, request.layer):
            request = replace(request, before=None)
        steps = self._painter.paint(request)
        while True:
            try:
                news = next(steps)
            except StopIteration as finished:
                painting = with_own_alpha(finished.value, request.layer)
                return files.encode_picture(self._order.finished(picture, painting), job.suffix)
            if isinstance(news, Step):
                yield Progress(job.number, news.fraction)


def _frame_before(job: Job) -> FrameBefore | None:
    if job.before is None:
        return None
    pictures = (
        files.decode_picture(data, Path(name)).pixels for name, data in (job.before.source, job.before.painting)
    )
    return FrameBefore(*pictures)


def _fits(before: FrameBefore, layer: NDArray[Any]) -> bool:
    """Have the frame before and its painting the size of this one?"""
    return before.layer.shape[:2] == before.painting.shape[:2] == layer.shape[:2]
