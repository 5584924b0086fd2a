"""Several processes paint one picture as one would, by real messages between them."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from skimage.data import chelsea, coffee
from skimage.transform import resize

from impasto.painting.order import Order
from impasto.painting.processes import paint_in_processes
from impasto.request import PaintRequest, WeightedStyle, drained
from impasto.transfer import IMPASTO
from impasto.transfer.canvas import Canvas
from impasto.transfer.holds import held
from impasto.transfer.optimise import Lbfgs, Losses, Space, _assumed_square, _broaden
from impasto.transfer.team import Alone, Portion, ProcessTeam, RowBand, SharedSpace
from impasto_wire.settings import Settings

HEIGHT, WIDTH = 240, 120


def request_for(order: Order) -> PaintRequest:
    """A cat, hidden at its top, most of it selected."""
    cat = np.rint(resize(chelsea(), (HEIGHT, WIDTH), anti_aliasing=True) * 255).astype(np.uint8)
    alpha = np.full((HEIGHT, WIDTH, 1), 255, np.uint8)
    alpha[:40] = 0
    selection = np.zeros((HEIGHT, WIDTH), np.uint8)
    selection[:, 30:] = 200
    return replace(order.request(np.concatenate([cat, alpha], axis=2)), selection=selection)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("brush", [240, 96], ids=["style as high as the layer", "broad strokes held"])
def test_two_paint_what_one_would(squeezenet_weights: Path, monkeypatch: pytest.MonkeyPatch, brush: int) -> None:
    """The fine scale is shared; the coarse one is too small, and each paints it whole."""
    style = WeightedStyle(np.rint(resize(coffee(), (brush, brush * 2 // 3), anti_aliasing=True) * 255).astype(np.uint8))
    recipe = replace(IMPASTO.on("squeezenet"), total_steps=8, precision="float32")
    order = Order((style,), Settings(), recipe, weights=squeezenet_weights, device="cpu")
    request = request_for(order)
    threads, bands, portion_of = torch.get_num_threads(), [], ProcessTeam.portion

    def noted(team: ProcessTeam, height: int, halo: int) -> Portion:
        portion = portion_of(team, height, halo)
        bands.append(None if portion.band.is_whole else portion.band)
        return portion

    monkeypatch.setattr(ProcessTeam, "portion", noted)
    try:
        together = np.asarray(drained(paint_in_processes(order, request, 2)), np.int16)
        torch.set_num_threads(1)  # as each of the two has; another order of sums alone makes differences of 15
        alone = np.asarray(drained(order.open_painter().paint(request)), np.int16)
    finally:
        torch.set_num_threads(threads)
    band = RowBand(0, 112, HEIGHT, recipe.halo)
    assert bands == [None, None, band, band if brush == HEIGHT else None], "of the layer and of its style, by scale"
    difference = np.abs(together - alone)
    assert difference.max() <= 2
    assert difference.mean() < 0.01
    assert np.abs(alone - request.layer[..., :3]).mean() > 5


def test_bands_hold_every_row_once_with_what_surrounds_it() -> None:
    bands = [RowBand(0, 112, 240, 96), RowBand(112, 240, 240, 96)]
    covered = np.zeros((240, 120), int)
    for band in bands:
        rows = torch.arange(240)[None, None, :, None].expand(1, 1, 240, 120)
        for tile in band.tiles(120, 64, 96):
            top, bottom, left, right = tile.core
            covered[band.first + top : band.first + bottom, left:right] += 1
            seen = tile.cut(band.seen(rows))
            assert int(seen.min()) == max(0, band.first + top - 96)
            assert int(seen.max()) == min(239, band.first + bottom + 95)
    assert (covered == 1).all()


def test_the_frame_before_holds_bands_as_it_holds_the_whole() -> None:
    picture, before = (torch.rand(1, 3, 48, 20, generator=torch.Generator().manual_seed(seed)) for seed in (1, 2))
    canvas = Canvas(picture, before=before, trust=torch.rand(1, 1, 48, 20, generator=torch.Generator().manual_seed(3)))

    def nothing(seen: torch.Tensor) -> tuple[Losses, torch.Tensor]:
        zero = seen.new_zeros(())
        return Losses(zero, zero, zero), torch.zeros_like(seen)

    losses, gradient = held(canvas, Space(picture.numel()), nothing)(picture)
    total = torch.zeros(())
    for band in (RowBand(0, 16, 48, 16), RowBand(16, 32, 48, 16), RowBand(32, 48, 48, 16)):
        space = SharedSpace(picture, Portion(Alone(), band))
        found, seen = held(canvas.rows(band.first, band.last), space, nothing)(band.seen(picture))
        total += found.total
        assert torch.equal(band.own_of_seen(seen), band.own(gradient))
        assert seen.count_nonzero() == band.own(gradient).count_nonzero(), "what is a neighbour's is left to it"
    torch.testing.assert_close(total, losses.total)


def test_a_band_steps_in_octaves_as_the_whole_does() -> None:
    """With as many rows around it as the optimiser reaches, it moves as its rows of the whole would."""
    how = Lbfgs(octaves=3)
    octaves, reach = how.octaves, how.reach
    whole = torch.rand(1, 3, 3 * reach + 5, 50, generator=torch.Generator().manual_seed(1)) - 0.5
    bands = [
        RowBand(top, bottom, 3 * reach + 5, reach) for top, bottom in pairwise((0, reach, 2 * reach, 3 * reach + 5))
    ]

    class Neighbours(Alone):
        def take_edges(self, picture: torch.Tensor, band: RowBand) -> None:
            band.seen(picture).copy_(band.seen(whole))

    spaces = [SharedSpace(whole, Portion(Neighbours(), band)) for band in bands]
    squares = [_assumed_square(band.own(whole), how, space) for band, space in zip(bands, spaces, strict=True)]
    torch.testing.assert_close(sum(squares), _assumed_square(whole, how, Space(whole.numel())))
    moved = [band.own(whole).clone() for band in bands]
    for rows, space in zip(moved, spaces, strict=True):
        _broaden(rows, octaves, space)
    expected = whole.clone()
    _broaden(expected, octaves, Space(whole.numel()))
    torch.testing.assert_close(torch.cat(moved, dim=2), expected)
