"""Regions of a layer, each in styles and by settings of its own; and parts of it painted as what is like them."""

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
from impasto.transfer.counterparts import Counterparts, find_counterparts
from impasto.transfer.encoder import Encoder
from impasto.transfer.objective import Aim, Objective, guarded
from impasto.transfer.recipes import Like
from impasto.transfer.styles import StyleMix, style_targets
from impasto.transfer.team import ALONE
from impasto_wire.settings import Settings

Pixels = NDArray[np.uint8]
HEIGHT, WIDTH = 96, 144
DRAFT = Settings(quality="draft")
RECIPE = replace(IMPASTO.on("squeezenet"), coarsest=72, total_steps=12, precision="float32")
LIKE = Like(("conv6_1", "conv8_1"), parts=3, up_to=300)


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
    """In double precision but for the network's own."""
    generator = torch.Generator().manual_seed(3)
    height, width = 160, 224
    content, picture, style = (torch.rand(1, 3, height, width, generator=generator) for _ in range(3))
    shares = torch.rand(count, 1, 1, height, width, generator=generator)
    shares = tuple(F for F in shares / shares.sum(0)) if count > 1 else ()
    canvas = Canvas(content, torch.rand(1, 1, height, width, generator=generator), shares=shares)
    recipe = replace(RECIPE, halo=96)
    encoder = Encoder(squeezenet, recipe, torch.float32)
    aims = [Aim(style_targets(encoder, [(style.roll(shift), 1.0)]), 1.0 + shift, 0.9) for shift in range(count)]
    found = [Objective(encoder, canvas, aims, side, ALONE.portion(height, 0)).evaluate(picture) for side in (256, 64)]
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


@pytest.fixture(scope="module")
def halves() -> torch.Tensor:
    """A cat, and beside it nothing but stripes."""
    cat = torch.from_numpy(np.asarray(resize(chelsea(), (96, 80)), np.float32)).permute(2, 0, 1)[None]
    stripes = (torch.arange(96) % 8 < 4).float()[None, None, :, None].expand(1, 3, 96, 80)
    return torch.cat([cat, 0.8 * stripes + 0.1], dim=-1)


def counterparts(
    backbone: Backbone, layer: torch.Tensor, *styles: torch.Tensor, weights: torch.Tensor | None = None
) -> Counterparts:
    return find_counterparts(Encoder(backbone, RECIPE, torch.float32), replace(LIKE, parts=2), layer, weights, styles)


def test_the_parts_of_a_layer_have_their_like_as_counterparts(halves: torch.Tensor, squeezenet: Backbone) -> None:
    """Also in a picture that has it on the other side; and together they have all of that picture."""
    found = counterparts(squeezenet, halves, halves, halves.flip(-1))
    torch.testing.assert_close(found.shares.sum(0), torch.ones_like(found.shares[0]))
    striped = int(found.shares[:, 0, :, -60:].mean(dim=(-2, -1)).argmax())
    assert found.shares[striped, 0, :, -120:].mean() > 0.9
    assert found.shares[striped, 0, :, :120].mean() < 0.1
    same, mirrored = (style[striped, 0] for style in found.styles)
    middle = same.shape[1] // 2
    assert same[:, middle:].mean() > 5 * same[:, :middle].mean()
    assert mirrored[:, :middle].mean() > 5 * mirrored[:, middle:].mean()
    masses = found.shares.mean(dim=(-2, -1), keepdim=True)
    for style in found.styles:
        assert ((style * masses).sum(0) - 1).abs().mean() < 0.3


def test_what_is_transparent_is_no_ones_counterpart(halves: torch.Tensor, squeezenet: Backbone) -> None:
    """Neither in a style nor in the layer: the cat's two halves are the parts of a layer in which only it is seen."""
    style = torch.cat([halves, torch.zeros_like(halves[:, :1])], dim=1)
    style[:, 3, :, :80] = 1
    found = counterparts(squeezenet, halves, style, weights=style[:, 3:])
    assert found.shares[:, 0, :, :140].mean(dim=(-2, -1)).min() > 0.2
    mix = StyleMix.__new__(StyleMix)
    mix.recipe, mix.brush_size, mix.pictures = RECIPE, 1.0, [(style, 1.0)]
    part = mix.of_part((160, 96), [found.styles[0][:1]])
    assert not part.pictures[0][0][:, 3, :, 84:].any()


def test_parts_that_are_hardly_told_apart_are_alike(halves: torch.Tensor, squeezenet: Backbone) -> None:
    found = counterparts(squeezenet, halves, halves)
    alike = found.softened(0)
    assert alike.shares.expand_as(found.shares).std(dim=(-2, -1)).max() < 1e-6
    assert torch.equal(alike.styles[0], torch.ones_like(found.styles[0]))
    assert torch.equal(found.softened(1).styles[0], found.styles[0])


def test_like_to_like_is_the_same_each_time_and_not_what_is_alike_everywhere(
    cat: Pixels, squeezenet_weights: Path
) -> None:
    """With the painter that keeps statistics, too. A region that asks for it has it alone."""
    painter = LocalPainter("cpu", replace(RECIPE, like=LIKE), squeezenet_weights)
    request = PaintRequest(cat, (WeightedStyle(np.rot90(cat).copy()),), replace(DRAFT, places=1.0))
    first, again = (drained(painter.paint(request)) for _ in range(2))
    assert np.array_equal(first, again)
    alike = drained(painter.paint(replace(request, settings=DRAFT)))
    assert np.abs(first.astype(float) - alike).mean() > 1
    region = Region(columns(72, WIDTH), request.styles, request.settings)
    in_region = drained(painter.paint(replace(request, settings=DRAFT, regions=(region,)))).astype(float)
    plain = drained(painter.paint(replace(request, settings=DRAFT, regions=(replace(region, settings=DRAFT),))))
    change = np.abs(in_region - plain)
    assert change[:, 80:].mean() > 1
