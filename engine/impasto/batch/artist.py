"""One who paints by an order, from file to file in memory, so that it need not share a disk with whoever wants it."""

from collections.abc import Callable
from pathlib import Path

from impasto import images
from impasto.images import Picture
from impasto.movement import moved
from impasto.order import Order, Pixels
from impasto.transfer import Before, SharedTargets, Step
from impasto_wire.errors import EngineFault, ImpastoError, OutOfMemory

from .jobs import Failed, FrameBefore, Job, Painted


class Artist:
    """Keeps the network ready, and what can be shared between pictures."""

    def __init__(self, order: Order) -> None:
        """Raises `WeightsMissing`, `SettingError`."""
        self._order = order
        self._backbone = order.open_backbone()
        self._shared: SharedTargets = {}

    def paint(self, job: Job, report: Callable[[float], None]) -> Painted | Failed:
        """The painting, or the sentence about what is wrong with the picture; `report` is told how far it is, 0..1."""
        try:
            return Painted(job.number, self._painted(job, report))
        except ImpastoError as error:
            return Failed(job.number, str(error))
        except MemoryError:
            return Failed(job.number, str(OutOfMemory("the picture doesn't fit into the memory; paint a smaller copy")))
        except Exception as error:  # one picture's fault must not stop the others
            return Failed(job.number, str(EngineFault(f"something went wrong inside the painter: {error!r}")))

    def _painted(self, job: Job, report: Callable[[float], None]) -> bytes:
        picture = images.decode_picture(job.data, Path(job.name))
        layer = self._order.layer(picture.pixels)
        before = None if job.before is None else self._moved(job.before, layer.pixels)
        steps = self._order.paint(layer, self._backbone, self._shared, before)
        while True:
            try:
                news = next(steps)
            except StopIteration as finished:
                return images.encode_picture(Picture(finished.value, picture.metadata), job.suffix)
            if isinstance(news, Step):
                report(news.fraction)

    def _moved(self, before: FrameBefore, now: Pixels) -> Before | None:
        """What the frame begins from; None where the frame before has another size."""
        source, painting = (
            images.decode_picture(data, Path(name)).pixels for name, data in (before.source, before.painting)
        )
        source = self._order.sized(source)
        if not source.shape[:2] == painting.shape[:2] == now.shape[:2]:
            return None
        return moved(painting, source, now)
