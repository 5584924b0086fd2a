"""The process that deals with Ray for a batch: jobs come in through a pipe, news go out.

A process of its own, for Ray's library ends the process that it is in when it loses its cluster, and says so in words
that are nobody's business.
"""

import asyncio
import os
import signal
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from impasto.batch.messages import Job, Lost, News, Remark
from impasto.pictures.files import resized_size, size_in
from impasto_wire import __version__
from impasto_wire.errors import EngineUnavailable, ImpastoError, SettingError, WorkerDied, error_from

from .connect import Ray, joined
from .machines import Machine, Share, find_machines, hire, importing_failed, seats
from .values import Values, job_values, news_from
from .workers import BatchWorker

_WATCH_SECONDS = 2.0
_PATIENCE = 60.0
"""Seconds that a batch waits while no machine has room."""
_MOST_DEATHS = 3
"""Workers in a row that may die on a machine before one has painted anything."""
_MOST_SIZES = 8
"""Sizes of pictures whose shared statistics are kept."""


@dataclass(frozen=True)
class Plan:
    """Which cluster, and how much of it."""

    address: str
    share: Share
    most: int | None
    """Workers at the most; None: as many as there is room for."""


@dataclass(frozen=True)
class Ready:
    """How many workers could each be given a picture, or have one."""

    count: int


@dataclass(frozen=True)
class Refused:
    """It can't go on, and why."""

    code: str
    sentence: str


