"""One large picture painted by several workers of a cluster, each with its rows. They exchange data through gloo."""

import multiprocessing
import signal
from collections.abc import Generator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from impasto.folders import folders
from impasto.painting.order import Order
from impasto.painting.processes import check_shared_device
from impasto.request import PaintRequest, Picture, Step
from impasto_wire import __version__
from impasto_wire.errors import EngineUnavailable, ImpastoError, SettingError, WorkerDied, error_from

from .connect import Ray, check_ray, joined
from .driver import Plan, Refused, redirect_output_to
from .machines import Machine, find_machines, import_error_on, start_worker, worker_slots
from .orders import order_values
from .values import Values, array_from, request_values
from .workers import BandWorker

_END_SECONDS = 10.0
"""Seconds for Ray to end a cluster of our own."""
_GONE = "a machine that was painting has gone, or its worker; start again, with fewer workers if it comes back"


def paint_on_cluster(order: Order, request: PaintRequest, plan: Plan) -> Generator[Step | str, None, Picture]:
    """Paint with several workers of a cluster. Yields and returns as `LocalPainter.paint` does, its steps without
    pictures.

    Raises `SettingError` where the order is for a GPU, `EngineUnavailable`, `WorkerDied`.
    """
    check_ray(plan.address)
    check_shared_device(order, plan.most or 1)
    values = request_values(request)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    log_file = folders().log_file.with_name("ray.log")
    process = context.Process(target=_drive, args=(theirs, plan, order_values(order), values, log_file))
    process.start()
    theirs.close()
    with closing(ours):
        try:
            while True:
                match _received(ours):
                    case Refused(code, sentence):
                        raise error_from(code, sentence)
                    case str(note):
                        yield note
                    case {"painting": painting}:
                        process.join(_END_SECONDS)
                        return array_from(painting)
                    case step:
                        yield Step(**step, picture=_no_picture)
        finally:
            process.terminate()
            process.join(_END_SECONDS)
            process.kill()
            process.join()


def _received(pipe: Any) -> Any:
    try:
        return pipe.recv()
    except (EOFError, OSError):
        raise EngineUnavailable("the Ray cluster has gone; start again, with another --ray or without") from None


def _no_picture() -> Picture:
    raise NotImplementedError("the pictures of steps stay on the machines that paint")


def _drive(pipe: Any, plan: Plan, order: Values, request: Values, log_file: Path) -> None:
    """What the process does that uses Ray; see `driver`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent process kills it
    redirect_output_to(log_file)
    try:
        with joined(plan.address, (plan.share.cpus or 1) * (plan.most or 1)) as ray:
            _paint_bands(ray, pipe, plan, order, request)
    except ImpastoError as error:
        pipe.send(Refused(error.code, str(error)))


def _paint_bands(ray: Ray, pipe: Any, plan: Plan, order: Values, request: Values) -> None:
    """Have each worker paint its rows; an error in one of them ends all."""
    from ray.exceptions import RayError

    machines = _machines(ray, plan)
    workers = [start_worker(ray, BandWorker, machine) for machine in machines]
    _open(ray, workers, machines, order)
    try:
        store = ray.get(workers[0].start_store.remote(len(workers)))
        shared = ray.put(request)
        streams = {
            worker.paint.options(num_returns="streaming").remote(shared, rank, len(workers), *store): rank
            for rank, worker in enumerate(workers)
        }
        while streams:
            (stream,), _ = ray.wait(list(streams), num_returns=1)
            try:
                values = ray.get(next(stream))
            except StopIteration:
                del streams[stream]
                continue
            if "error" in values:
                raise error_from(*values["error"])
            if "painting" in values:
                pipe.send(values)
                return
            pipe.send(values.get("note", values))
    except RayError as error:
        raise WorkerDied(_GONE) from error


def _machines(ray: Ray, plan: Plan) -> list[Machine]:
    """The machine of each worker. Raises `SettingError` if there isn't room for all of them."""
    wanted = plan.most or 1
    found = list(islice(worker_slots(find_machines(ray, plan.share)), wanted))
    if len(found) < wanted:
        raise SettingError(f"workers is {wanted}; the Ray cluster has room for {len(found)}, ask for fewer")
    return found


def _open(ray: Ray, workers: list[Any], machines: list[Machine], order: Values) -> None:
    """Open all workers. Raises `ImpastoError` if one of them can't be opened."""
    from ray.exceptions import RayError

    shared = ray.put(order)
    openings = [
        worker.open.remote(__version__, shared, machine.cpus) for worker, machine in zip(workers, machines, strict=True)
    ]
    for machine, opening in zip(machines, openings, strict=True):
        try:
            refusal = ray.get(opening)
        except RayError as error:
            raise import_error_on(machine.name, error) or WorkerDied(_GONE) from error
        if refusal is not None:
            raise error_from(refusal[0], f"{machine.name}: {refusal[1]}")
