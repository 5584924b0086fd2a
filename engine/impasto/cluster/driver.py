"""The process that uses Ray for a batch: jobs come in through a pipe, messages go out.

It is a process of its own because Ray, when it loses its cluster, prints errors and ends the process that it is in.
"""

import asyncio
import os
import signal
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from impasto.batch.messages import FileJob, PainterDied, PoolMessage, Remark
from impasto.pictures.files import resized_size, size_in
from impasto_wire import __version__
from impasto_wire.errors import EngineUnavailable, ImpastoError, SettingError, WorkerDied, error_from

from .connect import Ray, joined
from .machines import Machine, Share, find_machines, import_error_on, start_worker, worker_slots
from .values import Values, job_values, message_from
from .workers import BatchWorker

_WATCH_SECONDS = 2.0
_PATIENCE = 60.0
"""Seconds that a batch waits while no machine has room for a worker."""
_MOST_DEATHS = 3
"""Workers that may die in one slot before its machine is not used any more."""
_MOST_SIZES = 8
"""Sizes of pictures whose statistics are kept."""


@dataclass(frozen=True)
class Plan:
    """Which cluster is used, and how much of it."""

    address: str
    share: Share
    most: int | None
    """Most workers; None: as many as there is room for."""


@dataclass(frozen=True)
class Ready:
    """How many workers are ready to paint, or paint."""

    count: int


@dataclass(frozen=True)
class Refused:
    """Nothing can be painted any more, and why."""

    code: str
    sentence: str


