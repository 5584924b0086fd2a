"""Where the optimisation begins: the layer in the painting's palette."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.limited import is_limited

from .pyramid import resize

_VARIATION = 0.15
"""The seed's noise, as about the root mean square of colours in 0..1."""

_FLAT_STYLE = 0.03
"""Standard deviation of its colours, together, below which a style has less of a palette the flatter it is."""

_KEPT_CONTRAST = 0.75
"""How much of the layer's lightness stays where the style is all one colour."""

_FLAT_REACH = 4
"""A pixel is in a flat place if all pixels up to so many away have its colour."""

_FLAT_RANGE = 0.5 / 255
"""Colours that differ by as much as this are no longer the same at all."""

_BLOTS = (2, 4, 8, 16)
"""Sizes of the blots in flat places, in pixels."""

_PIECE = 1 << 20
"""How many pixels are summed at a time."""

_SOFTNESS = 12
"""A drawing that dissolves is shrunk by this factor, and enlarged again."""


@dataclass(frozen=True)
class ColourMap:
    """An affine change of colours: multiplied by ``(3, 3)``, then ``(3,)`` is added."""

    matrix: Tensor
    offset: Tensor
    spread: Tensor
    """``(3, 3)``: gives three independent variables of variance 1 the palette's covariance."""

    def __call__(self, picture: Tensor) -> Tensor:
        """``(1, 3, H, W)`` in other colours."""
        pixels = picture.flatten(2)[0]
        return torch.addmm(self.offset[:, None], self.matrix, pixels).view_as(picture)


def colour_map(
    content: Tensor, style: Tensor, weights: Tensor | None = None, style_weights: Tensor | None = None
) -> ColourMap:
    """What gives the content the style's mean colour and colour covariance; both are ``(1, 3, H, W)``.

    Each pixel counts by its weight ``(1, 1, H, W)``. It is the linear Monge-Kantorovich map of Pitie and Kokaram 2007:
    of all linear maps that match the covariances, the one that moves colours least. A style of one colour has none:
    the layer keeps some of its lightness then, which is all that is left to draw with.
    """
    mean, covariance = _moments_of(content, weights)
    style_mean, style_covariance = _moments_of(style, style_weights)
    root = _root(covariance)
    inverse = torch.linalg.inv(root)
    matrix = inverse @ _root(root @ style_covariance @ root) @ inverse
    flatness = (1 - style_covariance.trace().sqrt() / _FLAT_STYLE).clamp_min(0)
    matrix += flatness * _KEPT_CONTRAST / 3  # of each colour's mean
    found = matrix, style_mean - matrix @ mean, _root(style_covariance)
    return ColourMap(*(tensor.to(content.dtype).to(content.device) for tensor in found))


def dissolved(start: Tensor, detail: Tensor | None) -> Tensor:
    """The start without its drawing where the detail map ``(1, 1, H, W)`` is 0: only soft colour is left there."""
    if detail is None:
        return start
    height, width = start.shape[-2:]
    soft = resize(resize(start, max(1, width // _SOFTNESS), max(1, height // _SOFTNESS)), width, height)
    return soft.lerp(start, detail)


def varied(start: Tensor, seed: int) -> Tensor:
    """A copy of the start with soft noise from the seed, so that other strokes grow; seed 0 adds none.

    For the coarsest scale alone, which decides where the strokes lie and removes the noise again.
    """
    if seed == 0:
        return start.clone()
    height, width = start.shape[-2:]
    generator = torch.Generator().manual_seed(seed)
    grain = torch.randn(1, 3, max(1, height // 2), max(1, width // 2), generator=generator).to(start.device)
    return start + _VARIATION * F.interpolate(grain, size=(height, width), mode="bilinear", align_corners=False)


def enlivened(start: Tensor, content: Tensor, blots: Tensor) -> Tensor:
    """The start with blots where the content is flat: there the gradient would find nowhere to begin a stroke."""
    flatness = _flatness(content)
    return torch.addcmul(start, flatness, blots) if flatness.any() else start


def palette_blots(palette: ColourMap, width: int, height: int, seed: int) -> Tensor:
    """Soft blots of several sizes ``(1, 3, H, W)`` around 0, their colours as varied as the palette's."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.zeros(1, 3, height, width)
    for side in _BLOTS:
        blots = torch.randn(1, 3, max(1, height // side), max(1, width // side), generator=generator)
        noise += F.interpolate(blots, size=(height, width), mode="bicubic", align_corners=False)
    noise = noise / noise.std() if noise.numel() > 3 else noise
    noise = noise.to(palette.spread.device)
    return (palette.spread @ noise.flatten(2)[0]).view_as(noise)


def _flatness(content: Tensor) -> Tensor:
    """How far each pixel lies in a place of one colour: ``(1, 1, H, W)`` in 0..1."""
    side = 2 * _FLAT_REACH + 1
    highest, lowest = (F.max_pool2d(sign * content, side, stride=1, padding=_FLAT_REACH) for sign in (1, -1))
    extent = (highest + lowest).amax(dim=1, keepdim=True)
    return (1 - extent / _FLAT_RANGE).clamp_min(0)


def _moments_of(picture: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor]:
    """Mean and covariance of its colours, in double precision; on the CPU, where its device has none."""
    if is_limited(picture.device):
        picture, weights = picture.cpu(), None if weights is None else weights.cpu()
    return _colour_moments(picture, weights)


def _colour_moments(picture: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor]:
    """Mean ``(3,)`` and covariance ``(3, 3)`` in double precision; summed piece by piece, which saves memory."""
    shares = torch.ones_like(picture[:, :1]) if weights is None else weights
    total, first, second = (torch.zeros(size, dtype=torch.float64, device=picture.device) for size in ((), 3, (3, 3)))
    pieces = (torch.split(tensor.flatten(2)[0], _PIECE, dim=1) for tensor in (picture, shares))
    for pixels, share in zip(*pieces, strict=True):
        doubled = pixels.double()
        weighted = doubled * share
        total += share.sum(dtype=torch.float64)
        first += weighted.sum(dim=1)
        second += weighted @ doubled.T
    mean = first / total
    ridge = 1e-5 * torch.eye(3, dtype=mean.dtype, device=mean.device)
    return mean, second / total - torch.outer(mean, mean) + ridge


def _root(matrix: Tensor) -> Tensor:
    """The square root of a symmetric matrix without negative eigenvalues."""
    values, vectors = torch.linalg.eigh(matrix)
    root: Tensor = (vectors * values.clamp_min(0).sqrt()) @ vectors.T
    return root
