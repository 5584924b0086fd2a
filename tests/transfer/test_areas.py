"""Part of a painting, painted as it is in the whole."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.data import chelsea

from impasto.backbones import Backbone
from impasto.request import PaintRequest, Picture, WeightedStyle
from impasto.transfer import areas, stylize
from impasto.transfer.areas import Area, painted_areas
from impasto.transfer.recipes import IMPASTO
from impasto_wire.request import Window

QUICK = replace(IMPASTO, steps={"draft": (8, 3), "standard": (8, 3), "fine": (8, 3)}, coarsest=48)


def painted(layer: Picture, style: WeightedStyle, backbone: Backbone, part: Window | None = None) -> Picture:
    painting = stylize(PaintRequest(layer, (style,), window=part), backbone, QUICK)
    while True:
        try:
            next(painting)
        except StopIteration as done:
            return np.asarray(done.value)


def correlation(one: NDArray[np.generic], other: NDArray[np.generic]) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def test_a_part_of_a_small_layer_is_exactly_that_of_the_whole(
    vgg19: Backbone, photo: NDArray[np.uint8], style: WeightedStyle
) -> None:
    part = Window(20, 10, 41, 40)
    whole = painted(photo, style, vgg19)
    assert np.array_equal(painted(photo, style, vgg19, part), whole[10:50, 20:61])


def test_a_part_of_a_large_layer_looks_as_in_the_whole(
    vgg19: Backbone, style: WeightedStyle, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, pixels in (("WHOLE", 120), ("CONTEXT", 64), ("MARGIN", 16)):
        monkeypatch.setattr(areas, name, pixels)
    photo = np.ascontiguousarray(chelsea()[40:240, 60:320])
    part = Window(100, 60, 50, 45)
    there = painted(photo, style, vgg19)[60:105, 100:150]
    alone = painted(np.ascontiguousarray(photo[60:105, 100:150]), style, vgg19)
    found = painted(photo, style, vgg19, part)
    assert found.shape == there.shape
    assert correlation(found, there) > 0.92 > correlation(alone, there) + 0.05


@pytest.mark.parametrize("part", [Area(0, 0, 480, 480), Area(3519, 2519, 4001, 3001), Area(1777, 31, 2011, 503)])
def test_each_scale_paints_what_the_next_needs(part: Area) -> None:
    layer = (4001, 3001)
    sizes = IMPASTO.sizes(*layer)
    found = painted_areas(part, sizes, layer)
    assert found[0] == Area.whole(sizes[0])
    for finer, size, coarser, before in zip(found[1:], sizes[1:], found, sizes, strict=False):
        needed = finer.at(size, before).within(coarser)
        assert 0 <= needed.left < needed.right <= coarser.width
        assert 0 <= needed.top < needed.bottom <= coarser.height
    last = part.within(found[-1])
    assert 0 <= last.left < last.right <= found[-1].width
    assert found[-1].width * found[-1].height < 900_000
