"""Regions of a layer, each in styles and by settings of its own; and like drawn to like."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from skimage.data import chelsea
from skimage.transform import resize

from impasto.backbones import Backbone
from impasto.painting.local_painter import LocalPainter
from impasto.request import PaintRequest, Region, WeightedStyle, drained
from impasto.transfer import IMPASTO, stylize
from impasto.transfer.canvas import Canvas
from impasto.transfer.encoder import Encoder
from impasto.transfer.neighbours import find_neighbours, hypercolumns
from impasto.transfer.objective import Aim, Objective, guarded
from impasto.transfer.recipes import Like
from impasto.transfer.styles import style_targets
from impasto.transfer.team import ALONE
from impasto_wire.settings import Settings

Pixels = NDArray[np.uint8]
HEIGHT, WIDTH = 96, 144
DRAFT = Settings(quality="draft")
RECIPE = replace(IMPASTO.on("squeezenet"), coarsest=72, total_steps=12, precision="float32")


def flat(red: int, green: int, blue: int) -> WeightedStyle:
    """A style of one colour with strokes in it."""
    strokes = np.random.default_rng(1).integers(-25, 26, (48, 16, 1)).repeat(4, axis=1)
    return WeightedStyle(np.clip(np.array((red, green, blue)) + strokes, 0, 255).astype(np.uint8))


RED, BLUE, GREEN = flat(200, 40, 30), flat(30, 60, 200), flat(40, 190, 60)


@pytest.fixture(scope="module")
def cat() -> Pixels:
    return np.rint(resize(chelsea(), (HEIGHT, WIDTH), anti_aliasing=True) * 255).astype(np.uint8)


def columns(first: int, last: int) -> Pixels:
    """A map of these columns."""
    map_ = np.zeros((HEIGHT, WIDTH), np.uint8)
    map_[:, first:last] = 255
    return map_


def painted(request: PaintRequest, backbone: Backbone, **options: object) -> NDArray[np.float64]:
    return drained(stylize(request, backbone, RECIPE, **options)).astype(float)  # type: ignore[arg-type]


def test_each_region_is_painted_in_its_own_style(cat: Pixels, squeezenet: Backbone) -> None:
    """What lies in two regions is painted in the later one; what lies in none, in the request's own style."""
    regions = (Region(columns(0, 96), (BLUE,), DRAFT), Region(columns(48, 96), (GREEN,), DRAFT))
    found = painted(PaintRequest(cat, (RED,), DRAFT, regions=regions), squeezenet)
    for first, last, channel in ((0, 48, 2), (48, 96, 1), (96, 144, 0)):
        mean = found[:, first + 6 : last - 6].mean(axis=(0, 1))
        assert mean.argmax() == channel, (first, mean)
        assert mean[channel] > np.delete(mean, channel).max() + 40


def test_a_region_has_settings_of_its_own(cat: Pixels, squeezenet: Backbone) -> None:
    """Strength 0 leaves the layer as it is there, original colours keep the layer's hue there."""
    left_alone = Region(columns(0, 60), (BLUE,), replace(DRAFT, strength=0.0))
    own_colours = Region(columns(90, 144), (BLUE,), replace(DRAFT, original_colours=1.0))
    found = painted(PaintRequest(cat, (RED,), DRAFT, regions=(left_alone, own_colours)), squeezenet)
    distance = np.abs(found - cat).mean(axis=2)
    assert distance[:, :54].mean() < 0.4 * distance[:, 66:84].mean()
    colour = (found - found.mean(axis=2, keepdims=True))[:, 96:].mean(axis=(0, 1))
    wanted = (cat.astype(float) - cat.mean(axis=2, keepdims=True))[:, 96:].mean(axis=(0, 1))
    assert np.abs(colour - wanted).max() < 4


