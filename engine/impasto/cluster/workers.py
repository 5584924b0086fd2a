"""What runs on the cluster's machines: Ray actors, which take and return plain values; see `values` and `orders`."""

import contextlib
import os
import socket
import time
from collections.abc import Callable, Generator, Sequence
from typing import Any

from impasto.painting.painter import open_named
from impasto.request import Step
from impasto_wire import __version__
from impasto_wire.errors import ImpastoError, OutOfMemory, VersionMismatch
from impasto_wire.settings import Settings

from .values import (
    Values,
    array_values,
    job_from,
    message_values,
    request_from,
    step_values,
)

_PROGRESS_SECONDS = 0.3


def check_version(version: str) -> None:
    """Raises `VersionMismatch` if that isn't the version of Impasto on this machine."""
    if version != __version__:
        raise VersionMismatch(f"it has Impasto {__version__}, and the job is of {version}; install the same on both")


class Actor:
    """What Ray starts on one of its machines."""

    def ping(self) -> None:
        """Answer as soon as Ray has started it."""


class BatchWorker(Actor):
    """Paints the pictures of a batch, one after the other."""

    def open(self, version: str, order: Values, threads: int | None) -> tuple[str, str] | None:
        """Prepare to paint by an order, on a CPU with that many threads. Returns an error's code and sentence."""
        try:
            check_version(version)
            from impasto.batch.file_painter import FilePainter

            from .orders import order_from

            use_threads(threads)
            self._painter = FilePainter(order_from(order))
        except ImpastoError as error:
            return error.code, str(error)
        return None

    def targets(self, width: int, height: int) -> list[list[Values]]:
        """The styles' statistics for pictures of that size. Empty after an error: each picture then reports it."""
        from .orders import targets_values

        try:
            return targets_values(self._painter.targets(width, height))
        except ImpastoError:
            return []

    def paint(self, job: Values, targets: list[list[Values]] | None) -> Generator[Values]:
        """Paint a picture. Yields messages about it; the last one is the painting or an error."""
        from impasto.batch.messages import FileProgress

        from .orders import targets_from

        if targets:
            self._painter.keep(targets_from(targets, self._painter.device))
        reported = 0.0
        for message in self._painter.paint(job_from(job)):
            if isinstance(message, FileProgress) and time.monotonic() - reported < _PROGRESS_SECONDS:
                continue
            reported = time.monotonic()
            yield message_values(message)


class ServiceWorker(Actor):
    """Paints for the service, step by step, several paintings at a time. Each answer holds a value or an error."""

    def open(self, version: str, threads: int | None, device: str, painter: str) -> Values:
        """Open a painter, named as `module:function`, on a device. Returns the device's name."""
        return _answer_of(lambda: self._open(version, threads, device, painter))

    def _open(self, version: str, threads: int | None, device: str, painter: str) -> Values:
        check_version(version)
        use_threads(threads)
        self._painter = open_named(painter, device)
        self._paintings: dict[str, Generator[Any, bool | None, Any]] = {}
        self._steps: dict[str, Any] = {}
        return {"device": self._painter.device}

    def begin(self, key: str, request: Values) -> Values:
        """Begin a painting."""

        def begin() -> None:
            self._paintings[key] = self._painter.paint(request_from(request))

        return _answer_of(begin)

    def step(self, key: str, keep: bool) -> Values:
        """The next step, a note, or the painting; with `keep` the painting as it is now."""

        def take_step() -> Values:
            try:
                step = self._paintings[key].send(True if keep else None)
            except StopIteration as finished:
                return {"painting": array_values(finished.value)}
            if isinstance(step, str):
                return {"note": step}
            self._steps[key] = step
            return step_values(step)

        return _answer_of(take_step)

    def picture(self, key: str) -> Values:
        """The picture after the last step."""
        return _answer_of(lambda: array_values(self._steps[key].picture()))

    def drop(self, key: str) -> None:
        """Forget a painting."""
        self._steps.pop(key, None)
        if painting := self._paintings.pop(key, None):
            painting.close()

    def has_room_for(self, width: int, height: int, settings: Values, recipe: str) -> Values:
        """May a painting of that size be begun beside those under way?"""
        return _answer_of(lambda: self._painter.has_room_for(width, height, Settings.from_dict(settings), recipe))

    def forecast(self, width: int, height: int, settings: Values, recipe: str, regions: Sequence[Values]) -> Values:
        """What a layer of that size would cost, with regions of these settings."""

        def forecast() -> Values:
            of_all, *of_regions = map(Settings.from_dict, (settings, *regions))
            found = self._painter.forecast(width, height, of_all, recipe, of_regions)
            return {"seconds": found.seconds, "bytes": found.bytes, "plan": found.plan}

        return _answer_of(forecast)


