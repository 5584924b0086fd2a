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

import torch
import torch.distributed as dist

from impasto.devices import choose_device
from impasto.request import PaintRequest, Picture, Step, drained
from impasto.transfer.team import ALONE, ProcessTeam, Team
from impasto_wire.errors import SettingError, WorkerDied

from .order import Order

PATIENCE = timedelta(hours=1)
"""How long one waits for another: a step of a gigapixel takes long, and who dies is known at once."""


def paint_together(order: Order, request: PaintRequest, count: int) -> Generator[Step | str, bool | None, Picture]:
    """The painting by `count` processes, this one among them; as `LocalPainter.paint` yields and returns.

    Raises `SettingError` where the order is for a GPU, `WorkerDied`.
    """
    with closing(Together(order, count)) as together:
        return (yield from together.paint(request))


def check_shared_device(order: Order, count: int) -> None:
    """Raises `SettingError` where the order is for a GPU."""
    if choose_device(order.device).type != "cpu":
        raise SettingError(
            f"workers is {count}; one picture is shared on the CPU alone, leave it out or give --device cpu"
        )


class Together:
    """Processes with their networks ready, this one among them, that paint one layer after the other. Close it at the
    end."""

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
            member = context.Process(target=_paint_along, args=arguments, daemon=True)
            member.start()
            theirs.close()
            self._held.callback(_end, member)
            self._pipes.append(ours)
        try:
            with _told_of_deaths():
                team = self._held.enter_context(_team(folder / "meeting", 0, count, threads))
            self._painter = order.open_painter(team)
        except BaseException:
            self.close()
            raise

    def paint(self, request: PaintRequest) -> Generator[Step | str, bool | None, Picture]:
        """The painting; as `LocalPainter.paint` yields and returns. Raises `WorkerDied`."""
        with _told_of_deaths():
            for pipe in self._pipes:
                pipe.send(request)
            return (yield from self._painter.paint(request))

    def close(self) -> None:
        """Let the others go."""
        self._held.close()
        torch.set_num_threads(self._threads)


@contextlib.contextmanager
def _told_of_deaths() -> Iterator[None]:
    try:
        yield
    except (RuntimeError, OSError) as error:  # what torch.distributed and pipes raise where a neighbour has gone
        raise WorkerDied("a process that was painting ended unexpectedly; try fewer workers") from error


@contextlib.contextmanager
def _team(meeting: Path, rank: int, count: int, threads: int) -> Iterator[Team]:
    """The team of those who meet at a file."""
    torch.set_num_threads(threads)
    if count == 1:
        yield ALONE
        return
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")  # nobody else's business
    dist.init_process_group("gloo", init_method=meeting.as_uri(), rank=rank, world_size=count, timeout=PATIENCE)
    try:
        yield ProcessTeam()
    finally:
        dist.destroy_process_group()


def _paint_along(pipe: Any, order: Order, meeting: Path, rank: int, count: int, threads: int) -> None:
    """Another's process: paints its rows of whatever comes, and ends with whoever started it."""
    threading.Thread(target=_end_with, args=(multiprocessing.parent_process(),), daemon=True).start()
    with _team(meeting, rank, count, threads) as team:
        painter = order.open_painter(team)
        while True:
            drained(painter.paint(pipe.recv()))


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


def _end(member: Any) -> None:
    member.kill()
    member.join()
