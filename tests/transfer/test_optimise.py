"""The optimiser on functions whose minimum is known."""

import torch

from impasto.transfer.optimise import Lbfgs, Losses, optimise
from impasto.transfer.pyramid import refine, resize


def noise(seed: int, side: int = 8) -> torch.Tensor:
    return torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(seed))


def test_a_badly_scaled_bowl_is_descended_to_its_bottom() -> None:
    goal, steepness = noise(1), 1 + 99 * noise(2)

    def bowl(picture: torch.Tensor) -> tuple[Losses, torch.Tensor]:
        total = (steepness * (picture - goal).square()).sum() / 2
        return Losses(total, total, total), steepness * (picture - goal)

    picture = noise(3)
    losses = [float(step.total) for step in optimise(picture, bowl, 60, Lbfgs(history=10))]
    assert losses[-1] < 1e-4 * losses[0]
    torch.testing.assert_close(picture, goal, atol=0.01, rtol=0)


def test_no_step_goes_further_than_it_may() -> None:
    def cliff(picture: torch.Tensor) -> tuple[Losses, torch.Tensor]:
        total = (1e6 * picture).sum()
        return Losses(total, total, total), torch.full_like(picture, 1e6) + picture

    picture = noise(4)
    before, moves = picture.clone(), []
    for _ in optimise(picture, cliff, 4, Lbfgs(history=5, first_move=0.02, longest_move=0.1)):
        moves.append((picture - before).square().mean().sqrt().item())
        before = picture.clone()
    assert abs(moves[0] - 0.02) < 1e-4
    assert max(moves) <= 0.1 * 1.001


def test_refining_an_untouched_coarse_picture_gives_the_detailed_one_back() -> None:
    detailed = noise(5, 32)
    torch.testing.assert_close(refine(resize(detailed, 16, 16), detailed), detailed)