class BandWorker:
    """Paints some rows of a picture. The worker of rank 0 reports the steps, and returns the whole painting."""

    def open(self, version: str, order: Values, threads: int) -> tuple[str, str] | None:
        """Prepare to paint by an order. Returns an error's code and sentence."""
        try:
            check_version(version)
            from .orders import order_from

            use_threads(threads)
            self._painter = order_from(order).open_painter()
        except ImpastoError as error:
            return error.code, str(error)
        return None

    def start_store(self, count: int) -> tuple[str, int]:
        """Start the store through which `count` workers find each other. Returns its host and port."""
        import torch.distributed as dist

        host = _address()
        # Listens at this one address, not on every network of this machine.
        listener = socket.create_server((host, 0))
        port = listener.getsockname()[1]
        self._store = dist.TCPStore(  # type: ignore[attr-defined]
            host, port, count, is_master=True, wait_for_workers=False, master_listen_fd=listener.detach()
        )
        return host, port

    def paint(self, request: Values, rank: int, count: int, host: str, port: int) -> Generator[Values]:
        """Paint the rows of one rank. Rank 0 yields steps, notes and the painting; every rank yields its error."""
        import torch.distributed as dist

        from impasto.painting.processes import PATIENCE
        from impasto.transfer.team import ProcessTeam

        os.environ["GLOO_SOCKET_IFNAME"] = _interface(_address())
        store = self._store if rank == 0 else dist.TCPStore(host, port, count, is_master=False)  # type: ignore[attr-defined]
        dist.init_process_group("gloo", store=store, rank=rank, world_size=count, timeout=PATIENCE)
        try:
            self._painter.team = ProcessTeam()
            painting = self._painter.paint(request_from(request))
            while True:
                step = next(painting)
                if rank == 0:
                    yield step_values(step) if isinstance(step, Step) else {"note": step}
        except StopIteration as finished:
            if rank == 0:
                yield {"painting": array_values(finished.value)}
        except ImpastoError as error:
            yield {"error": (error.code, str(error))}
        finally:
            with contextlib.suppress(RuntimeError):
                dist.destroy_process_group()


def use_threads(threads: int | None) -> None:
    """Paint with that many threads on a CPU."""
    import torch

    if threads is not None:
        torch.set_num_threads(threads)


def _answer_of(action: Callable[[], Any]) -> Values:
    """What an action returns, or its error as code and sentence."""
    try:
        return {"value": action()}
    except ImpastoError as error:
        return {"error": (error.code, str(error))}
    except MemoryError:
        sentence = "the layer doesn't fit into the memory of the machine that paints; paint a copy of half its size"
        return {"error": (OutOfMemory.code, sentence)}


def _address() -> str:
    """This machine's address in the cluster."""
    import ray

    return str(ray.util.get_node_ip_address())


def _interface(address: str) -> str:
    """The network interface that has an address."""
    import psutil

    for name, addresses in psutil.net_if_addrs().items():
        if address in (each.address for each in addresses):
            return str(name)
    raise OSError(f"no network interface has the address {address}")
