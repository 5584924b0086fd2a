import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.levels import LARGEST, MIDDLE, MOST, Levels, SignedLevels


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("replicates", [True, False])
@pytest.mark.parametrize("size", [(1, 1), (1, 5), (4, 3)])
def test_maps_are_rounded_to_the_nearest_level_in_a_border(size: tuple[int, int], replicates: bool) -> None:
    maps = noise(1, 8, *size).relu()
    levels = Levels.of(maps, replicates)
    assert (levels.maps() - maps).abs().max() <= 0.501 * levels.scale
    assert levels.inside.max() == LARGEST
    right = F.pad(levels.inside.float(), (1, 1, 1, 1), mode="replicate" if replicates else "constant")
    assert torch.equal(levels.padded.float(), right)
    assert torch.equal(Levels.around(levels.inside, levels.scale, replicates).padded, levels.padded)


def test_odd_sides_are_made_even_by_what_is_beside_them_or_by_leaving_the_last_cells_out() -> None:
    maps = noise(1, 2, 3, 5).relu()
    longer, shorter = (Levels.of(maps, replicates=False).even(keeps_rest) for keeps_rest in (True, False))
    assert longer.shape[-2:] == (4, 6)
    assert shorter.shape[-2:] == (2, 4)
    assert torch.equal(longer[..., 3, :5], longer[..., 2, :5])


@pytest.mark.parametrize("most", [MOST, MOST // 2])
def test_gradients_are_rounded_to_the_nearest_level_on_both_sides_of_0(most: int) -> None:
    gradient = noise(1, 8, 6, 7)
    levels = SignedLevels.of(gradient, most)
    assert (levels.numbers() - gradient).abs().max() <= 0.501 * levels.scale
    assert levels.inside.abs().max() == most


def test_a_gradient_is_raised_where_maps_are_above_0_in_a_border_of_nothing() -> None:
    maps, gradient = Levels.of(noise(1, 8, 4, 5).relu(), replicates=True), SignedLevels.of(noise(1, 8, 4, 5))
    raised = gradient.raised(maps, border=2).int() - MIDDLE
    right = F.pad(gradient.inside.int() * (maps.inside > 0), (2, 2, 2, 2))
    assert torch.equal(raised, right)


def test_the_gradient_of_a_repeated_border_is_added_to_what_it_repeats_as_far_as_levels_go() -> None:
    padded = noise(1, 4, 6, 7).requires_grad_()
    maps = noise(1, 4, 4, 5).requires_grad_()
    levels = SignedLevels.of(padded.detach(), 20)
    found = SignedLevels(levels.inside.clone(), levels.scale).unpadded(replicates=True, most=MOST)
    (right,) = torch.autograd.grad(F.pad(maps, (1, 1, 1, 1), mode="replicate"), maps, levels.numbers())
    torch.testing.assert_close(found.numbers(), right)
    full = SignedLevels(torch.full((1, 4, 6, 7), 60, dtype=torch.int8), 1.0)
    assert full.unpadded(replicates=True, most=63).inside.max() == 63
    assert torch.equal(levels.unpadded(replicates=False, most=63).inside, levels.inside[..., 1:-1, 1:-1])