def test_a_soft_edge_is_soft(cat: Pixels, squeezenet: Backbone) -> None:
    ramp = np.tile(np.clip((np.arange(WIDTH) - 48) * 255 // 48, 0, 255).astype(np.uint8), (HEIGHT, 1))
    found = painted(PaintRequest(cat, (RED,), DRAFT, regions=(Region(ramp, (BLUE,), DRAFT),)), squeezenet)
    redness = (found[..., 0] - found[..., 2]).mean(axis=0)
    left, middle, right = redness[:40].mean(), redness[64:80].mean(), redness[104:].mean()
    assert left > middle + 30 > right + 60


def test_a_map_of_nothing_and_a_map_of_all_change_nothing(cat: Pixels, squeezenet: Backbone) -> None:
    """A region that is all of the layer is painted as a layer in its style is."""
    plain = painted(PaintRequest(cat, (RED,), DRAFT), squeezenet)
    nothing = Region(columns(0, 0), (BLUE,), DRAFT)
    assert np.abs(painted(PaintRequest(cat, (RED,), DRAFT, regions=(nothing,)), squeezenet) - plain).mean() < 1
    everything = Region(columns(0, WIDTH), (RED,), DRAFT)
    assert np.abs(painted(PaintRequest(cat, (BLUE,), DRAFT, regions=(everything,)), squeezenet) - plain).mean() < 1


def test_a_region_under_what_is_transparent_does_no_harm(cat: Pixels, squeezenet: Backbone) -> None:
    layer = np.concatenate([cat, 255 - columns(0, 40)[..., None]], axis=2)
    found = painted(PaintRequest(layer, (RED,), DRAFT, regions=(Region(columns(0, 40), (BLUE,), DRAFT),)), squeezenet)
    assert np.isfinite(found).all()
    assert found[:, 50:].mean(axis=(0, 1)).argmax() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_tiles_and_the_whole_have_the_same_losses_and_gradient(squeezenet: Backbone, count: int) -> None:
    """Also with neighbours. In double precision but for the network's own."""
    generator = torch.Generator().manual_seed(3)
    height, width = 160, 224
    content, picture, style = (torch.rand(1, 3, height, width, generator=generator) for _ in range(3))
    shares = torch.rand(count, 1, 1, height, width, generator=generator)
    shares = tuple(F for F in shares / shares.sum(0)) if count > 1 else ()
    canvas = Canvas(content, torch.rand(1, 1, height, width, generator=generator), shares=shares)
    recipe = replace(RECIPE, halo=96)
    encoder = Encoder(squeezenet, recipe, torch.float32)
    aims = [Aim(style_targets(encoder, [(style.roll(shift), 1.0)]), 1.0 + shift, 0.9) for shift in range(count)]
    like = Like(("conv1_1", "conv4_1", "conv6_1"), "conv4_1", up_to=300, weight=20.0)
    pull = find_neighbours(encoder, like, content, [(style, 1.0)], canvas.weights, ("conv1_1", "conv4_1"))
    found = [
        Objective(encoder, canvas, aims, side, ALONE.portion(height, 0), pull).evaluate(picture) for side in (256, 64)
    ]
    (losses, gradient), (tiled, tiled_gradient) = found
    torch.testing.assert_close(tiled.total, losses.total, rtol=1e-4, atol=0)
    torch.testing.assert_close(tiled_gradient, gradient, rtol=1e-3, atol=1e-3 * float(gradient.abs().max()))


def test_looks_count_by_how_much_they_paint_and_not_what_lies_at_their_edge(squeezenet: Backbone) -> None:
    """Two looks with the same aim are one; of one beside another, the cells at the edge are left out."""
    generator = torch.Generator().manual_seed(4)
    content, picture, style = (torch.rand(1, 3, 64, 96, generator=generator) for _ in range(3))
    encoder, half = Encoder(squeezenet, RECIPE, torch.float32), torch.full((1, 1, 64, 96), 0.5)
    aim = Aim(style_targets(encoder, [(style, 1.0)]), 2.0, 0.9)

    def objective(*shares: torch.Tensor) -> Objective:
        canvas = Canvas(content, shares=shares)
        return Objective(encoder, canvas, [aim] * max(1, len(shares)), 128, ALONE.portion(64, 0))

    one, two = (objective(*shares).evaluate(picture)[0] for shares in ((), (half, half)))
    torch.testing.assert_close(two.style, one.style, rtol=1e-4, atol=0)
    torch.testing.assert_close(two.total, one.total, rtol=1e-4, atol=0)
    left = torch.zeros(1, 1, 64, 96)
    left[..., :48] = 1
    beside = objective(left, 1 - left)
    maps = beside._maps(picture)
    sums = beside._style_sums(maps, beside.tiles[0])
    whole = sum(sums[look, "conv1_1"].weight for look in range(2))
    height, width = maps["conv1_1"].shape[-2:]
    assert float(whole) == pytest.approx(height * (width - 2 + 2 * 0.05)), "a column on each side hardly counts"


def test_cells_at_the_edge_of_a_region_hardly_count() -> None:
    painted = torch.zeros(1, 1, 9, 9)
    painted[..., 4:] = 1
    cells = guarded(painted, "relu1_1")
    assert cells[0, 0, 4].tolist() == pytest.approx([0, 0, 0, 0, 0.05, 1, 1, 1, 1])
    thin = torch.zeros(1, 1, 9, 9)
    thin[..., 4] = 1
    assert guarded(thin, "relu1_1").sum() > 0, "a region too thin for cells inside it has its edge"


def test_places_find_their_like(squeezenet: Backbone) -> None:
    """The neighbours of a picture in itself, mirrored, are its own places."""
    picture = torch.from_numpy(np.asarray(resize(chelsea(), (96, 128)), np.float32)).permute(2, 0, 1)[None]
    encoder = Encoder(squeezenet, RECIPE, torch.float32)
    like = Like(("conv1_1", "conv4_1", "conv6_1"), "conv4_1", up_to=300, weight=1.0)
    drawn = like.layers
    pull = find_neighbours(encoder, like, picture, [(picture.flip(-1), 1.0)], None, drawn)
    own = hypercolumns(encoder.maps(picture, drawn), drawn, like.grid, squeezenet.cells)
    cosine = (torch.nn.functional.normalize(own, dim=1) * pull.target).sum(1)
    assert float(cosine.mean()) > 0.999
    other = find_neighbours(encoder, like, picture, [(1 - picture, 1.0)], None, drawn)
    assert float((torch.nn.functional.normalize(own, dim=1) * other.target).sum(1).mean()) < 0.99


def test_what_is_transparent_in_a_style_is_nobodys_like(squeezenet: Backbone) -> None:
    style = torch.rand(1, 4, 64, 64, generator=torch.Generator().manual_seed(1))
    style[:, 3] = 0
    style[:, 3, :, :32] = 1
    encoder = Encoder(squeezenet, RECIPE, torch.float32)
    like = Like(("conv1_1", "conv4_1"), "conv4_1", up_to=300, weight=1.0)
    pull = find_neighbours(encoder, like, style[:, :3], [(style, 1.0)], None, like.layers)
    seen = hypercolumns(encoder.maps(style[:, :3], like.layers), like.layers, like.grid, squeezenet.cells)
    right = torch.nn.functional.normalize(seen, dim=1)[..., -3:]
    assert float((right * pull.target[..., -3:]).sum(1).max()) < 0.999


def test_like_to_like_is_the_same_each_time_and_not_what_is_alike_everywhere(
    cat: Pixels, squeezenet_weights: Path
) -> None:
    """With the painter that keeps statistics, too."""
    like = Like(("conv1_1", "conv4_1", "conv6_1"), "conv4_1", up_to=300, weight=20.0)
    painter = LocalPainter("cpu", replace(RECIPE, neighbours=like), squeezenet_weights)
    request = PaintRequest(cat, (WeightedStyle(np.rot90(cat).copy()),), replace(DRAFT, places=1.0))
    first, again = (drained(painter.paint(request)) for _ in range(2))
    assert np.array_equal(first, again)
    alike = drained(painter.paint(replace(request, settings=DRAFT)))
    assert np.abs(first.astype(float) - alike).mean() > 1
