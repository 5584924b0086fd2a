"""The workers, one for each device: the first one finds out which devices there are, and the others join it."""

import itertools
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import zmq

from impasto_wire import PROTOCOL, __version__
from impasto_wire.codec import FROM_ENGINE, decode
from impasto_wire.errors import ImpastoError
from impasto_wire.messages import Welcome

from .supervisor import NEWS, Worker, WorkerOptions
from .worker_messages import Leaving, MoreDevices

log = logging.getLogger(__name__)

_FROM_WORKER = {**FROM_ENGINE, **{kind.__name__: kind for kind in (MoreDevices, Leaving)}}


@dataclass(frozen=True)
class Death:
    """A worker's process has ended."""


class Crew:
    """Starts workers, hears them, and says who is free. Close it at the end."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], options: WorkerOptions, device: str) -> None:
        """Begin with one worker on `device`, which may stand for several ("auto")."""
        self._context = context
        self._options = options
        self._generations = itertools.count(1)
        self._news = context.socket(zmq.PULL)
        self._news.bind(NEWS)
        self._workers: list[Worker] = []
        self._add(device)

    def _add(self, device: str) -> None:
        self._workers.append(Worker(self._context, self._options, device, self._generations))

    def __iter__(self) -> Iterator[Worker]:
        return iter(self._workers)

    def register(self, poller: zmq.Poller) -> None:
        """Let `poller` wake up for whatever a worker says."""
        poller.register(self._news, zmq.POLLIN)

    def start_if_due(self) -> None:
        """Start every worker that has no process, unless it must pause."""
        for worker in self._workers:
            worker.start_if_due()

    def candidates(self) -> list[Worker]:
        """The workers that can be given something: those that are loaded, or while there is none, any that runs, so
        that each job hears why nothing can be loaded."""
        staying = [worker for worker in self._workers if not worker.is_leaving]
        return [worker for worker in staying if worker.is_ready] or [worker for worker in staying if worker.is_running]

    def news(self) -> Iterator[tuple[Worker, Any]]:
        """What workers have said, each message with its worker, or that it has ended."""
        while self._news.poll(0):
            generation, frame = self._news.recv_multipart()
            worker = next((worker for worker in self._workers if worker.generation == int(generation)), None)
            if worker is None:
                continue  # the last words of a process that was given up
            if not frame:
                yield worker, Death()
                continue
            try:
                message = decode(frame, _FROM_WORKER)
            except ImpastoError:
                log.exception("worker %d can't be understood", worker.generation)
                worker.kill()
                continue
            if isinstance(message, MoreDevices):
                self._engage(message.devices)
            elif isinstance(message, Leaving):
                worker.is_leaving = True
            else:
                yield worker, message

    def _engage(self, devices: tuple[str, ...]) -> None:
        for device in devices:
            if device not in {worker.device for worker in self._workers}:
                self._add(device)

    def tasks(self) -> int:
        """How many jobs are in the workers' hands."""
        return sum(len(worker.tasks) for worker in self._workers)

    def welcome(self) -> Welcome:
        """What the engine knows of its devices by now."""
        known = [worker.welcome for worker in self._workers if worker.welcome]
        devices = tuple(device for welcome in known for device in welcome.devices)
        return Welcome(PROTOCOL, __version__, devices, known[0].backbones if known else ())

    def close(self) -> None:
        """End all workers, at the same time."""
        for worker in self._workers:
            worker.dismiss()
        for worker in self._workers:
            worker.close()
        self._news.close(0)
