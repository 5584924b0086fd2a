"""One who paints by an order, from file to file in memory, so that it need not share a disk with whoever wants it."""

from collections.abc import Generator
from pathlib import Path

import torch

from impasto.painting.frames import moved
from impasto.painting.order import Order, Pixels
from impasto.pictures import files
from impasto.pictures.files import Picture
from impasto.transfer import Before, SharedTargets, Step
from impasto_wire.errors import EngineFault, ImpastoError, OutOfMemory

from .messages import Failed, FrameBefore, Job, News, Painted, Progress


class Artist:
    """Keeps the network ready, and what can be shared between pictures."""

    def __init__(self, order: Order) -> None:
        """Raises `WeightsMissing`, `SettingError`."""
        self._order = order
        self._backbone = order.open_backbone()
        self._shared: SharedTargets = {}

    @property
    def device(self) -> torch.device:
        """Where it paints."""
        return self._backbone.device

    def targets(self, width: int, height: int) -> SharedTargets:
        """What all pictures painted at that size share. Raises `PictureError`, `OutOfMemory`."""
        return self._order.targets(width, height, self._backbone)

    def share(self, targets: SharedTargets) -> None:
        """Take what somebody else computed."""
        self._shared |= targets

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
        layer = self._order.layer(picture.pixels)
        before = None if job.before is None else self._moved(job.before, layer.pixels)
        steps = self._order.paint(layer, self._backbone, self._shared, before)
        while True:
            try:
                news = next(steps)
            except StopIteration as finished:
                return files.encode_picture(Picture(finished.value, picture.metadata), job.suffix)
            if isinstance(news, Step):
                yield Progress(job.number, news.fraction)

    def _moved(self, before: FrameBefore, now: Pixels) -> Before | None:
        """What the frame begins from; None where the frame before has another size."""
        source, painting = (
            files.decode_picture(data, Path(name)).pixels for name, data in (before.source, before.painting)
        )
        source = self._order.sized(source)
        if not source.shape[:2] == painting.shape[:2] == now.shape[:2]:
            return None
        return moved(painting, source, now)
