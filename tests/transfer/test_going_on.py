"""Paintings that go on from an earlier one of the same layer."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage.data import chelsea

from impasto.backbones import Backbone
from impasto.request import PaintRequest, Picture, Step, WeightedStyle, drained
from impasto.transfer import IMPASTO, Recipe, areas, stylize
from impasto_wire.request import Window
from impasto_wire.settings import Settings

FEW = {"coarsest": 48, "going_on": (3,), "steps": {"draft": (10, 5, 4)}}
RECIPE = replace(IMPASTO.on("squeezenet"), precision="float32", **FEW)
WEAK, STRONG = Settings(quality="draft", strength=0.2), Settings(quality="draft", strength=0.8)


def painted(request: PaintRequest, backbone: Backbone, recipe: Recipe = RECIPE) -> tuple[Picture, list[Step]]:
    """The painting and its steps."""
    steps: list[Step] = []
    return drained(stylize(request, backbone, recipe), steps.append), steps


def shrunk(picture: Picture, factor: float) -> Picture:
    height, width = picture.shape[:2]
    return np.asarray(Image.fromarray(picture).resize((round(width * factor), round(height * factor))))


def test_a_few_steps_bring_an_earlier_painting_to_other_settings(
    squeezenet: Backbone, photo: NDArray[np.uint8], style: WeightedStyle
) -> None:
    weak, _ = painted(PaintRequest(photo, (style,), WEAK), squeezenet)
    anew, all_steps = painted(PaintRequest(photo, (style,), STRONG), squeezenet)
    changed, few = painted(PaintRequest(photo, (style,), STRONG, earlier=weak), squeezenet)
    assert len(few) == 3
    gained, wanted = (few[0].style_loss - steps[-1].style_loss for steps in (few, all_steps))
    assert gained > 0.6 * wanted > 0
    assert np.abs(changed.astype(int) - anew).mean() < np.abs(weak.astype(int) - anew).mean()


def test_what_is_not_changed_stays_nearly_as_it_was(
    squeezenet: Backbone, photo: NDArray[np.uint8], style: WeightedStyle
) -> None:
    request = PaintRequest(photo, (style,), STRONG)
    earlier, _ = painted(request, squeezenet)
    again, _ = painted(replace(request, earlier=earlier), squeezenet)
    photo_away = np.abs(photo.astype(int) - earlier).mean()
    assert np.abs(again.astype(int) - earlier).mean() < photo_away / 4


def test_a_smaller_painting_stands_for_the_coarse_scales(
    squeezenet: Backbone, photo: NDArray[np.uint8], style: WeightedStyle
) -> None:
    request = PaintRequest(photo, (style,), STRONG)
    whole, all_steps = painted(request, squeezenet)
    half, _ = painted(replace(request, layer=shrunk(photo, 0.5)), squeezenet)
    found, steps = painted(replace(request, earlier=half), squeezenet)
    assert len(steps) == sum(step.scale == all_steps[-1].scale for step in all_steps)
    assert found.shape == whole.shape
    assert steps[-1].style_loss < 1.3 * all_steps[-1].style_loss
    assert steps[-1].fraction == 1


def test_a_part_goes_on_from_the_small_whole(
    vgg19: Backbone, style: WeightedStyle, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, pixels in (("WHOLE", 120), ("CONTEXT", 64), ("MARGIN", 16)):
        monkeypatch.setattr(areas, name, pixels)
    cat = np.ascontiguousarray(chelsea()[40:240, 60:320])
    request, part = PaintRequest(cat, (style,), STRONG), Window(100, 60, 50, 44)
    recipe = replace(IMPASTO, **FEW)
    # The earlier painting is larger than what is painted whole: of its scale, too, only a part is needed.
    small, _ = painted(replace(request, layer=shrunk(cat, 0.6)), vgg19, recipe)
    found, steps = painted(replace(request, window=part, earlier=small), vgg19, recipe)
    assert found.shape == (44, 50, 3)
    assert {step.scales - step.scale for step in steps} == {0}
    there = small[36:62, 60:90]
    assert np.abs(there.mean((0, 1)) - found.mean((0, 1))).max() < 8
    coarse = [np.asarray(Image.fromarray(shown).resize((10, 9), Image.Resampling.BOX)) for shown in (found, there)]
    assert np.corrcoef(coarse[0].ravel(), coarse[1].ravel())[0, 1] > 0.9


def test_what_is_smaller_than_every_scale_is_left_aside(
    squeezenet: Backbone, photo: NDArray[np.uint8], style: WeightedStyle
) -> None:
    request = PaintRequest(photo, (style,), STRONG)
    anew, _ = painted(request, squeezenet)
    assert np.array_equal(painted(replace(request, earlier=shrunk(photo, 0.3)), squeezenet)[0], anew)


def test_a_recipe_that_keeps_to_its_program_begins_anew(
    squeezenet: Backbone, photo: NDArray[np.uint8], style: WeightedStyle
) -> None:
    recipe = replace(RECIPE, going_on=())
    request = PaintRequest(photo, (style,), STRONG)
    anew, _ = painted(request, squeezenet, recipe)
    assert np.array_equal(painted(replace(request, earlier=photo), squeezenet, recipe)[0], anew)
