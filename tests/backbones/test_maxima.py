import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.backbones.maxima import blurred_maxima, maxima, spread_to_blurred_maxima, spread_to_maxima


def torchs_own(maps: Tensor) -> Tensor:
    """The mean of the maxima of windows a cell apart, by torch's own pooling."""
    later = F.max_pool2d(F.pad(maps, (1, 1, 1, 1), value=float("-inf")), 2)[..., 1:, 1:]
    return (F.max_pool2d(maps, 2) + later) / 2


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("size", [(2, 2), (2, 4), (4, 2), (6, 10), (32, 48)])
def test_they_are_those_of_torchs_own_pooling_and_so_are_their_gradients(
    size: tuple[int, int], dtype: torch.dtype
) -> None:
    generator = torch.Generator().manual_seed(0)
    # Of few values, so that many neighbours are equal, as they are in flat places.
    maps = torch.randint(-2, 6, (1, 8, *size), generator=generator).relu().to(dtype)
    maps = maps.contiguous(memory_format=torch.channels_last).requires_grad_()
    right = torchs_own(maps)
    pull = torch.randn(right.shape, generator=generator).to(dtype)
    (gradient,) = torch.autograd.grad(right, maps, 2 * pull)
    assert torch.equal(blurred_maxima(maps.detach()), right.detach())
    spread = spread_to_blurred_maxima(pull, maps.detach())
    torch.testing.assert_close(spread, gradient, rtol=0.02 if dtype is torch.bfloat16 else 1e-6, atol=1e-6)
    assert spread.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("size", [(2, 2), (2, 4), (4, 2), (6, 10), (32, 48)])
def test_those_of_levels_are_the_same_their_mean_rounded_up(size: tuple[int, int]) -> None:
    generator = torch.Generator().manual_seed(0)
    maps = torch.randint(0, 256, (1, 8, *size), generator=generator).relu()
    maps[..., : size[1] // 2] //= 60  # so that many neighbours are equal
    levels = maps.to(torch.uint8).contiguous(memory_format=torch.channels_last)
    leaf = maps.float().requires_grad_()
    right, plain = torchs_own(leaf), F.max_pool2d(leaf, 2)
    assert torch.equal(blurred_maxima(levels).float(), right.ceil())
    assert torch.equal(maxima(levels).float(), plain)
    pull = torch.randint(-63, 64, right.shape, generator=generator)
    for found, pooled, share in ((spread_to_blurred_maxima, right, 2), (spread_to_maxima, plain, 1)):
        (gradient,) = torch.autograd.grad(pooled, leaf, share * pull.float())
        spread = found(pull.to(torch.int8), levels)
        assert spread.dtype is torch.int8
        assert torch.equal(spread.float(), gradient)
