"""The service's painter on a Ray cluster: what a worker asks of its painter is asked of one on another machine.

The broker knows nothing of it: for each worker of the cluster it has one of its own, with this painter.
"""

import contextlib
import logging
import time
from collections.abc import Generator, Iterator
from dataclasses import asdict, replace
from typing import Any
from uuid import uuid4

from impasto.backbones.names import BACKBONES
from impasto.painting.painter import PainterLost
from impasto.request import Forecast, PaintRequest, Picture, Step
from impasto_wire import __version__
from impasto_wire.errors import EngineUnavailable, ImpastoError, WorkerDied, error_from
from impasto_wire.settings import Settings

from .connect import joined
from .machines import Machine, Seat, find_machines, hire, importing_failed, seat_from, seats
from .values import Values, array_from, request_values
from .workers import ServiceWorker

log = logging.getLogger(__name__)

_PATIENCE = 60.0
"""Seconds for a cluster to have room for us."""
_TURN = 15.0
"""Seconds that one machine is waited for; another may have room."""


def open_painter(device: str) -> "ClusterPainter":
    """What `impasto serve --ray` names. Raises `EngineUnavailable`, `VersionMismatch`, `WeightsMissing`."""
    return ClusterPainter(seat_from(device))


class ClusterPainter:
    """Speaks for one worker of a cluster, until that is lost."""

    backbones = BACKBONES[:1]

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._cluster = contextlib.ExitStack()
        try:
            self._ray = self._cluster.enter_context(joined(seat.address, 0))
            count = sum(machine.room for machine in find_machines(self._ray, seat.share))
            self._hire()
        except BaseException:
            self._cluster.close()
            raise
        others = (replace(seat, number=number) for number in range(1, count))
        self.more_devices = tuple(map(str, others)) if seat.number == 0 else ()

    def _hire(self) -> None:
        """Find a worker. Raises `ImpastoError` when there is none for too long."""
        from ray.exceptions import GetTimeoutError, RayError

        error, left = None, set[str]()
        for machine in self._turns():
            if machine.id in left:
                continue
            worker = hire(self._ray, ServiceWorker, machine)
            try:
                self._ray.get(worker.here.remote(), timeout=_TURN)
                self.device = f"{self._opened(worker, machine)} on {machine.name}"
                self._worker = worker
                return
            except GetTimeoutError:
                log.info("%s has no room", machine.name)
            except (ImpastoError, RayError) as fault:
                left.add(machine.id)
                error = _told_of(machine, fault)
                log.warning("%s", error)
            self._ray.kill(worker)
        raise error or EngineUnavailable(
            f"the Ray cluster at {self._seat.address} has no room for a worker now; try again later"
        )

    def _opened(self, worker: Any, machine: Machine) -> str:
        """The device of a worker that has got ready."""
        threads = None if machine.has_gpu else machine.cpus
        device = "cuda" if machine.has_gpu else "cpu"
        opening = worker.open.remote(__version__, threads, device, self._seat.painter)
        return str(_value(self._ray.get(opening))["device"])

    def _turns(self) -> Iterator[Machine]:
        """The cluster's machines, in turns, from that on which is this painter's by its number."""
        end = time.monotonic() + _PATIENCE
        while True:
            places = list(seats(find_machines(self._ray, self._seat.share)))
            first = self._seat.number % max(1, len(places))
            yield from dict.fromkeys([*places[first:], *places[:first]])
            if time.monotonic() > end:
                return
            time.sleep(1.0)

    def paint(self, request: PaintRequest) -> Generator[Step | str, bool | None, Picture]:
        """As the painter there yields and returns. Raises `PainterLost` when it is lost."""
        key, worker, keep = uuid4().hex, self._worker, None
        self._ask(worker.begin, key, request_values(request))
        try:
            while True:
                news = self._ask(worker.step, key, bool(keep))
                if "painting" in news:
                    return array_from(news["painting"])
                if "note" in news:
                    keep = yield news["note"]
                else:
                    keep = yield Step(**news, picture=lambda: array_from(self._ask(worker.picture, key)))
        finally:
            worker.drop.remote(key)

    def forecast(self, width: int, height: int, settings: Settings, recipe: str) -> Forecast:
        """As the painter there forecasts."""
        return Forecast(**self._ask(self._worker.forecast, width, height, asdict(settings), recipe))

    def leave_a_core(self, is_left: bool) -> None:
        """Whoever looks at previews sits before another machine."""

    def close(self) -> None:
        """Let go of the worker, and of the cluster."""
        self._ray.kill(self._worker)
        self._cluster.close()

    def _ask(self, method: Any, *arguments: Any) -> Any:
        from ray.exceptions import ObjectLostError, RayActorError

        try:
            return _value(self._ray.get(method.remote(*arguments)))
        except (RayActorError, ObjectLostError) as error:
            raise PainterLost(f"{self.device} was lost: {type(error).__name__}") from error


def _told_of(machine: Machine, fault: Exception) -> ImpastoError:
    """Why a machine can't paint."""
    if isinstance(fault, ImpastoError):
        return error_from(fault.code, f"{machine.name}: {fault}")
    return importing_failed(machine.name, fault) or WorkerDied(f"{machine.name}: workers end unexpectedly there")


def _value(answer: Values) -> Any:
    """What was asked for. Raises the `ImpastoError` that was met there."""
    if "error" in answer:
        raise error_from(*answer["error"])
    return answer["value"]
