"""One picture painted by several processes of this machine, each with its rows and its share of the threads."""

import contextlib
import multiprocessing
import os
import tempfile
import threading
from collections.abc import Generator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

from impasto_wire.errors import SettingError, WorkerDied

from .devices import choose_device
from .order import Order, Pixels
from .transfer import Layer, Step
from .transfer.team import Processes, Team

_PATIENCE = timedelta(hours=1)
"""How long one waits for another: a step of a gigapixel takes long, and who dies is known at once."""


def paint_together(order: Order, layer: Layer, count: int) -> Generator[Step | str, None, Pixels]:
    """The layer repainted by `count` processes, this one among them; as `Order.paint` yields and returns.

    Raises `SettingError` where the order is for a GPU, `WorkerDied`.
    """
    if choose_device(order.device).type != "cpu":
        raise SettingError(
            f"workers is {count}; one picture is shared on the CPU alone, leave it out or give --device cpu"
        )
    context = multiprocessing.get_context("spawn")
    threads = max(1, torch.get_num_threads() // count)
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as members:
        meeting = Path(folder) / "meeting"
        for rank in range(1, count):
            member = context.Process(
                target=_paint_along, args=(order, layer, meeting, rank, count, threads), daemon=True
            )
            member.start()
            members.callback(_end, member)
        try:
            with _team(meeting, 0, count, threads) as team:
                painting = order.paint(layer, order.open_backbone(), team=team)
                while True:
                    try:
                        yield next(painting)
                    except StopIteration as finished:
                        result: Pixels = finished.value
                        return result
        except RuntimeError as error:  # what torch.distributed raises where a neighbour has gone
            raise WorkerDied("a process that was painting ended unexpectedly; try fewer workers") from error


@contextlib.contextmanager
def _team(meeting: Path, rank: int, count: int, threads: int) -> Iterator[Team]:
    """The team of those who meet at a file."""
    torch.set_num_threads(threads)
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")  # nobody else's business
    dist.init_process_group("gloo", init_method=meeting.as_uri(), rank=rank, world_size=count, timeout=_PATIENCE)
    try:
        yield Processes()
    finally:
        dist.destroy_process_group()


def _paint_along(order: Order, layer: Layer, meeting: Path, rank: int, count: int, threads: int) -> None:
    """Another's process: paints its rows, and ends with whoever started it."""
    threading.Thread(target=_end_with, args=(multiprocessing.parent_process(),), daemon=True).start()
    with _team(meeting, rank, count, threads) as team:
        for _ in order.paint(layer, order.open_backbone(), team=team):
            pass


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


def _end(member: Any) -> None:
    member.kill()
    member.join()
