"""The optimiser on functions whose minimum is known."""

import pytest
import torch

from impasto.transfer import optimise as optimise_module
from impasto.transfer.optimise import Lbfgs, Losses, Space, _assumed_square, _broaden, _colour, optimise
from impasto.transfer.pyramid import refine, resize


def noise(seed: int, side: int = 8) -> torch.Tensor:
    return torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(seed))


def descend(how: Lbfgs, side: int = 8, steepest: float = 100) -> tuple[list[float], torch.Tensor]:
    """The losses on the way down a badly scaled bowl, and how far from its bottom each pixel ends."""
    goal, steepness = noise(1, side), 1 + (steepest - 1) * noise(2, side)

    def bowl(picture: torch.Tensor) -> tuple[Losses, torch.Tensor]:
        total = (steepness * (picture - goal).square()).sum() / 2
        return Losses(total, total, total), steepness * (picture - goal)

    picture = noise(3, side)
    losses = [float(step.total) for step in optimise(picture, bowl, 60, how)]
    return losses, (picture - goal).abs()


def test_a_badly_scaled_bowl_is_descended_to_its_bottom() -> None:
    losses, distance = descend(Lbfgs(history=10))
    assert losses[-1] < 1e-4 * losses[0]
    assert distance.max() < 0.01


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


def test_pairs_kept_in_half_the_memory_lead_to_the_bottom_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optimise_module, "_LARGE", 1)
    losses, distance = descend(Lbfgs(history=10))
    assert losses[-1] < 1e-4 * losses[0]
    assert distance.max() < 0.01
    assert Lbfgs().kept_pictures(3, 1) == 2.5


@pytest.mark.parametrize("side", [8, 13])
def test_broad_steps_reach_the_bottom_too(side: int) -> None:
    losses, distance = descend(Lbfgs(history=10, octaves=3, chroma=1.7), side, steepest=10)
    assert losses[-1] < 1e-4 * losses[0]
    assert distance.max() < 0.02


def test_a_first_step_in_octaves_follows_what_is_broad_rather_than_noise() -> None:
    """Of a gradient half slope, half checkerboard, it takes more of the slope than a step of the pixels alone."""
    rows, columns = torch.meshgrid(torch.arange(32), torch.arange(32), indexing="ij")
    slope, checkers = ((part - part.mean()) / part.std() for part in (rows.float(), ((rows + columns) % 2).float()))
    gradient = (slope + checkers).expand(1, 3, 32, 32)

    def both(picture: torch.Tensor) -> tuple[Losses, torch.Tensor]:
        total = (gradient * picture).sum()
        return Losses(total, total, total), gradient.clone()

    shares = {}
    for octaves in (0, 3):
        picture = torch.zeros(1, 3, 32, 32)
        list(optimise(picture, both, 1, Lbfgs(octaves=octaves)))
        moved = -picture[0, 0]
        shares[octaves] = float((moved * slope).sum() / (moved * checkers).sum())
    assert abs(shares[0] - 1) < 0.1
    assert shares[3] > 3


def test_colour_goes_further_than_lightness_as_far_as_it_is_told_to() -> None:
    """Of a gradient half lightness, half colour, a first step takes more of the colour, and turns neither."""
    grey, red = torch.ones(1, 3, 1, 1), torch.tensor([1.0, -1.0, 0.0]).view(1, 3, 1, 1)
    gradient = (grey + red).expand(1, 3, 8, 8)

    def both(picture: torch.Tensor) -> tuple[Losses, torch.Tensor]:
        total = (gradient * picture).sum()
        return Losses(total, total, total), gradient.clone()

    for chroma in (1.0, 1.7):
        picture = torch.zeros(1, 3, 8, 8)
        list(optimise(picture, both, 1, Lbfgs(chroma=chroma)))
        shares = [float((picture * part).sum() / (part**2).sum()) for part in (grey, red)]
        assert shares[1] / shares[0] == pytest.approx(chroma, rel=1e-4)


def test_what_is_assumed_of_colours_is_the_operator_s_own_square() -> None:
    change, how, space = noise(3, 24), Lbfgs(octaves=2, chroma=1.7), Space(3 * 24 * 24)
    moved = change.clone()
    _broaden(moved, how.octaves, space)
    _colour(moved, how.chroma)
    torch.testing.assert_close(_assumed_square(change, how, space), space.dot(change, moved), rtol=1e-3, atol=1e-3)


def test_refining_an_untouched_coarse_picture_gives_the_detailed_one_back() -> None:
    detailed = noise(5, 32)
    torch.testing.assert_close(refine(resize(detailed, 16, 16), detailed), detailed)
