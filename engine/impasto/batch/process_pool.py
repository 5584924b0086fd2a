"""Several processes on this machine that paint, each with its share of the threads or with a GPU of its own."""

import contextlib
import multiprocessing
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from typing import Any

from impasto.devices import devices_beside
from impasto.painting.order import Order
from impasto.painting.processes import end_with_parent
from impasto_wire.errors import ImpastoError, WorkerDied, error_from

from .file_painter import FilePainter
from .messages import FileJob, FileProgress, PainterDied, PoolMessage

_MOST_DEATHS = 3
"""Processes in a row that may die before one of them has painted anything."""


class ProcessPool:
    """Paints in `count` processes; one that dies is replaced."""

    def __init__(self, order: Order, count: int) -> None:
        devices = (order.device, *devices_beside(order.device))
        self._deaths = 0
        self._slots = [_Slot(order, devices[number % len(devices)], count) for number in range(count)]

    def has_room(self) -> bool:
        """Has one of the processes no job?"""
        return any(slot.job is None for slot in self._slots)

    def give(self, job: FileJob) -> None:
        """Send a job to the first process that has none."""
        next(slot for slot in self._slots if slot.job is None).give(job)

    def messages(self) -> Iterator[PoolMessage]:
        """Wait for the next messages. Raises `ImpastoError` when no process can paint."""
        ready = wait([slot.pipe for slot in self._slots])
        for slot in [slot for slot in self._slots if slot.pipe in ready]:
            try:
                message = slot.pipe.recv()
            except (EOFError, OSError):
                self._deaths += 1
                if self._deaths >= _MOST_DEATHS:
                    raise WorkerDied("the processes that paint end unexpectedly; try fewer workers") from None
                if slot.job is not None:
                    yield PainterDied(slot.job)
                slot.restart()
                continue
            match message:
                case ("refused", code, sentence):
                    raise error_from(code, sentence)
                case FileProgress():
                    self._deaths = 0
                    yield message
                case _:
                    slot.job = None
                    yield message

    def close(self) -> None:
        """End all processes, at once."""
        for slot in self._slots:
            slot.close()


class _Slot:
    """A place for one process, and after its death for the next one."""

    def __init__(self, order: Order, device: str, shares: int) -> None:
        self._arguments = (order, device, shares)
        self.restart()

    def restart(self) -> None:
        """Start a process."""
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.job: int | None = None
        self._process = context.Process(target=_paint, args=(theirs, *self._arguments), daemon=True)
        self._process.start()
        theirs.close()

    def give(self, job: FileJob) -> None:
        self.job = job.number
        with contextlib.suppress(OSError):  # it has died, which `messages` will notice
            self.pipe.send(job)

    def close(self) -> None:
        self._process.kill()
        self._process.join()
        self.pipe.close()


def _paint(pipe: "Connection[Any, Any]", order: Order, device: str, shares: int) -> None:
    """What the process does: paint the jobs that come through the pipe, until the parent process ends."""
    import torch

    end_with_parent()
    torch.set_num_threads(max(1, torch.get_num_threads() // shares))
    try:
        painter = FilePainter(replace(order, device=device))
    except ImpastoError as error:
        pipe.send(("refused", error.code, str(error)))
        return
    while True:
        for message in painter.paint(pipe.recv()):
            pipe.send(message)
