"""A batch's crew on a Ray cluster, as seen by the batch: a process that deals with Ray, and a pipe to it."""

import contextlib
import multiprocessing
from collections.abc import Iterator

from impasto.batch.messages import Job, News, Progress, Remark
from impasto.folders import folders
from impasto_wire.errors import EngineUnavailable, error_from

from .connect import check_ray
from .driver import Plan, Ready, Refused, drive
from .values import Values

_PATIENCE = 90.0
"""Seconds for a cluster to be started or joined."""
_FAREWELL = 10.0


class RayPool:
    """Paints on a cluster, a picture at a time on each of its workers."""

    def __init__(self, plan: Plan, order: Values) -> None:
        """Raises `SettingError` where Ray is not installed."""
        check_ray(plan.address)
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        log_file = folders().log_file.with_name("ray.log")
        self._process = context.Process(target=drive, args=(theirs, plan, order, log_file))
        self._process.start()
        theirs.close()
        self._ready, self._in_hand, self._is_joined = 0, 0, False

    def has_room(self) -> bool:
        """Would a worker be without a picture?"""
        return self._ready > self._in_hand

    def give(self, job: Job) -> None:
        """Have a picture painted by whoever is free."""
        self._in_hand += 1
        with contextlib.suppress(OSError):  # it has died; the next look at its pipe tells
            self._pipe.send(job)

    def news(self) -> Iterator[News]:
        """Wait until something happens. Raises `ImpastoError` when the cluster can't be joined, or has gone."""
        if not self._is_joined and not self._pipe.poll(_PATIENCE):
            raise EngineUnavailable(f"the Ray cluster has said nothing for {_PATIENCE:.0f} s; check its head")
        self._is_joined = True
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
            case Progress() | Remark():
                yield message
            case _:
                self._in_hand -= 1
                yield message

    def close(self) -> None:
        """Let go of the cluster; one of our own ends."""
        self._pipe.close()
        self._process.join(_FAREWELL)
        self._process.kill()
        self._process.join()
