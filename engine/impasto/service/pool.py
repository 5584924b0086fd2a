"""The workers, one for each device: the first one reports which devices there are, and the others are added."""

import itertools
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import zmq

from impasto_wire import PROTOCOL, __version__
from impasto_wire.codec import FROM_ENGINE, by_name, decode
from impasto_wire.errors import ImpastoError
from impasto_wire.messages import Welcome

from .clock import Clock
from .supervisor import FROM_WORKERS, Worker, WorkerOptions
from .worker_messages import DiskFull, Leaving, MoreDevices, NoRoom, TurnTaken, Waiting

log = logging.getLogger(__name__)

_KINDS = {**FROM_ENGINE, **by_name(MoreDevices, Leaving, TurnTaken, NoRoom, Waiting, DiskFull)}


@dataclass(frozen=True)
class ProcessEnded:
    """A worker's process has ended."""


class WorkerPool:
    """Starts workers, receives their messages, and knows which of them are free. Close it at the end."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], options: WorkerOptions, device: str) -> None:
        """Begin with one worker on `device`, which may stand for several devices ("auto")."""
        self._context = context
        self._options = options
        self._generations = itertools.count(1)
        self.clock = Clock()
        """Tells how long workers, and all others, were silent."""
        self._incoming = context.socket(zmq.PULL)
        self._incoming.bind(FROM_WORKERS)
        self._workers: list[Worker] = []
        self._add(device)

    def _add(self, device: str) -> None:
        self._workers.append(Worker(self._context, self._options, device, self._generations, self.clock))

    def __iter__(self) -> Iterator[Worker]:
        return iter(self._workers)

    def register(self, poller: zmq.Poller) -> None:
        """Let `poller` wake up when a worker has sent something."""
        poller.register(self._incoming, zmq.POLLIN)

    def start_workers(self) -> None:
        """Start every worker that has no process, unless it must pause."""
        for worker in self._workers:
            worker.start_if_due()

    def candidates(self) -> list[Worker]:
        """The workers that can be given a job: those whose painter is loaded. While there is none of them, every worker
        that runs, so that each job learns why no painter can be loaded."""
        staying = [worker for worker in self._workers if not worker.is_leaving]
        return [worker for worker in staying if worker.is_ready] or [worker for worker in staying if worker.is_running]

    def messages(self) -> Iterator[tuple[Worker, Any]]:
        """What the workers have sent, each message with its worker; `ProcessEnded` where a process has ended."""
        while self._incoming.poll(0):
            generation, frame = self._incoming.recv_multipart()
            worker = next((worker for worker in self._workers if worker.generation == int(generation)), None)
            if worker is None:
                continue  # it comes from an earlier process, which was replaced
            worker.hear()
            if not frame:
                yield worker, ProcessEnded()
                continue
            try:
                message = decode(frame, _KINDS)
            except ImpastoError:
                log.exception("worker %d sent something wrong", worker.generation)
                worker.kill()
                continue
            if isinstance(message, MoreDevices):
                self._add_workers(message.devices)
            elif isinstance(message, Leaving):
                worker.is_leaving = True
            elif isinstance(message, Waiting):
                worker.note_idle()
            else:
                yield worker, message

    def _add_workers(self, devices: tuple[str, ...]) -> None:
        for device in devices:
            if device not in {worker.device for worker in self._workers}:
                self._add(device)

    def tasks(self) -> int:
        """How many jobs the workers have been given and not finished."""
        return sum(len(worker.tasks) for worker in self._workers)

    def welcome(self) -> Welcome:
        """What the engine knows about its devices so far."""
        known = [worker.welcome for worker in self._workers if worker.welcome]
        devices = tuple(device for welcome in known for device in welcome.devices)
        return Welcome(PROTOCOL, __version__, devices, known[0].backbones if known else ())

    def close(self) -> None:
        """End all workers, at the same time."""
        for worker in self._workers:
            worker.ask_to_end()
        for worker in self._workers:
            worker.close()
        self._incoming.close(0)
