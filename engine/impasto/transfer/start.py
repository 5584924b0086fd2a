"""Where the optimisation begins: the layer in the painting's palette."""

import torch
import torch.nn.functional as F
from torch import Tensor

from .pyramid import resize

_VARIATION = 0.15
"""How far the seed's noise goes, root mean square, about: colours lie in 0..1."""

_SOFTNESS = 12
"""What is left of a drawing that dissolves, is this many pixels large."""


def colour_matched(content: Tensor, style: Tensor, weights: Tensor | None = None) -> Tensor:
    """The content with the style's mean colour and colour covariance; both ``(1, 3, H, W)``.

    The linear Monge-Kantorovich map of Pitie and Kokaram 2007: of all linear maps that match the covariances,
    the one that moves colours least.
    """
    pixels = content.flatten(2)[0].double()
    mean, covariance = _colour_moments(pixels, weights)
    style_mean, style_covariance = _colour_moments(style.flatten(2)[0].double(), None)
    root = _root(covariance)
    inverse = torch.linalg.inv(root)
    transform: Tensor = inverse @ _root(root @ style_covariance @ root) @ inverse
    matched: Tensor = transform @ (pixels - mean[:, None]) + style_mean[:, None]
    return matched.view_as(content).to(content.dtype)


def dissolved(start: Tensor, detail: Tensor | None) -> Tensor:
    """The start without its drawing where the detail map ``(1, 1, H, W)`` is 0: soft colour, for strokes to grow in."""
    if detail is None:
        return start
    height, width = start.shape[-2:]
    soft = resize(resize(start, max(1, width // _SOFTNESS), max(1, height // _SOFTNESS)), width, height)
    return soft.lerp(start, detail)


def varied(start: Tensor, seed: int) -> Tensor:
    """A copy of the start, disturbed by soft noise from the seed, so that other strokes grow; seed 0 changes nothing.

    At the coarsest scale alone: there the painting decides where its strokes lie, and forgets the noise.
    """
    if seed == 0:
        return start.clone()
    height, width = start.shape[-2:]
    generator = torch.Generator().manual_seed(seed)
    grain = torch.randn(1, 3, max(1, height // 2), max(1, width // 2), generator=generator).to(start.device)
    return start + _VARIATION * F.interpolate(grain, size=(height, width), mode="bilinear", align_corners=False)


def _colour_moments(pixels: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor]:
    share = torch.full_like(pixels[0], 1 / pixels.shape[1]) if weights is None else weights.flatten().double()
    share = share / share.sum()
    mean = pixels @ share
    centred = pixels - mean[:, None]
    ridge = 1e-5 * torch.eye(3, dtype=pixels.dtype, device=pixels.device)
    return mean, (centred * share) @ centred.T + ridge


def _root(matrix: Tensor) -> Tensor:
    values, vectors = torch.linalg.eigh(matrix)
    root: Tensor = (vectors * values.clamp_min(0).sqrt()) @ vectors.T
    return root
