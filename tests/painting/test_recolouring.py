"""The latest paintings, for which other shares of the layer's colours need no painting."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.data import chelsea, coffee

from impasto.painting import recolouring
from impasto.painting.local_painter import LocalPainter
from impasto.request import PaintRequest, Picture, Region, Step, WeightedStyle, drained
from impasto.transfer import IMPASTO
from impasto_wire.settings import Settings

RECIPE = replace(IMPASTO.on("squeezenet"), coarsest=48, total_steps=4, precision="float32")
REQUEST = PaintRequest(
    np.ascontiguousarray(chelsea()[60:130, 90:190]), (WeightedStyle(np.ascontiguousarray(coffee()[:90, :120])),)
)


@pytest.fixture
def painter(squeezenet_weights: Path) -> LocalPainter:
    return LocalPainter("cpu", RECIPE, squeezenet_weights)


def painted(painter: LocalPainter, request: PaintRequest) -> tuple[Picture, list[Step | str]]:
    """The painting and its steps."""
    steps: list[Step | str] = []
    return drained(painter.paint(request), steps.append), steps


def coloured(request: PaintRequest, share: float) -> PaintRequest:
    return replace(request, settings=replace(request.settings, original_colours=share))


def test_another_share_of_the_layers_colours_is_mixed_without_a_step_and_to_the_same_bytes(
    painter: LocalPainter, squeezenet_weights: Path
) -> None:
    assert painted(painter, REQUEST)[1]
    mixed, steps = painted(painter, coloured(REQUEST, 0.6))
    assert steps == []
    anew, _ = painted(LocalPainter("cpu", RECIPE, squeezenet_weights), coloured(REQUEST, 0.6))
    assert np.array_equal(mixed, anew)
    back, steps = painted(painter, REQUEST)
    assert steps == []
    assert not np.array_equal(back, mixed)


def test_a_region_has_a_share_of_its_own(painter: LocalPainter, squeezenet_weights: Path) -> None:
    left: NDArray[np.uint8] = np.zeros(REQUEST.layer.shape[:2], np.uint8)
    left[:, :50] = 255
    inside = Region(left, (WeightedStyle(REQUEST.styles[0].picture[::-1].copy()),))
    request = replace(REQUEST, regions=(inside,))
    painted(painter, request)
    own = replace(request, regions=(replace(inside, settings=Settings(original_colours=1.0)),))
    mixed, steps = painted(painter, own)
    assert steps == []
    assert np.array_equal(mixed, painted(LocalPainter("cpu", RECIPE, squeezenet_weights), own)[0])


@pytest.mark.parametrize("setting", [{"strength": 0.9}, {"seed": 3}, {"detail": 0.1}])
def test_any_other_setting_is_painted(painter: LocalPainter, setting: dict[str, float]) -> None:
    painted(painter, REQUEST)
    assert painted(painter, replace(REQUEST, settings=replace(REQUEST.settings, **setting)))[1]


def test_what_was_ended_early_is_no_painting_for_later(painter: LocalPainter) -> None:
    steps = painter.paint(REQUEST)
    next(steps)
    with pytest.raises(StopIteration):
        steps.send(True)
    assert painted(painter, REQUEST)[1]


def test_only_the_latest_small_ones_are_kept(painter: LocalPainter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recolouring, "_MOST", 1)
    other = replace(REQUEST, settings=Settings(seed=5))
    painted(painter, REQUEST)
    painted(painter, other)
    assert painted(painter, REQUEST)[1]
    monkeypatch.setattr(recolouring, "MOST_PIXELS", 100)
    painted(painter, other)
    assert painted(painter, other)[1]
