"""The service's painter on a Ray cluster: it passes each call on to a painter on another machine.

The broker doesn't know about the cluster: for each worker there it has a worker of its own, with this painter.
"""

import contextlib
import logging
import time
from collections.abc import Generator, Iterator, Sequence
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
from .machines import (
    ClusterDevice,
    Machine,
    cluster_device_from,
    find_machines,
    import_error_on,
    start_worker,
    worker_slots,
)
from .values import Values, array_from, request_values
from .workers import ServiceWorker

log = logging.getLogger(__name__)

_PATIENCE = 60.0
"""Seconds to wait for room on the cluster."""
_MACHINE_SECONDS = 15.0
"""Seconds to wait for room on one machine, before the next one is tried."""


def open_painter(device: str) -> "ClusterPainter":
    """The painter of `impasto serve --ray`. Raises `EngineUnavailable`, `VersionMismatch`, `WeightsMissing`."""
    return ClusterPainter(cluster_device_from(device))


class ClusterPainter:
    """Paints with one worker of a cluster, until that worker is lost."""

    backbones = BACKBONES[:1]

    def __init__(self, place: ClusterDevice) -> None:
        self._place = place
        self._cluster = contextlib.ExitStack()
        try:
            self._ray = self._cluster.enter_context(joined(place.address, 0))
            count = sum(machine.slots for machine in find_machines(self._ray, place.share))
            self._find_worker()
        except BaseException:
            self._cluster.close()
            raise
        others = (replace(place, number=number) for number in range(1, count))
        self.more_devices = tuple(map(str, others)) if place.number == 0 else ()

    def _find_worker(self) -> None:
        """Start a worker on the first machine that has room. Raises `ImpastoError` if none has for too long."""
        from ray.exceptions import GetTimeoutError, RayError

        error, excluded = None, set[str]()
        for machine in self._machines_in_turn():
            if machine.id in excluded:
                continue
            worker = start_worker(self._ray, ServiceWorker, machine)
            try:
                self._ray.get(worker.ping.remote(), timeout=_MACHINE_SECONDS)
                self.device = f"{self._opened(worker, machine)} on {machine.name}"
                self._worker = worker
                return
            except GetTimeoutError:
                log.info("%s has no room", machine.name)
            except (ImpastoError, RayError) as fault:
                excluded.add(machine.id)
                error = _error_on(machine, fault)
                log.warning("%s", error)
            self._ray.kill(worker)
        raise error or EngineUnavailable(
            f"the Ray cluster at {self._place.address} has no room for a worker now; try again later"
        )

    def _opened(self, worker: Any, machine: Machine) -> str:
        """Open a worker. Returns the name of its device."""
        threads = None if machine.has_gpu else machine.cpus
        device = "cuda" if machine.has_gpu else "cpu"
        opening = worker.open.remote(__version__, threads, device, self._place.painter)
        return str(_value(self._ray.get(opening))["device"])

    def _machines_in_turn(self) -> Iterator[Machine]:
        """The cluster's machines, again and again; this painter's number says which one is first."""
        end = time.monotonic() + _PATIENCE
        while True:
            slots = list(worker_slots(find_machines(self._ray, self._place.share)))
            first = self._place.number % max(1, len(slots))
            yield from dict.fromkeys([*slots[first:], *slots[:first]])
            if time.monotonic() > end:
                return
            time.sleep(1.0)

    def paint(self, request: PaintRequest) -> Generator[Step | str, bool | None, Picture]:
        """Yield and return what the painter on the other machine does. Raises `PainterLost` when that is lost."""
        key, worker, keep = uuid4().hex, self._worker, None
        self._ask(worker.begin, key, request_values(request))
        try:
            while True:
                values = self._ask(worker.step, key, bool(keep))
                if "painting" in values:
                    return array_from(values["painting"])
                if "note" in values:
                    keep = yield values["note"]
                else:
                    keep = yield Step(**values, picture=lambda: array_from(self._ask(worker.picture, key)))
        finally:
            worker.drop.remote(key)

    def forecast(
        self, width: int, height: int, settings: Settings, recipe: str, regions: Sequence[Settings] = ()
    ) -> Forecast:
        """The forecast of the painter on the other machine."""
        told = asdict(settings), recipe, [asdict(one) for one in regions]
        return Forecast(**self._ask(self._worker.forecast, width, height, *told))

    def has_room_for(self, width: int, height: int, settings: Settings, recipe: str) -> bool:
        """The answer of the painter on the other machine."""
        return bool(self._ask(self._worker.has_room_for, width, height, asdict(settings), recipe))

    def leave_a_core(self, is_left: bool) -> None:
        """Do nothing: the person works on another machine."""

    def close(self) -> None:
        """End the worker, and disconnect from the cluster."""
        self._ray.kill(self._worker)
        self._cluster.close()

    def _ask(self, method: Any, *arguments: Any) -> Any:
        from ray.exceptions import ObjectLostError, RayActorError

        try:
            return _value(self._ray.get(method.remote(*arguments)))
        except (RayActorError, ObjectLostError) as error:
            raise PainterLost(f"{self.device} was lost: {type(error).__name__}") from error


def _error_on(machine: Machine, fault: Exception) -> ImpastoError:
    """The error for a person if a machine can't paint."""
    if isinstance(fault, ImpastoError):
        return error_from(fault.code, f"{machine.name}: {fault}")
    return import_error_on(machine.name, fault) or WorkerDied(f"{machine.name}: workers end unexpectedly there")


def _value(answer: Values) -> Any:
    """The value in an answer. Raises the `ImpastoError` of the other machine."""
    if "error" in answer:
        raise error_from(*answer["error"])
    return answer["value"]
