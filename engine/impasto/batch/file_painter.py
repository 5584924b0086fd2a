"""Paints by an order, from the bytes of one file to the bytes of another; it needs no disk that its caller uses."""

from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from impasto.painting.order import Order, with_own_alpha
from impasto.pictures import files
from impasto.request import FrameBefore, PaintRequest, Region, Step
from impasto.transfer import SharedTargets
from impasto_wire.errors import EngineFault, ImpastoError

from .messages import FileFailed, FileJob, FilePainted, FileProgress

_NO_MEMORY = "the picture doesn't fit into the memory; paint a smaller copy"


class FilePainter:
    """Keeps the network, and the statistics that pictures share."""

    def __init__(self, order: Order) -> None:
        """Raises `WeightsMissing`, `SettingError`."""
        self._order = order
        self._painter = order.open_painter()

    @property
    def device(self) -> torch.device:
        """The device that it paints on."""
        return self._painter.torch_device

    def targets(self, width: int, height: int) -> list[SharedTargets]:
        """The styles' statistics that all pictures of that size share. Raises `PictureError`, `OutOfMemory`."""
        return self._painter.prepare(self._blank(width, height))

    def keep(self, targets: Sequence[SharedTargets]) -> None:
        """Use statistics that another painter has computed."""
        self._painter.keep(self._blank(1, 1), targets)

    def _blank(self, width: int, height: int) -> PaintRequest:
        """A request of this order, with an empty layer of that size."""
        blank = np.broadcast_to(np.uint8(0), (height, width))
        return PaintRequest(
            np.broadcast_to(np.uint8(0), (height, width, 3)),
            self._order.styles,
            self._order.settings,
            recipe=self._order.recipe.name,
            regions=tuple(Region(blank, region.styles, region.settings) for region in self._order.regions),
        )

    def paint(self, job: FileJob) -> Generator[FileProgress | FilePainted | FileFailed]:
        """Yield the job's progress, and last the painting, or what is wrong with the picture."""
        try:
            painting = yield from self._painted(job)
            yield FilePainted(job.number, painting)
        except ImpastoError as error:
            yield FileFailed(job.number, str(error))
        except MemoryError:
            yield FileFailed(job.number, _NO_MEMORY)
        except Exception as error:  # an error in one picture must not stop the others
            yield FileFailed(job.number, str(EngineFault(f"something went wrong inside the painter: {error!r}")))

    def _painted(self, job: FileJob) -> Generator[FileProgress, None, bytes]:
        picture = files.decode_picture(job.data, Path(job.name))
        request = self._order.request(picture.pixels, _frame_before(job), picture.profile)
        if request.before and not _fits(request.before, request.layer):
            request = replace(request, before=None)
        steps = self._painter.paint(request)
        while True:
            try:
                step = next(steps)
            except StopIteration as finished:
                painting = with_own_alpha(finished.value, request.layer)
                return files.encode_picture(self._order.finished(picture, painting), job.suffix)
            if isinstance(step, Step):
                yield FileProgress(job.number, step.fraction)


def _frame_before(job: FileJob) -> FrameBefore | None:
    if job.before is None:
        return None
    pictures = (
        files.decode_picture(data, Path(name)).pixels for name, data in (job.before.source, job.before.painting)
    )
    return FrameBefore(*pictures)


def _fits(before: FrameBefore, layer: NDArray[Any]) -> bool:
    """Do the frame before and its painting have the layer's size?"""
    return before.layer.shape[:2] == before.painting.shape[:2] == layer.shape[:2]
