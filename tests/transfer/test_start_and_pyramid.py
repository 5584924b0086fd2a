"""Where the optimisation begins, and the scales it goes through."""

from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F

from impasto.transfer.canvas import fill_hidden
from impasto.transfer.pyramid import add_doubled, halved, resize, scale_sizes
from impasto.transfer.start import colour_map, enlivened, palette_blots


def noise(seed: int, height: int = 32, width: int = 48) -> torch.Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


def test_the_start_has_the_paintings_mean_and_covariance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("impasto.transfer.start._PIECE", 500)  # summed in several pieces, as a large picture is
    tint = torch.tensor([0.9, 0.5, 0.2]).view(1, 3, 1, 1)
    style = noise(1) * tint
    matched = colour_map(noise(2), style)(noise(2)).flatten(2)[0]
    torch.testing.assert_close(matched.mean(1), style.flatten(2)[0].mean(1), rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(torch.cov(matched), torch.cov(style.flatten(2)[0]), rtol=2e-2, atol=1e-4)


def test_a_layer_matched_to_itself_stays_as_it_is() -> None:
    picture = noise(3)
    torch.testing.assert_close(colour_map(picture, picture)(picture), picture, rtol=1e-3, atol=1e-3)


def test_a_flat_layer_takes_the_paintings_mean_colour() -> None:
    flat = torch.full((1, 3, 8, 8), 0.4)
    assert torch.isfinite(colour_map(flat, noise(4))(flat)).all()


def test_a_style_of_one_colour_keeps_the_layers_lightness_in_that_colour() -> None:
    layer, red = noise(5), torch.tensor([0.8, 0.2, 0.1]).view(1, 3, 1, 1).expand(1, 3, 16, 16)
    mapped = colour_map(layer, red)(layer)
    torch.testing.assert_close(mapped.mean((2, 3)), red.mean((2, 3)), rtol=1e-3, atol=1e-3)
    lightness = torch.stack([layer.mean(1).flatten(), mapped.mean(1).flatten()])
    assert torch.corrcoef(lightness)[0, 1] > 0.99
    assert mapped.mean(1).std() > 0.5 * layer.mean(1).std()


def test_a_style_with_a_palette_brings_no_lightness_of_the_layers() -> None:
    style = 0.5 + 0.06 * (noise(1) - 0.5)
    mapped = colour_map(noise(2), style)(noise(2)).flatten(2)[0]
    torch.testing.assert_close(torch.cov(mapped), torch.cov(style.flatten(2)[0]), rtol=5e-2, atol=2e-5)


def test_only_flat_places_are_enlivened_and_in_the_palettes_colours() -> None:
    content = noise(6, 48, 64)
    content[..., 20:] = 0.25
    style = noise(7) * torch.tensor([0.9, 0.5, 0.2]).view(1, 3, 1, 1)
    blots = palette_blots(colour_map(content, style), 64, 48, seed=0)
    changed = enlivened(content, content, blots) - content
    assert not changed[..., :20].any()
    torch.testing.assert_close(changed[..., 24:], blots[..., 24:])
    torch.testing.assert_close(blots.std((2, 3)), style.std((2, 3)), rtol=0.4, atol=0)
    assert not torch.equal(blots, palette_blots(colour_map(content, style), 64, 48, seed=1))


def test_an_ordinary_picture_is_not_enlivened() -> None:
    smooth = torch.linspace(0, 0.3, 200).expand(1, 3, 100, 200)
    blots = torch.ones_like(smooth)
    assert torch.equal(enlivened(smooth, smooth, blots), smooth)


def test_shrinking_very_far_shrinks_as_well_as_in_one_go() -> None:
    slope = torch.linspace(0, 1, 3200).expand(1, 3, 40, 3200)
    small = resize(slope, 64, 1)  # 50 times narrower
    torch.testing.assert_close(small[0, 0, 0, 2:-2], torch.linspace(0.5, 63.5, 64)[2:-2] / 64, atol=2e-3, rtol=0)


@pytest.mark.parametrize(("width", "height"), [(512, 341), (640, 1024), (130, 20), (64, 64), (4000, 3000)])
def test_scales_double_up_to_the_layers_own_size(width: int, height: int) -> None:
    sizes = scale_sizes(width, height, coarsest=128)
    assert sizes[-1] == (width, height)
    for (small, _), (large, _) in pairwise(sizes):
        assert large / small == pytest.approx(2, rel=0.02)
    assert max(sizes[0]) <= 256 or min(sizes[0]) < 32


def test_resizing_keeps_the_mean_colour() -> None:
    picture = noise(5, 64, 64)
    torch.testing.assert_close(resize(picture, 16, 16).mean((2, 3)), picture.mean((2, 3)), rtol=0.02, atol=0.01)


def test_hidden_pixels_are_filled_from_visible_ones_alone() -> None:
    visible = torch.zeros(1, 1, 32, 48)
    visible[..., :16] = 1
    one, other = noise(6), noise(6)
    other[..., 16:] = 77.0
    torch.testing.assert_close(fill_hidden(one, visible), fill_hidden(other, visible))
    filled = fill_hidden(one, visible)
    assert torch.equal(filled[..., :16], one[..., :16])
    assert one[..., :16].min() <= filled.min()
    assert filled.max() <= one[..., :16].max()


def test_a_part_is_halved_as_the_whole_is() -> None:
    whole = noise(6, 37, 51)
    part = halved(whole[..., 16:, :])[..., 1:, :]  # the first row lacks what was above it
    torch.testing.assert_close(part, halved(whole)[..., 9:, :])
    assert halved(whole).shape[-2:] == (19, 26)


def test_doubling_is_the_transpose_of_halving() -> None:
    """Away from the picture's edges, beyond which there is nothing to be counted."""
    fine, coarse = (F.pad(noise(seed, 8, 12), (4, 4, 4, 4)) for seed in (7, 8))
    doubled = torch.zeros(1, 3, 32, 40)
    add_doubled(doubled, coarse, share=0.25)
    fine = F.pad(fine, (10, 10, 8, 8))
    torch.testing.assert_close((halved(fine) * coarse).sum(), (fine * doubled).sum())
