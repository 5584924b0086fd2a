import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.backbones.maxima import blurred_maxima, spread_to_maxima


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
    spread = spread_to_maxima(pull, maps.detach())
    torch.testing.assert_close(spread, gradient, rtol=0.02 if dtype is torch.bfloat16 else 1e-6, atol=1e-6)
    assert spread.is_contiguous(memory_format=torch.channels_last)
