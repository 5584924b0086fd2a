"""A long painting that ended before it was finished goes on from its last finished scale, to the same bytes."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from skimage.data import chelsea
from skimage.transform import resize

from impasto.painting import processes
from impasto.painting.checkpoints import KEPT_DAYS, CheckpointFolder
from impasto.painting.local_painter import LocalPainter
from impasto.painting.order import Order
from impasto.painting.processes import paint_in_processes
from impasto.request import PaintRequest, Step, WeightedStyle, drained
from impasto.transfer import IMPASTO
from impasto.transfer.objective import Objective
from impasto.transfer.painting import Painting
from impasto.transfer.scale import Scale
from impasto_wire.request import Window
from impasto_wire.settings import Settings

SCALES = 3


@pytest.fixture(scope="module")
def request_(style: WeightedStyle) -> PaintRequest:
    """A cat, large enough for three scales."""
    cat = np.rint(resize(chelsea(), (160, 240), anti_aliasing=True) * 255).astype(np.uint8)
    return PaintRequest(cat, (style,), Settings(quality="draft"))


@pytest.fixture
def opened(squeezenet_weights: Path, tmp_path: Path) -> Callable[..., LocalPainter]:
    """Opens a painter, as a new process would."""
    recipe = replace(IMPASTO.on("squeezenet"), precision="float32", coarsest=60)

    def open_painter(long_seconds: float = 0.0) -> LocalPainter:
        return LocalPainter("cpu", recipe, squeezenet_weights, checkpoints=CheckpointFolder(tmp_path, long_seconds))

    return open_painter


def paint_until(painter: LocalPainter, request: PaintRequest, scale: int) -> None:
    """Paint until the first step of a scale, and no further: the process dies."""
    for news in painter.paint(request):
        if isinstance(news, Step):
            assert news.scales == SCALES
            if news.scale == scale:
                return


def painted(painter: LocalPainter, request: PaintRequest) -> tuple[NDArray[np.uint8], list[Step]]:
    """The painting, and the steps that it took."""
    steps: list[Step] = []
    painting = drained(painter.paint(request), lambda news: steps.append(news) if isinstance(news, Step) else None)
    return painting, steps


@pytest.mark.parametrize("window", [None, Window(120, 80, 60, 40)], ids=["whole", "window"])
def test_it_goes_on_from_the_last_finished_scale(
    opened: Callable[..., LocalPainter], request_: PaintRequest, tmp_path: Path, window: Window | None
) -> None:
    request = replace(request_, window=window)
    undisturbed, steps = painted(opened(), request)
    assert not [*tmp_path.iterdir()], "nothing stays of a finished painting"
    paint_until(opened(), request, SCALES)
    (kept,) = tmp_path.iterdir()
    again, rest = painted(opened(), request)
    assert np.array_equal(again, undisturbed)
    assert len(rest) < len(steps)
    assert {step.scale for step in rest} == {SCALES}
    assert rest[0].fraction == pytest.approx(steps[len(steps) - len(rest)].fraction)
    assert rest[-1].seconds_left == pytest.approx(0)
    assert not kept.exists()


def test_it_goes_on_in_tiles_of_the_same_size(
    opened: Callable[..., LocalPainter], request_: PaintRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They may have become smaller, for the memory."""
    paint_until(opened(), request_, 2)
    (kept,) = tmp_path.iterdir()
    picture = load_file(kept)["picture"]
    save_file({"picture": picture}, kept, {"scale": "1", "side": "144"})
    sides: list[int] = []
    objective = Painting._objective

    def noted(painting: Painting, scale: Scale) -> Objective:
        sides.append(painting.side)
        return objective(painting, scale)

    monkeypatch.setattr(Painting, "_objective", noted)
    painted(opened(), request_)
    assert sides == [144, 144]


