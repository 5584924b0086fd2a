"""Paintings whose opposite edges meet."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from skimage.data import chelsea
from skimage.transform import resize

from impasto.backbones import Backbone
from impasto.request import PaintRequest, WeightedStyle, drained
from impasto.transfer import IMPASTO, stylize
from impasto.transfer.canvas import Canvas
from impasto.transfer.optimise import Losses
from impasto.transfer.seamless import Wrap, wrapped
from impasto_wire.settings import Seamless, Settings

RECIPE = replace(IMPASTO.on("squeezenet"), coarsest=72, total_steps=14, precision="float32")


def seam(painting: NDArray[np.float64], axis: int) -> float:
    """The mean step across the seam, divided by the mean step beside it."""
    lines = np.moveaxis(painting, axis, 0)
    across = np.abs(lines[0] - lines[-1]).mean()
    beside = np.mean([np.abs(lines[at] - lines[at + 1]).mean() for at in (0, 1, 2, -3, -2)])
    return float(across / beside)


@pytest.mark.parametrize(("seamless", "meets"), [("across", (False, True)), ("both", (True, True))])
def test_the_edges_meet(
    style: WeightedStyle, squeezenet: Backbone, seamless: Seamless, meets: tuple[bool, bool]
) -> None:
    cat = np.rint(resize(chelsea(), (96, 140), anti_aliasing=True) * 255).astype(np.uint8)
    request = PaintRequest(cat, (style,), Settings(quality="draft", seamless=seamless))
    painting = drained(stylize(request, squeezenet, RECIPE)).astype(float)
    plain = replace(request, settings=Settings(quality="draft"))
    plain_painting = drained(stylize(plain, squeezenet, RECIPE)).astype(float)
    for axis, is_seamless in enumerate(meets):
        assert seam(plain_painting, axis) > 2
        assert (seam(painting, axis) < 1.5) == is_seamless, axis


def test_a_layer_that_tiles_already_hardly_changes_at_its_edges() -> None:
    wave = torch.sin(torch.arange(64) * (2 * torch.pi / 64))[None, None, None, :].expand(1, 3, 8, 64)
    even = wave.cos()
    assert torch.allclose(Wrap(True, False).faded(even), even, atol=0.1)
    faded = Wrap(True, True).faded(torch.rand(1, 3, 40, 48, generator=torch.Generator().manual_seed(1)))
    assert torch.allclose(faded[..., 0], faded[..., -1])
    assert torch.allclose(faded[..., 0, :], faded[..., -1, :])


def test_what_is_folded_is_the_transpose_of_what_is_padded() -> None:
    generator = torch.Generator().manual_seed(1)
    for wrap in (Wrap(True, False), Wrap(False, True), Wrap(True, True)):
        picture = torch.rand(1, 3, 20, 30, generator=generator, dtype=torch.float64)
        padded = wrap.padded(picture, 24)
        other = torch.rand(padded.shape, generator=generator, dtype=torch.float64)
        folded = wrap.folded(other, 20, 30, 24)
        assert torch.isclose((padded * other).sum(), (picture * folded).sum())


def test_a_picture_that_is_moved_around_is_judged_alike() -> None:
    """The evaluation knows no edges: a shifted picture has the same loss, and the shifted gradient."""
    wrap, margin = Wrap(True, True), 16
    weights = torch.zeros(1, 1, 64, 80)
    weights[..., 16:48, 16:64] = 1

    def evaluate(padded: torch.Tensor) -> tuple[Losses, torch.Tensor]:
        leaf = padded.detach().requires_grad_()
        blurred = torch.nn.functional.avg_pool2d(leaf, 5, stride=1, padding=2)
        loss = (weights * blurred.square()).sum()
        (gradient,) = torch.autograd.grad(loss, leaf)
        return Losses(loss.detach(), loss.detach(), loss.detach()), gradient

    picture = torch.rand(1, 3, 32, 48, generator=torch.Generator().manual_seed(2))
    around = wrap.around(Canvas(picture), margin)
    assert around.weights is not None
    assert torch.equal(around.weights, weights)
    assert torch.equal(around.content, wrap.padded(picture, margin))
    losses, gradient = wrapped(wrap, margin, evaluate)(picture)
    moved_losses, moved = wrapped(wrap, margin, evaluate)(picture.roll((7, 11), (2, 3)))
    assert torch.isclose(losses.total, moved_losses.total)
    assert torch.allclose(moved, gradient.roll((7, 11), (2, 3)), atol=1e-6)