def drive(pipe: Any, plan: Plan, order: Values, log_file: Path) -> None:
    """The process: has painted what comes through the pipe until that is closed. Ray's own words go to the log."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it closes the pipe
    send_words_to(log_file)
    cpus = (plan.share.cpus or 1) * (plan.most or 1)
    try:
        with joined(plan.address, cpus) as ray:
            asyncio.run(Driver(ray, pipe, plan, order).run())
    except ImpastoError as error:
        pipe.send(Refused(error.code, str(error)))


def send_words_to(log_file: Path) -> None:
    """Have whatever this process and Ray print go to a file."""
    try:
        log_file.parent.mkdir(parents=True, exist_ok=True)
        words = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError:
        words = os.open(os.devnull, os.O_WRONLY)
    os.dup2(words, 1)
    os.dup2(words, 2)


class Driver:
    """Workers on the machines of a cluster, and what they paint."""

    def __init__(self, ray: Ray, pipe: Any, plan: Plan, order: Values) -> None:
        self._ray, self._pipe, self._plan = ray, pipe, plan
        self._size = order["size"]
        self._order = ray.put(order)
        self._jobs: asyncio.Queue[Job] = asyncio.Queue()
        self._shared: dict[tuple[int, int], asyncio.Task[Any]] = {}
        self._seats: dict[asyncio.Task[None], Machine] = {}
        self._left: dict[str, ImpastoError] = {}
        """Machines, by id, that can't paint or have gone, and why."""
        self._placed = 0
        """Workers that have a place on their machine."""
        self._ready = 0

    async def run(self) -> None:
        """Work until the pipe is closed. Raises `ImpastoError` when nobody is left who could paint."""
        self._pipe.send(Ready(0))
        closed = asyncio.Event()
        threading.Thread(target=self._listen, args=(asyncio.get_running_loop(), closed), daemon=True).start()
        tasks = [asyncio.create_task(closed.wait()), asyncio.create_task(self._watch())]
        done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in (*rest, *self._seats):
            task.cancel()
        for task in done:
            task.result()

    def _listen(self, loop: asyncio.AbstractEventLoop, closed: asyncio.Event) -> None:
        """Hand jobs in; a thread, for a pipe can't be awaited on every system."""
        try:
            while True:
                loop.call_soon_threadsafe(self._jobs.put_nowait, self._pipe.recv())
        except (EOFError, OSError):
            loop.call_soon_threadsafe(closed.set)

    async def _watch(self) -> None:
        """Seat workers on the cluster's machines, on those too that join later."""
        idle_since = asyncio.get_running_loop().time()
        while True:
            machines = await asyncio.to_thread(find_machines, self._ray, self._plan.share)
            self._seat_workers(machines)
            now = asyncio.get_running_loop().time()
            if self._placed:
                idle_since = now
            elif not self._seats or now - idle_since > _PATIENCE:
                raise self._nobody()
            await asyncio.sleep(_WATCH_SECONDS)

    def _seat_workers(self, machines: list[Machine]) -> None:
        known = {machine.id for machine in self._seats.values()} | set(self._left)
        for machine in seats([machine for machine in machines if machine.id not in known]):
            if self._plan.most is None or len(self._seats) < self._plan.most:
                task = asyncio.create_task(self._sit(machine))
                self._seats[task] = machine
                task.add_done_callback(self._seats.pop)

    def _nobody(self) -> ImpastoError:
        if self._left:
            return list(self._left.values())[-1]
        if self._seats:
            return EngineUnavailable(
                f"the Ray cluster had no room for a worker for {_PATIENCE:.0f} s; others use it, try later"
            )
        cpus = self._plan.share.cpus
        return SettingError(
            f"worker_cpus is {cpus}; no machine of the Ray cluster has so many CPUs to give, ask for fewer"
        )

    async def _sit(self, machine: Machine) -> None:
        """One worker after another on a machine, until it has gone or can't paint."""
        from ray.exceptions import ActorUnschedulableError, RayError

        deaths = 0
        while machine.id not in self._left:
            worker = hire(self._ray, BatchWorker, machine)
            try:
                await self._employ(worker, machine)
            except ActorUnschedulableError:
                self._leave(machine, EngineUnavailable(f"{machine.name} has left the Ray cluster"))
            except RayError as error:
                deaths += 1
                if missing := importing_failed(machine.name, error):
                    self._leave(machine, missing)
                elif deaths >= _MOST_DEATHS:
                    sentence = "workers end unexpectedly there; try with more --worker-cpus"
                    self._leave(machine, WorkerDied(f"{machine.name}: {sentence}"))
            finally:
                self._ray.kill(worker)

    async def _employ(self, worker: Any, machine: Machine) -> None:
        """Have a worker get ready, which may take long, and paint; leave its machine if it can't.

        Raises `RayError` when it dies."""
        await worker.here.remote()
        self._placed += 1
        try:
            threads = None if machine.has_gpu else machine.cpus
            refusal = await worker.open.remote(__version__, self._order, threads)
            if refusal is None:
                await self._work(worker)
            else:
                self._leave(machine, error_from(refusal[0], f"{machine.name}: {refusal[1]}"))
        finally:
            self._placed -= 1

    def _leave(self, machine: Machine, error: ImpastoError) -> None:
        """Don't use a machine any more, and say so once."""
        if machine.id not in self._left:
            self._left[machine.id] = error
            if self._ready or len({seat.id for seat in self._seats.values()}) > 1:
                self._send(Remark(f"{error}; others paint its pictures"))

    async def _work(self, worker: Any) -> None:
        """Have a worker paint picture after picture. Raises `RayError` when it dies."""
        from ray.exceptions import RayError

        self._tell_ready(+1)
        job: Job | None = None
        try:
            while True:
                job = await self._jobs.get()
                targets = await self._targets(worker, job)
                painting = worker.paint.options(num_returns="streaming").remote(job_values(job), targets)
                async for news in painting:
                    self._send(news_from(await news))
                job = None
        except RayError:
            self._tell_ready(-1)
            if job is not None:
                self._send(Lost(job.number))
            raise

    def _tell_ready(self, change: int) -> None:
        self._ready += change
        self._pipe.send(Ready(self._ready))

    async def _targets(self, worker: Any, job: Job) -> Any:
        """What pictures of the job's size share, computed by whoever needs it first; None where the size isn't known.
        Raises `RayError` when that very worker dies."""
        from ray.exceptions import RayError

        size = size_in(job.data)
        if size is None:
            return None
        if self._size is not None:
            size = resized_size(*size, self._size)
        while True:
            found = self._shared.get(size)
            if found is None:
                self._shared[size] = mine = asyncio.create_task(self._shared_by(worker, size))
                for oldest in list(self._shared)[:-_MOST_SIZES]:
                    del self._shared[oldest]
                try:
                    return await mine
                except RayError:
                    del self._shared[size]
                    raise
            try:
                return await asyncio.shield(found)
            except RayError:
                await asyncio.sleep(0)  # whoever computed it has died

    async def _shared_by(self, worker: Any, size: tuple[int, int]) -> Any:
        """The statistics, computed by a worker and kept here, so that they outlive its machine."""
        return self._ray.put(await worker.targets.remote(*size))

    def _send(self, news: News) -> None:
        self._pipe.send(news)
