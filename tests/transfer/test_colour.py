"""Original colours: from the painting's to the layer's own, evenly."""

from itertools import pairwise

import torch

from impasto.transfer.colour import luma, mix_chroma


def noise(seed: int) -> torch.Tensor:
    return torch.rand(1, 3, 5, 7, generator=torch.Generator().manual_seed(seed))


def test_no_share_of_the_original_changes_nothing() -> None:
    torch.testing.assert_close(mix_chroma(noise(1), noise(2), 0.0), noise(1))


def test_the_paintings_lightness_stays_whatever_the_share() -> None:
    for share in (0.3, 1.0):
        torch.testing.assert_close(luma(mix_chroma(noise(1), noise(2), share)), luma(noise(1)))


def test_the_full_share_has_the_originals_colours() -> None:
    mixed, original = mix_chroma(noise(1), noise(2), 1.0), noise(2)
    torch.testing.assert_close(mixed - luma(mixed), original - luma(original))


def test_colours_come_nearer_to_the_original_evenly() -> None:
    original = noise(2)
    distances = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        mixed = mix_chroma(noise(1), original, share)
        distances.append((mixed - luma(mixed) - original + luma(original)).norm().item())
    steps = [before - after for before, after in pairwise(distances)]
    assert max(steps) - min(steps) < 1e-4