def drive(pipe: Any, plan: Plan, order: Values, log_file: Path) -> None:
    """What the process does: have the jobs painted that come through the pipe, until it is closed. What Ray prints goes
    to the log file."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent process closes the pipe
    redirect_output_to(log_file)
    cpus = (plan.share.cpus or 1) * (plan.most or 1)
    try:
        with joined(plan.address, cpus) as ray:
            asyncio.run(Driver(ray, pipe, plan, order).run())
    except ImpastoError as error:
        pipe.send(Refused(error.code, str(error)))


def redirect_output_to(log_file: Path) -> None:
    """From now on, everything that this process and Ray print goes to a file."""
    try:
        log_file.parent.mkdir(parents=True, exist_ok=True)
        output = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError:
        output = os.open(os.devnull, os.O_WRONLY)
    os.dup2(output, 1)
    os.dup2(output, 2)


class Driver:
    """Starts workers on the machines of a cluster, and has them paint."""

    def __init__(self, ray: Ray, pipe: Any, plan: Plan, order: Values) -> None:
        self._ray, self._pipe, self._plan = ray, pipe, plan
        self._size = order["size"]
        self._order = ray.put(order)
        self._jobs: asyncio.Queue[FileJob] = asyncio.Queue()
        self._statistics: dict[tuple[int, int], asyncio.Task[Any]] = {}
        self._slots: dict[asyncio.Task[None], Machine] = {}
        """The slots in use: the task that keeps a worker in it, and its machine."""
        self._excluded: dict[str, ImpastoError] = {}
        """Machines, by id, that can't paint or have gone, and why."""
        self._running = 0
        """Workers that Ray has started."""
        self._ready = 0

    async def run(self) -> None:
        """Work until the pipe is closed. Raises `ImpastoError` when no machine is left that can paint."""
        self._pipe.send(Ready(0))
        closed = asyncio.Event()
        threading.Thread(target=self._listen, args=(asyncio.get_running_loop(), closed), daemon=True).start()
        tasks = [asyncio.create_task(closed.wait()), asyncio.create_task(self._watch())]
        done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in (*rest, *self._slots):
            task.cancel()
        for task in done:
            task.result()

    def _listen(self, loop: asyncio.AbstractEventLoop, closed: asyncio.Event) -> None:
        """Put jobs into the queue; in a thread, because a pipe can't be awaited on every system."""
        try:
            while True:
                loop.call_soon_threadsafe(self._jobs.put_nowait, self._pipe.recv())
        except (EOFError, OSError):
            loop.call_soon_threadsafe(closed.set)

    async def _watch(self) -> None:
        """Start workers on the cluster's machines, also on those that are added later."""
        idle_since = asyncio.get_running_loop().time()
        while True:
            machines = await asyncio.to_thread(find_machines, self._ray, self._plan.share)
            self._fill_slots(machines)
            now = asyncio.get_running_loop().time()
            if self._running:
                idle_since = now
            elif not self._slots or now - idle_since > _PATIENCE:
                raise self._why_nothing_runs()
            await asyncio.sleep(_WATCH_SECONDS)

    def _fill_slots(self, machines: list[Machine]) -> None:
        known = {machine.id for machine in self._slots.values()} | set(self._excluded)
        for machine in worker_slots([machine for machine in machines if machine.id not in known]):
            if self._plan.most is None or len(self._slots) < self._plan.most:
                task = asyncio.create_task(self._keep_worker(machine))
                self._slots[task] = machine
                task.add_done_callback(self._slots.pop)

    def _why_nothing_runs(self) -> ImpastoError:
        if self._excluded:
            return list(self._excluded.values())[-1]
        if self._slots:
            return EngineUnavailable(
                f"the Ray cluster had no room for a worker for {_PATIENCE:.0f} s; others use it, try later"
            )
        cpus = self._plan.share.cpus
        return SettingError(
            f"worker_cpus is {cpus}; no machine of the Ray cluster has so many CPUs to give, ask for fewer"
        )

    async def _keep_worker(self, machine: Machine) -> None:
        """Keep a worker running in one slot of a machine, until the machine has gone or can't paint."""
        from ray.exceptions import ActorUnschedulableError, RayError

        deaths = 0
        while machine.id not in self._excluded:
            worker = start_worker(self._ray, BatchWorker, machine)
            try:
                await self._use(worker, machine)
            except ActorUnschedulableError:
                self._exclude(machine, EngineUnavailable(f"{machine.name} has left the Ray cluster"))
            except RayError as error:
                deaths += 1
                if missing := import_error_on(machine.name, error):
                    self._exclude(machine, missing)
                elif deaths >= _MOST_DEATHS:
                    sentence = "workers end unexpectedly there; try with more --worker-cpus"
                    self._exclude(machine, WorkerDied(f"{machine.name}: {sentence}"))
            finally:
                self._ray.kill(worker)

    async def _use(self, worker: Any, machine: Machine) -> None:
        """Open a worker, which may take long, and have it paint; exclude its machine if it can't.

        Raises `RayError` when it dies."""
        await worker.ping.remote()
        self._running += 1
        try:
            threads = None if machine.has_gpu else machine.cpus
            refusal = await worker.open.remote(__version__, self._order, threads)
            if refusal is None:
                await self._work(worker)
            else:
                self._exclude(machine, error_from(refusal[0], f"{machine.name}: {refusal[1]}"))
        finally:
            self._running -= 1

    def _exclude(self, machine: Machine, error: ImpastoError) -> None:
        """Don't use a machine any more, and tell the person once."""
        if machine.id not in self._excluded:
            self._excluded[machine.id] = error
            if self._ready or len({used.id for used in self._slots.values()}) > 1:
                self._send(Remark(f"{error}; others paint its pictures"))

    async def _work(self, worker: Any) -> None:
        """Have a worker paint one picture after the other. Raises `RayError` when it dies."""
        from ray.exceptions import RayError

        self._count_ready(+1)
        job: FileJob | None = None
        try:
            while True:
                job = await self._jobs.get()
                targets = await self._targets(worker, job)
                painting = worker.paint.options(num_returns="streaming").remote(job_values(job), targets)
                async for message in painting:
                    self._send(message_from(await message))
                job = None
        except RayError:
            self._count_ready(-1)
            if job is not None:
                self._send(PainterDied(job.number))
            raise

    def _count_ready(self, change: int) -> None:
        self._ready += change
        self._pipe.send(Ready(self._ready))

    async def _targets(self, worker: Any, job: FileJob) -> Any:
        """The statistics that pictures of the job's size share, computed by the first worker that needs them. None if
        the size isn't known. Raises `RayError` when this worker dies."""
        from ray.exceptions import RayError

        size = size_in(job.data)
        if size is None:
            return None
        if self._size is not None:
            size = resized_size(*size, self._size)
        while True:
            found = self._statistics.get(size)
            if found is None:
                self._statistics[size] = mine = asyncio.create_task(self._computed_by(worker, size))
                for oldest in list(self._statistics)[:-_MOST_SIZES]:
                    del self._statistics[oldest]
                try:
                    return await mine
                except RayError:
                    del self._statistics[size]
                    raise
            try:
                return await asyncio.shield(found)
            except RayError:
                await asyncio.sleep(0)  # the worker that computed them has died

    async def _computed_by(self, worker: Any, size: tuple[int, int]) -> Any:
        """The statistics, computed by a worker and kept here, so that they are not lost with its machine."""
        return self._ray.put(await worker.targets.remote(*size))

    def _send(self, message: PoolMessage) -> None:
        self._pipe.send(message)
