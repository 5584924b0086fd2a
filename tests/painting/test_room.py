"""How much memory paintings under way leave to one more, on a CPU and on a GPU that pretends to be there."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
import torch

from impasto.painting import room as rooms
from impasto.painting.local_painter import LocalPainter
from impasto.painting.room import Room
from impasto.request import PaintRequest, WeightedStyle
from impasto.transfer import IMPASTO
from impasto.transfer import forecasts as plan
from impasto.transfer.forecasts import base_bytes, memory_of, tile_side_within
from impasto_wire.settings import Settings

CPU, GPU = torch.device("cpu"), torch.device("cuda")
LARGE = (6000, 4000, "draft", IMPASTO)
SMALL = (900, 700, "draft", IMPASTO)
GIB = 1 << 30


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A machine and its GPU with so many free bytes; this process has taken none."""
    machine = SimpleNamespace(available=8 * GIB, total_memory=24 * GIB, gpu_free=24 * GIB)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: machine)
    process = SimpleNamespace(memory_info=lambda: SimpleNamespace(rss=0))
    monkeypatch.setattr(psutil, "Process", lambda: process)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: machine)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (machine.gpu_free, machine.total_memory))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda _: 0)
    monkeypatch.setattr(plan, "precision", lambda *_: torch.bfloat16)
    return machine


def needed(side: int) -> int:
    return memory_of(*LARGE, side) - base_bytes(CPU)


def test_one_alone_is_never_kept_waiting(machine: SimpleNamespace) -> None:
    machine.available = 0
    assert Room(CPU).holds_one_more(*LARGE)


@pytest.mark.parametrize("is_enough", [True, False])
def test_a_second_large_painting_waits_where_memory_does_not_hold_both(
    machine: SimpleNamespace, is_enough: bool
) -> None:
    room = Room(CPU)
    both = 2 * needed(plan.usual_side(4000, 6000))
    machine.available = base_bytes(CPU) + rooms._LEFT_FREE + both - (0 if is_enough else 1)
    with room.taken_by(*LARGE):
        assert room.holds_one_more(*LARGE) == is_enough
        assert room.holds_one_more(*SMALL), "a preview always"
        assert room.budget(*LARGE) is None, "on a CPU the tiles are the same whoever else paints"
    assert room.is_empty


def test_on_a_gpu_a_second_painting_is_planned_in_what_the_first_leaves(machine: SimpleNamespace) -> None:
    room = Room(GPU)
    share = plan.share_of_gpu(GPU)
    assert room.budget(*LARGE) is None
    with room.taken_by(3000, 2000, "draft", IMPASTO):
        first = memory_of(3000, 2000, "draft", IMPASTO, plan.usual_tile_side(3000, 2000, "draft", IMPASTO, GPU), GPU)
        budget = room.budget(*LARGE)
        assert budget == share - (first - base_bytes(GPU))
        assert room.holds_one_more(*LARGE)
        side = tile_side_within(budget, *LARGE, GPU)
        assert memory_of(*LARGE, side, GPU) - base_bytes(GPU) + first <= share
        with room.taken_by(*LARGE):
            assert not room.holds_one_more(*LARGE), "the two have all of it"
            assert room.holds_one_more(*SMALL)
            least = room.budget(*LARGE)
            assert least
            assert tile_side_within(least, *LARGE, GPU) == plan.SMALLEST_TILE


def test_other_programs_on_the_gpu_are_counted(machine: SimpleNamespace) -> None:
    room = Room(GPU)
    with room.taken_by(*SMALL):
        assert room.holds_one_more(*LARGE)
        machine.gpu_free = 2 * GIB
        assert not room.holds_one_more(*LARGE)


class Pair:
    """A team of two processes."""

    is_first = True


def test_the_real_painter_counts_what_is_under_way_and_a_team_paints_one_at_a_time(
    squeezenet_weights: Path, machine: SimpleNamespace
) -> None:
    painter = LocalPainter("cpu", IMPASTO.on("squeezenet"), squeezenet_weights)
    picture = np.full((24, 32, 4), 255, np.uint8)
    machine.available = 0
    large = (6000, 4000, Settings(), "impasto")
    painting = painter.paint(PaintRequest(picture, (WeightedStyle(picture),), Settings(quality="draft")))
    assert painter.has_room_for(*large)
    next(painting)
    assert not painter.has_room_for(*large)
    assert painter.has_room_for(640, 480, Settings(), "impasto")
    painter.team = Pair()  # type: ignore[assignment]
    assert not painter.has_room_for(640, 480, Settings(), "impasto")
    painting.close()
    assert painter.has_room_for(*large)