def test_only_the_same_painting_goes_on(
    opened: Callable[..., LocalPainter], request_: PaintRequest, tmp_path: Path
) -> None:
    paint_until(opened(), request_, SCALES)
    others = (
        replace(request_, settings=Settings(quality="draft", strength=0.6)),
        replace(request_, layer=255 - request_.layer),
        replace(request_, styles=(WeightedStyle(request_.styles[0].picture, 2.0),)),
        replace(request_, detail_map=np.zeros(request_.layer.shape[:2], np.uint8)),
        replace(request_, selection=np.full(request_.layer.shape[:2], 255, np.uint8)),
    )
    for other in others:
        first = next(opened().paint(other))
        assert isinstance(first, Step)
        assert first.scale == 1
    assert next(opened().paint(request_)) == "Going on where it ended the last time"


def test_short_paintings_keep_nothing(
    opened: Callable[..., LocalPainter], request_: PaintRequest, tmp_path: Path
) -> None:
    paint_until(opened(long_seconds=3600), request_, SCALES)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("damage", ["half", "other shape", "no numbers", "nonsense"])
def test_a_damaged_checkpoint_is_no_checkpoint(
    opened: Callable[..., LocalPainter], request_: PaintRequest, tmp_path: Path, damage: str
) -> None:
    paint_until(opened(), request_, 2)
    (kept,) = tmp_path.iterdir()
    match damage:
        case "half":
            os.truncate(kept, kept.stat().st_size // 2)
        case "other shape":
            save_file({"picture": torch.zeros(1, 3, 9, 9)}, kept, {"scale": "1", "side": "512"})
        case "no numbers":
            save_file({"picture": torch.zeros(1, 3, 40, 60)}, kept)
        case "nonsense":
            kept.write_bytes(b"nonsense")
    steps = (news for news in opened().paint(request_) if isinstance(news, Step))
    assert next(steps).scale == 1


def test_old_and_too_many_checkpoints_go(
    opened: Callable[..., LocalPainter],
    request_: PaintRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paint_until(opened(), request_, 2)
    (old,) = tmp_path.iterdir()
    past = time.time() - (KEPT_DAYS + 1) * 24 * 3600
    os.utime(old, (past, past))
    paint_until(opened(), replace(request_, layer=255 - request_.layer), 2)
    (new,) = tmp_path.iterdir()
    assert new != old
    monkeypatch.setattr("impasto.painting.checkpoints.MOST_BYTES", new.stat().st_size + 1)
    paint_until(opened(), request_, 2)
    assert [*tmp_path.iterdir()] == [old], "the one just written stays, even if the others must go"
    assert (tmp_path.stat().st_mode & 0o077, old.stat().st_mode & 0o077) == (0, 0)


def test_a_full_disk_keeps_nothing_and_stops_nothing(
    opened: Callable[..., LocalPainter], request_: PaintRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("impasto.painting.checkpoints.write_whole", full)
    painting, _ = painted(opened(), request_)
    assert painting.shape == request_.layer.shape


@pytest.mark.timeout(300)
def test_several_processes_go_on_together(
    squeezenet_weights: Path, request_: PaintRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the first of them has the file."""
    recipe = replace(IMPASTO.on("squeezenet"), precision="float32", coarsest=60)
    order = Order(request_.styles, request_.settings, recipe, weights=squeezenet_weights, device="cpu")

    def open_painter(order: Order, team: processes.Team = processes.ALONE) -> LocalPainter:
        return LocalPainter("cpu", recipe, squeezenet_weights, team=team, checkpoints=CheckpointFolder(tmp_path, 0))

    monkeypatch.setattr(Order, "open_painter", open_painter)
    painting = paint_in_processes(order, request_, 2)
    for news in painting:
        if isinstance(news, Step) and news.scale == SCALES:
            break
    painting.close()
    assert len([*tmp_path.iterdir()]) == 1
    scales: set[int] = set()
    drained(
        paint_in_processes(order, request_, 2),
        lambda news: scales.add(news.scale) if isinstance(news, Step) else None,
    )
    assert scales == {SCALES}
    assert not [*tmp_path.iterdir()]
