"""What the style's statistics must do, whatever the features."""

import pytest
import torch

from impasto.losses.content import squared_difference, squared_size
from impasto.losses.gram import Moments, feature_sums, mix
from impasto.losses.style import style_loss


def features(seed: int = 0, channels: int = 3, side: int = 6) -> torch.Tensor:
    return torch.rand(1, channels, side, side, generator=torch.Generator().manual_seed(seed))


def gram_matrix(maps: torch.Tensor) -> torch.Tensor:
    return feature_sums(maps).gram().matrix


def moments(maps: torch.Tensor, weights: torch.Tensor | None = None) -> Moments:
    return feature_sums(maps, weights).moments()


def test_gram_matrix_of_a_feature_map_worked_out_by_hand() -> None:
    maps = torch.tensor([[[[1.0, 2.0]], [[3.0, 4.0]]]])
    assert torch.equal(gram_matrix(maps), torch.tensor([[2.5, 5.5], [5.5, 12.5]]))


def test_gram_matrix_ignores_where_a_feature_is() -> None:
    maps = features()
    shuffled = maps.flatten(2)[:, :, torch.randperm(36)].view_as(maps)
    torch.testing.assert_close(gram_matrix(shuffled), gram_matrix(maps))


def test_gram_matrix_is_symmetric_and_grows_with_the_square_of_the_features() -> None:
    maps = features()
    gram = gram_matrix(maps)
    torch.testing.assert_close(gram, gram.T)
    torch.testing.assert_close(gram_matrix(3 * maps), 9 * gram)


def test_gram_matrix_does_not_depend_on_the_size_of_a_repeated_pattern() -> None:
    maps = features()
    torch.testing.assert_close(gram_matrix(maps.repeat(1, 1, 2, 3)), gram_matrix(maps))


def test_positions_without_weight_have_no_say() -> None:
    maps, weights = features(), torch.ones(1, 1, 6, 6)
    weights[..., 3:, :] = 0
    other = maps.clone()
    other[..., 3:, :] = 99
    for found, expected in zip(moments(other, weights), moments(maps[..., :3, :]), strict=True):
        torch.testing.assert_close(found, expected)


def test_few_positions_that_count_give_what_they_give_among_all() -> None:
    """They are copied together, and the others left out: the same sums, and no gradient where nothing counts."""
    weights = torch.zeros(1, 1, 6, 6)
    weights[..., 1:3, 2:5] = torch.rand(2, 3, generator=torch.Generator().manual_seed(1))
    maps = features().requires_grad_()
    found, all_of_them = feature_sums(maps, weights), feature_sums(maps, weights + 1e-9)
    for some, expected in zip(found, all_of_them, strict=True):
        torch.testing.assert_close(some, expected)
    gradients = [torch.autograd.grad(sums.second.sum() + sums.first.sum(), maps)[0] for sums in (found, all_of_them)]
    torch.testing.assert_close(*gradients)
    assert not gradients[0][..., 3:, :].any()


def test_covariance_and_mean_make_up_the_gram_matrix() -> None:
    maps = features()
    mean, covariance = moments(maps)
    torch.testing.assert_close(covariance + torch.outer(mean, mean), gram_matrix(maps))


def test_sums_add_up_over_tiles() -> None:
    maps = features()
    halves = feature_sums(maps[..., :2]) + feature_sums(maps[..., 2:])
    for found, expected in zip(halves.moments(), moments(maps), strict=True):
        torch.testing.assert_close(found, expected)


def test_style_loss_is_nothing_at_the_target_and_has_no_unit() -> None:
    found, target = moments(features(1)), moments(features(2))
    assert style_loss(target, target, found, 1.0).item() == pytest.approx(0, abs=1e-9)
    larger = [moments(10 * features(seed)) for seed in (1, 2)]
    torch.testing.assert_close(style_loss(*larger, larger[0], 1.0), style_loss(found, target, found, 1.0))


def test_a_style_without_contrast_does_not_outweigh_everything() -> None:
    found, flat = moments(features(1)), moments(torch.full((1, 3, 6, 6), 0.5))
    assert style_loss(found, flat, found, 1.0).item() < 20


def test_mixing_a_style_with_itself_changes_nothing() -> None:
    only = moments(features())
    for found, expected in zip(mix([(only, 2.0), (only, 5.0)]), only, strict=True):
        torch.testing.assert_close(found, expected)


def test_mixed_moments_lie_between_the_styles_by_their_shares() -> None:
    one, other = moments(features(1)), moments(features(2))
    torch.testing.assert_close(mix([(one, 3.0), (other, 1.0)]).mean, 0.75 * one.mean + 0.25 * other.mean)


def test_content_loss_is_relative_and_weighted_by_place() -> None:
    target = features()
    assert squared_difference(2 * target, target).item() == pytest.approx(squared_size(target).item())
    weights = torch.zeros(1, 1, 6, 6)
    weights[..., 0, 0] = 1
    changed = target.clone()
    changed[..., 5, 5] += 1
    assert squared_difference(changed, target, weights).item() == 0


@pytest.mark.parametrize("rows", [1, 127, 2048, 5000])
def test_means_of_maps_in_bfloat16_are_as_exact_as_their_products(rows: int) -> None:
    flat = torch.rand(rows, 32, generator=torch.Generator().manual_seed(0)).to(torch.bfloat16) + 4
    sums = feature_sums(flat.T.reshape(1, 32, rows, 1).contiguous(memory_format=torch.channels_last))
    torch.testing.assert_close(sums.first, flat.double().sum(dim=0).float(), rtol=2e-3, atol=0)
