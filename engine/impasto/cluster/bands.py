"""A worker that paints a band of a large picture, and meets the others of its team on the machines' own network."""

import contextlib
import os
import socket
from collections.abc import Generator
from typing import Any

from impasto_wire.errors import ImpastoError

from .arrays import array_from, array_values
from .values import Values
from .workers import check_version, use_threads

_STEP = (
    "scale",
    "scales",
    "step",
    "steps",
    "fraction",
    "loss",
    "style_loss",
    "content_loss",
    "seconds",
    "seconds_left",
)


class BandWorker:
    """Owns some rows of a picture; the first one's worker says how it goes, and has the whole in the end."""

    def open(self, version: str, order: Values, threads: int) -> tuple[str, str] | None:
        """Get ready for an order; the code and sentence of what speaks against it."""
        try:
            check_version(version)
            from .orders import order_from

            use_threads(threads)
            self._order = order_from(order)
            self._backbone = self._order.open_backbone()
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

    def paint(
        self, layer: tuple[Values | None, ...], rank: int, count: int, host: str, port: int
    ) -> Generator[dict[str, Any]]:
        """Paint the rows of that rank. The first yields steps, notes and the painting; each the error that it meets."""
        import torch.distributed as dist

        from impasto.painting.processes import PATIENCE
        from impasto.transfer import Layer, Step
        from impasto.transfer.team import Processes

        os.environ["GLOO_SOCKET_IFNAME"] = _interface(_address())
        store = self._list if rank == 0 else dist.TCPStore(host, port, count, is_master=False)  # type: ignore[attr-defined]
        dist.init_process_group("gloo", store=store, rank=rank, world_size=count, timeout=PATIENCE)
        pixels, *maps = (None if values is None else array_from(values) for values in layer)
        assert pixels is not None
        painting = self._order.paint(Layer(pixels, *maps), self._backbone, team=Processes())
        try:
            while True:
                news = next(painting)
                if rank == 0:
                    is_step = isinstance(news, Step)
                    yield {name: getattr(news, name) for name in _STEP} if is_step else {"note": news}
        except StopIteration as finished:
            if rank == 0:
                yield {"painting": array_values(finished.value)}
        except ImpastoError as error:
            yield {"error": (error.code, str(error))}
        finally:
            with contextlib.suppress(RuntimeError):
                dist.destroy_process_group()


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
