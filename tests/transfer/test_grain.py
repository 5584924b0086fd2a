"""The noise from which a painting's texture grows."""

import pytest
import torch

from impasto.transfer.areas import Area
from impasto.transfer.grain import add_grain, grain_of

HEIGHT, WIDTH = 1100, 1300
"""Larger than the noise's tile."""


def grain(seed: int, area: Area = Area(0, 0, WIDTH, HEIGHT), share: torch.Tensor | None = None) -> torch.Tensor:  # noqa: B008, a value
    picture = torch.zeros(1, 3, area.height, area.width)
    add_grain(picture, 0.1, seed, area, share)
    return picture


def test_grain_is_grey_noise_of_the_strength_asked_for() -> None:
    noise = grain(1)
    assert noise.std().item() == pytest.approx(0.1, rel=0.02)
    assert noise.mean().abs().item() < 1e-4
    assert torch.equal(noise[:, 0], noise[:, 2])


def test_each_seed_has_its_own_grain_and_always_the_same() -> None:
    assert torch.equal(grain(1), grain(1))
    assert (grain(1) - grain(2)).std().item() > 0.1


@pytest.mark.parametrize("area", [Area(100, 40, 300, 90), Area(900, 1000, 1300, 1100), Area(1024, 1024, 1100, 1090)])
def test_a_part_gets_the_grain_of_the_whole(area: Area) -> None:
    assert torch.equal(grain(1, area), area.cut(grain(1)))


def test_tiles_of_noise_join_without_a_seam() -> None:
    steps = grain(1).diff(dim=3).std(dim=(0, 1, 2))
    assert steps[1023].item() == pytest.approx(steps.mean().item(), rel=0.1)


def test_there_is_no_grain_where_its_share_is_0() -> None:
    share = torch.zeros(1, 1, HEIGHT, WIDTH)
    share[..., 600:, :] = 0.5
    noise = grain(1, share=share)
    assert not noise[..., :600, :].any()
    torch.testing.assert_close(noise[..., 600:, :], grain(1)[..., 600:, :] / 2)


def test_flat_panes_have_no_grain_whatever_lies_between_them() -> None:
    panes = torch.full((1, 3, 256, 256), 0.6)
    panes[..., ::64, :] = panes[..., ::64] = 0.0
    assert grain_of(panes) < 0.002
    strewn = 0.5 + 0.1 * torch.randn(1, 1, 256, 256, generator=torch.Generator().manual_seed(1)).expand(1, 3, -1, -1)
    assert 0.05 < grain_of(strewn) < 0.1


def test_what_a_style_hides_is_no_grain_of_its_own() -> None:
    strewn = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(1))
    strewn[..., :64, :] = 0.5
    opacity = torch.zeros(1, 1, 128, 128)
    opacity[..., :60, :] = 1.0
    assert grain_of(torch.cat([strewn, opacity], dim=1)) == pytest.approx(0, abs=1e-4)
    assert grain_of(torch.cat([strewn, 0 * opacity], dim=1)) == 0
