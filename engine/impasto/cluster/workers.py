"""What runs on the cluster's machines. Values and bytes come in and go out; see `values` and `orders`."""

import contextlib
import os
import socket
import time
from collections.abc import Callable, Generator
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
    news_values,
    request_from,
    step_values,
)

_PROGRESS_SECONDS = 0.3


def check_version(version: str) -> None:
    """Raises `VersionMismatch` for another Impasto's than this machine's."""
    if version != __version__:
        raise VersionMismatch(f"it has Impasto {__version__}, and the job is of {version}; install the same on both")


class Worker:
    """What Ray gives a place on one of its machines."""

    def here(self) -> None:
        """Answer as soon as it has its place."""


class BatchWorker(Worker):
    """Keeps a network ready, and paints one picture after another."""

    def open(self, version: str, order: Values, threads: int | None) -> tuple[str, str] | None:
        """Get ready for an order; the code and sentence of what speaks against it. On a CPU with that many threads."""
        try:
            check_version(version)
            from impasto.batch.file_painter import FilePainter

            from .orders import order_from

            use_threads(threads)
            self._painter = FilePainter(order_from(order))
        except ImpastoError as error:
            return error.code, str(error)
        return None

    def targets(self, width: int, height: int) -> list[Values]:
        """What all pictures painted at that size share; nothing where each shall say itself what is wrong."""
        from .orders import targets_values

        try:
            return targets_values(self._painter.targets(width, height))
        except ImpastoError:
            return []

    def paint(self, job: Values, targets: list[Values] | None) -> Generator[Values]:
        """News of a job, the last one how it ended."""
        from impasto.batch.messages import Progress

        from .orders import targets_from

        if targets:
            self._painter.keep(targets_from(targets, self._painter.device))
        told = 0.0
        for news in self._painter.paint(job_from(job)):
            if isinstance(news, Progress) and time.monotonic() - told < _PROGRESS_SECONDS:
                continue
            told = time.monotonic()
            yield news_values(news)


class ServiceWorker(Worker):
    """Paints for the service, step by step, several paintings at a time; each answer holds a value or an error."""

    def open(self, version: str, threads: int | None, device: str, painter: str) -> Values:
        """Get ready with what `module:function` opens on a device; the device's name."""
        return _answered(lambda: self._open(version, threads, device, painter))

    def _open(self, version: str, threads: int | None, device: str, painter: str) -> Values:
        check_version(version)
        use_threads(threads)
        self._painter = open_named(painter, device)
        self._paintings: dict[str, Generator[Any, bool | None, Any]] = {}
        self._steps: dict[str, Any] = {}
        return {"device": self._painter.device}

    def begin(self, key: str, request: Values) -> Values:
        """Begin a painting."""

        def begun() -> None:
            self._paintings[key] = self._painter.paint(request_from(request))

        return _answered(begun)

    def step(self, key: str, keep: bool) -> Values:
        """The next step, a note, or the painting; with `keep` the painting as far as it has come."""

        def taken() -> Values:
            try:
                step = self._paintings[key].send(True if keep else None)
            except StopIteration as finished:
                return {"painting": array_values(finished.value)}
            if isinstance(step, str):
                return {"note": step}
            self._steps[key] = step
            return step_values(step)

        return _answered(taken)

    def picture(self, key: str) -> Values:
        """The picture as the last step left it."""
        return _answered(lambda: array_values(self._steps[key].picture()))

    def drop(self, key: str) -> None:
        """Forget a painting."""
        self._steps.pop(key, None)
        if painting := self._paintings.pop(key, None):
            painting.close()

    def forecast(self, width: int, height: int, settings: Values, recipe: str) -> Values:
        """What a layer of that size would cost."""

        def told() -> Values:
            found = self._painter.forecast(width, height, Settings.from_dict(settings), recipe)
            return {"seconds": found.seconds, "bytes": found.bytes, "plan": found.plan}

        return _answered(told)


class BandWorker:
    """Owns some rows of a picture; the first one's worker says how it goes, and has the whole in the end."""

    def open(self, version: str, order: Values, threads: int) -> tuple[str, str] | None:
        """Get ready for an order; the code and sentence of what speaks against it."""
        try:
            check_version(version)
            from .orders import order_from

            use_threads(threads)
            self._painter = order_from(order).open_painter()
        except ImpastoError as error:
            return error.code, str(error)
        return None

    def meet(self, count: int) -> tuple[str, int]:
        """Keep a list of who is where for a team of so many; where that is, for all of them."""
        import torch.distributed as dist

        here = _address()
        # Not on every network that this machine is in.
        door = socket.create_server((here, 0))
        port = door.getsockname()[1]
        self._list = dist.TCPStore(  # type: ignore[attr-defined]
            here, port, count, is_master=True, wait_for_workers=False, master_listen_fd=door.detach()
        )
        return here, port

    def paint(self, request: Values, rank: int, count: int, host: str, port: int) -> Generator[Values]:
        """Paint the rows of that rank. The first yields steps, notes and the painting; each the error that it meets."""
        import torch.distributed as dist

        from impasto.painting.processes import PATIENCE
        from impasto.transfer.team import ProcessTeam

        os.environ["GLOO_SOCKET_IFNAME"] = _interface(_address())
        store = self._list if rank == 0 else dist.TCPStore(host, port, count, is_master=False)  # type: ignore[attr-defined]
        dist.init_process_group("gloo", store=store, rank=rank, world_size=count, timeout=PATIENCE)
        try:
            self._painter.team = ProcessTeam()
            painting = self._painter.paint(request_from(request))
            while True:
                news = next(painting)
                if rank == 0:
                    yield step_values(news) if isinstance(news, Step) else {"note": news}
        except StopIteration as finished:
            if rank == 0:
                yield {"painting": array_values(finished.value)}
        except ImpastoError as error:
            yield {"error": (error.code, str(error))}
        finally:
            with contextlib.suppress(RuntimeError):
                dist.destroy_process_group()


def use_threads(threads: int | None) -> None:
    """Paint with so many threads on a CPU."""
    import torch

    if threads is not None:
        torch.set_num_threads(threads)


def _answered(question: Callable[[], Any]) -> Values:
    """What comes of it, or the error as code and sentence."""
    try:
        return {"value": question()}
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
