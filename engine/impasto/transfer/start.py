"""Where the optimisation begins: the layer in the painting's palette."""

import torch
from torch import Tensor


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
