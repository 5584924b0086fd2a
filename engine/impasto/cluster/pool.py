"""Paints a batch on a Ray cluster, by way of a process that uses Ray and a pipe to that process."""

import contextlib
import multiprocessing
from collections.abc import Iterator

from impasto.batch.messages import FileJob, FileProgress, PoolMessage, Remark
from impasto.folders import folders
from impasto_wire.errors import EngineUnavailable, error_from

from .connect import check_ray
from .driver import Plan, Ready, Refused, drive
from .values import Values

_PATIENCE = 90.0
"""Seconds for a cluster to start or to answer."""
_END_SECONDS = 10.0


class RayPool:
    """Paints on a cluster, one picture at a time on each worker."""

    def __init__(self, plan: Plan, order: Values) -> None:
        """Raises `SettingError` where Ray is not installed."""
        check_ray(plan.address)
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        log_file = folders().log_file.with_name("ray.log")
        self._process = context.Process(target=drive, args=(theirs, plan, order, log_file))
        self._process.start()
        theirs.close()
        self._ready, self._running, self._is_connected = 0, 0, False

    def has_room(self) -> bool:
        """Has a worker no job?"""
        return self._ready > self._running

    def give(self, job: FileJob) -> None:
        """Send a job; the first free worker paints it."""
        self._running += 1
        with contextlib.suppress(OSError):  # the process has died, which `messages` will notice
            self._pipe.send(job)

    def messages(self) -> Iterator[PoolMessage]:
        """Wait for the next message. Raises `ImpastoError` when the cluster can't be reached, or has gone."""
        if not self._is_connected and not self._pipe.poll(_PATIENCE):
            raise EngineUnavailable(f"the Ray cluster has said nothing for {_PATIENCE:.0f} s; check its head")
        self._is_connected = True
        try:
            message = self._pipe.recv()
        except (EOFError, OSError):
            raise EngineUnavailable(
                "the Ray cluster has gone; the same command goes on where it was, with another --ray or without"
            ) from None
        match message:
            case Refused(code, sentence):
                raise error_from(code, sentence)
            case Ready(count):
                self._ready = count
            case FileProgress() | Remark():
                yield message
            case _:
                self._running -= 1
                yield message

    def close(self) -> None:
        """Disconnect from the cluster; one that was started for this batch ends."""
        self._pipe.close()
        self._process.join(_END_SECONDS)
        self._process.kill()
        self._process.join()
