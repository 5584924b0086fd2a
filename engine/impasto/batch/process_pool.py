"""A crew of processes on this machine, each with its share of the threads, or with a GPU of its own."""

import contextlib
import multiprocessing
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from typing import Any

from impasto.devices import devices_beside
from impasto.painting.order import Order
from impasto_wire.errors import ImpastoError, WorkerDied, error_from

from .file_painter import FilePainter
from .messages import Job, Lost, News, Progress

_MOST_DEATHS = 3
"""ProcessPool in a row that may die before they are ready."""


class ProcessPool:
    """Paints in `count` processes; one that dies is replaced."""

    def __init__(self, order: Order, count: int) -> None:
        devices = (order.device, *devices_beside(order.device))
        self._deaths = 0
        self._seats = [_Seat(order, devices[number % len(devices)], count) for number in range(count)]

    def has_room(self) -> bool:
        """Would a process be without a picture?"""
        return any(seat.job is None for seat in self._seats)

    def give(self, job: Job) -> None:
        """Have a picture painted by the first that is free."""
        next(seat for seat in self._seats if seat.job is None).give(job)

    def news(self) -> Iterator[News]:
        """Wait until a process says something. Raises `ImpastoError` when none can paint."""
        ready = wait([seat.pipe for seat in self._seats])
        for seat in [seat for seat in self._seats if seat.pipe in ready]:
            try:
                message = seat.pipe.recv()
            except (EOFError, OSError):
                self._deaths += 1
                if self._deaths >= _MOST_DEATHS:
                    raise WorkerDied("the processes that paint end unexpectedly; try fewer workers") from None
                if seat.job is not None:
                    yield Lost(seat.job)
                seat.restart()
                continue
            match message:
                case ("refused", code, sentence):
                    raise error_from(code, sentence)
                case Progress():
                    self._deaths = 0
                    yield message
                case _:
                    seat.job = None
                    yield message

    def close(self) -> None:
        """End all processes, at once."""
        for seat in self._seats:
            seat.close()


class _Seat:
    """One process after another."""

    def __init__(self, order: Order, device: str, shares: int) -> None:
        self._arguments = (order, device, shares)
        self.restart()

    def restart(self) -> None:
        """Start a process that has nothing to do."""
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.job: int | None = None
        self._process = context.Process(target=_paint, args=(theirs, *self._arguments), daemon=True)
        self._process.start()
        theirs.close()

    def give(self, job: Job) -> None:
        self.job = job.number
        with contextlib.suppress(OSError):  # it has died; the next look at its pipe tells
            self.pipe.send(job)

    def close(self) -> None:
        self._process.kill()
        self._process.join()
        self.pipe.close()


def _paint(pipe: "Connection[Any, Any]", order: Order, device: str, shares: int) -> None:
    """The process: paints what comes through the pipe until whoever started it has gone."""
    import torch

    parent = multiprocessing.parent_process()
    assert parent
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    torch.set_num_threads(max(1, torch.get_num_threads() // shares))
    try:
        artist = FilePainter(replace(order, device=device))
    except ImpastoError as error:
        pipe.send(("refused", error.code, str(error)))
        return
    while True:
        for news in artist.paint(pipe.recv()):
            pipe.send(news)


def _end_with(parent: Any) -> None:
    """Leave with the parent, even in mid-step."""
    parent.join()
    os._exit(1)
