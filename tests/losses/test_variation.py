"""Smoothness and box losses: their values, and the gradients that are written out."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from impasto.losses import variation
from impasto.losses.variation import box_loss, variation_loss

Loss = Callable[[Tensor, float, Tensor], Tensor]


def noise() -> Tensor:
    return 2 * torch.rand(1, 3, 5, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(1)) - 0.5


def value(loss: Loss, picture: Tensor) -> float:
    return loss(picture, 1.0, torch.zeros_like(picture)).item()


def test_variation_sees_noise_and_not_flatness() -> None:
    assert value(variation_loss, torch.full((1, 3, 4, 4), 0.3)) == 0
    steps = torch.tensor([0.0, 1.0, 1.0]).expand(1, 3, 3, 3)
    assert value(variation_loss, steps) == pytest.approx(0.5)  # across: half of the neighbours differ by 1; down: none


def test_box_is_nothing_inside() -> None:
    assert value(box_loss, noise().clamp(0, 1)) == 0
    assert value(box_loss, torch.full((1, 3, 2, 2), 1.5)) == pytest.approx(0.25)


@pytest.mark.parametrize("loss", [variation_loss, box_loss])
def test_the_gradient_is_the_losses_own_and_adds_to_what_is_there(loss: Loss) -> None:
    picture, there = noise(), noise()
    gradient = there.clone()
    loss(picture, 3.0, gradient)
    move = torch.full_like(picture, 1e-6) * noise()
    change = value(loss, picture + move) - value(loss, picture - move)
    assert ((gradient - there) * move).sum().item() == pytest.approx(3.0 * change / 2, rel=1e-6)


@pytest.mark.parametrize("loss", [variation_loss, box_loss])
def test_pieces_of_a_picture_give_what_the_whole_gives(loss: Loss, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, pieces = torch.zeros(1, 3, 5, 7, dtype=torch.float64), torch.zeros(1, 3, 5, 7, dtype=torch.float64)
    right = loss(noise(), 3.0, whole)
    monkeypatch.setattr(variation, "_PIECE", 2 * 3 * 7)
    assert loss(noise(), 3.0, pieces).item() == pytest.approx(right.item())
    torch.testing.assert_close(pieces, whole)
