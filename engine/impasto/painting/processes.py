"""One picture painted by several processes of this machine, each with its rows and its share of the threads."""

import contextlib
import multiprocessing
import os
import tempfile
import threading
from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import torch
import torch.distributed as dist

from impasto.request import PaintRequest, Picture, Step, drained
from impasto.transfer.team import ALONE, ProcessTeam, Team
from impasto_wire.errors import SettingError, WorkerDied

from .order import Order
from .trial import trusted_device

PATIENCE = timedelta(hours=1)
"""How long processes wait for each other. A step of a gigapixel takes long; the death of a process shows at once."""


def paint_in_processes(order: Order, request: PaintRequest, count: int) -> Generator[Step | str, bool | None, Picture]:
    """Paint a request in `count` processes, this one among them; yields and returns what `LocalPainter.paint` does.

    Raises `SettingError` where the order is for a GPU, `WorkerDied`.
    """
    with closing(SharedPainter(order, count)) as painter:
        return (yield from painter.paint(request))


def check_shared_device(order: Order, count: int) -> None:
    """Raises `SettingError` where the order is for a GPU."""
    if trusted_device(order.device).type != "cpu":
        raise SettingError(
            f"workers is {count}; one picture is shared on the CPU alone, leave it out or give --device cpu"
        )


class SharedPainter:
    """Several processes with their networks loaded, this one among them, that share each picture they paint.

    Call `close` in the end.
    """

    def __init__(self, order: Order, count: int) -> None:
        """Raises `SettingError` where the order is for a GPU, `WeightsMissing`."""
        check_shared_device(order, count)
        self._threads = torch.get_num_threads()
        threads = max(1, self._threads // count)
        self._held = contextlib.ExitStack()
        folder = Path(self._held.enter_context(tempfile.TemporaryDirectory()))
        context = multiprocessing.get_context("spawn")
        self._pipes = []
        for rank in range(1, count):
            ours, theirs = context.Pipe()
            arguments = (theirs, order, folder / "meeting", rank, count, threads)
            process = context.Process(target=_paint_along, args=arguments, daemon=True)
            process.start()
            theirs.close()
            self._held.callback(_kill, process)
            self._pipes.append(ours)
        try:
            with _deaths_as_errors():
                team = self._held.enter_context(_team(folder / "meeting", 0, count, threads))
            self._painter = order.open_painter(team)
        except BaseException:
            self.close()
            raise

    def paint(self, request: PaintRequest) -> Generator[Step | str, bool | None, Picture]:
        """Paint a request; yields and returns what `LocalPainter.paint` does. Raises `WorkerDied`."""
        with _deaths_as_errors():
            for pipe in self._pipes:
                pipe.send(request)
            return (yield from self._painter.paint(request))

    def close(self) -> None:
        """End the other processes."""
        self._held.close()
        torch.set_num_threads(self._threads)


@contextlib.contextmanager
def _deaths_as_errors() -> Iterator[None]:
    """Raises `WorkerDied` where another process has ended."""
    try:
        yield
    except (RuntimeError, OSError) as error:  # from torch.distributed or a pipe to a process that ended
        raise WorkerDied("a process that was painting ended unexpectedly; try fewer workers") from error


@contextlib.contextmanager
def _team(meeting: Path, rank: int, count: int, threads: int) -> Iterator[Team]:
    """The team of the processes that were given the same file to find each other."""
    torch.set_num_threads(threads)
    if count == 1:
        yield ALONE
        return
    if loopback := _loopback():  # messages stay on this machine
        os.environ.setdefault("GLOO_SOCKET_IFNAME", loopback)
    dist.init_process_group("gloo", init_method=meeting.as_uri(), rank=rank, world_size=count, timeout=PATIENCE)
    try:
        yield ProcessTeam()
    finally:
        dist.destroy_process_group()


def _loopback() -> str | None:
    """What this system calls the network of the machine itself: lo, lo0, Loopback Pseudo-Interface 1."""
    for name, addresses in psutil.net_if_addrs().items():
        if any(address.address == "127.0.0.1" for address in addresses):
            return str(name)
    return None


def _paint_along(pipe: Any, order: Order, meeting: Path, rank: int, count: int, threads: int) -> None:
    """What the other processes run: paint their rows of each request that arrives, until their parent ends."""
    end_with_parent()
    with _team(meeting, rank, count, threads) as team:
        painter = order.open_painter(team)
        while True:
            drained(painter.paint(pipe.recv()))


def end_with_parent() -> None:
    """From now on, end this process as soon as its parent ends, even during a step."""
    parent = multiprocessing.parent_process()
    assert parent

    def end() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=end, daemon=True).start()


def _kill(process: Any) -> None:
    process.kill()
    process.join()
