"""Like to like: the parts of the layer, and what is like each of them in the style's pictures.

Statistics forget where things are, so a painting's sky may land in a house. Where its broad strokes are laid, the layer
is therefore painted in a few soft parts, found by the network itself, each in the statistics and colours of its
counterpart in the style's picture (guided sums: Gatys et al. 2017, section 3). Finer scales only add strokes.

Counterparts look alike to the network's deep layers and lie in like places of their pictures: sky is above, and a face
in the middle. They are found by optimal transport (Cuturi 2013, "Sinkhorn Distances"; Kolkin et al. 2019, "Style
Transfer by Relaxed Optimal Transport and Self-Similarity"), which gives every part its share of all that the style's
picture holds: the parts together have the style of the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from .encoder import Encoder
from .pyramid import resize
from .recipes import Like

_SIDE = 320
"""Long side at which pictures are compared, in pixels."""
_DOWN, _ACROSS = 0.3, 0.2
"""What places cost that lie apart: times the squared distance, where a picture's half side is 1. Beside it, 1 - cosine
of each layer's features."""
_BLUR, _LEFT_OVER, _SWEEPS = 0.02, 0.3, 100
"""Sinkhorn's: the entropy's weight, the price of what isn't transported (Chizat et al. 2018), and the iterations."""
_STARTS, _ROUNDS = 4, 15
_SOFTNESS = 0.3
"""Of a part's edge: the temperature of its shares, where the usual squared distance to a part's centre is 1."""
_CONTRAST = 2
"""Power by which a place of the style's picture belongs to the part that most of it goes to."""
_REACH, _SMOOTH = 6, 1e-3
"""Parts follow the edges of the layer: the guided filter's radius, in pixels, and its epsilon."""


@dataclass(frozen=True)
class Counterparts:
    """The parts of a layer, and in each style picture how much each place counts for each part."""

    shares: Tensor
    """``(P, 1, h, w)``, together 1."""
    styles: tuple[Tensor, ...]
    """``(P, 1, h, w)`` for each picture, on the mean 1."""

    def softened(self, share: float) -> "Counterparts":
        """On the way from parts that are all alike (0) to these (1)."""
        shares = self.shares.mean(dim=(-2, -1), keepdim=True).lerp(self.shares, share)
        return Counterparts(shares, tuple(torch.ones_like(style).lerp(style, share) for style in self.styles))

    def tensors(self) -> list[Tensor]:
        """All of it, so that a team can have the same."""
        return [self.shares, *self.styles]


@dataclass(frozen=True)
class _Cells:
    """A picture as it is compared: its cells' features and places, and how much each counts."""

    features: list[Tensor]
    """``(N, C)`` of each layer, of length 1."""
    places: Tensor
    """``(N, 2)``: down and across, in -1..1."""
    weights: Tensor
    """``(N,)``, together 1."""
    height: int
    width: int

    def maps(self, columns: Tensor) -> Tensor:
        """``(N, P)`` as ``(P, 1, h, w)``."""
        return columns.T.reshape(-1, 1, self.height, self.width)


def find_counterparts(
    encoder: Encoder, like: Like, layer: Tensor, weights: Tensor | None, styles: Sequence[Tensor]
) -> Counterparts:
    """The parts of a layer ``(1, 3, H, W)``, of which each pixel counts by `weights` ``(1, 1, H, W)``, and what is like
    them in style pictures ``(1, 3, h, w)``, or ``(1, 4, h, w)`` with their opacity.

    The same pictures have the same parts each time: the beginnings of the search are the same.
    """
    layer = _fitted(layer)
    own = _cells_of(encoder, like, layer, None if weights is None else _fitted(weights))
    shares = _shares(own, like.parts)
    found = []
    for style in styles:
        seen = _fitted(style)
        other = _cells_of(encoder, like, seen[:, :3], seen[:, 3:] if seen.shape[1] == 4 else None)
        received = shares.T @ _transported(own, other)
        sharp = (received / received.sum(dim=0).clamp_min(1e-12)).T ** _CONTRAST
        counts = sharp / sharp.sum(dim=1, keepdim=True).clamp_min(1e-12)
        mean = (counts * other.weights[:, None]).sum(dim=0).clamp_min(1e-6)
        found.append(other.maps(counts / mean).to(layer))
    return Counterparts(_along_edges(own.maps(shares).to(layer), layer), tuple(found))


def _fitted(picture: Tensor) -> Tensor:
    """The picture at the size at which pictures are compared."""
    height, width = picture.shape[-2:]
    factor = _SIDE / max(height, width)
    return resize(picture, max(1, round(width * factor)), max(1, round(height * factor))).clamp(0, 1)


def _cells_of(encoder: Encoder, like: Like, picture: Tensor, weights: Tensor | None) -> _Cells:
    """A picture's cells, those of the deepest layer; what follows is little work, and done on the CPU in float32."""
    with torch.no_grad():
        maps = encoder.maps(picture, like.layers)
    height, width = maps[like.layers[-1]].shape[-2:]
    features = []
    for name in like.layers:
        cells = _in_cells(maps[name].float().cpu(), height, width)
        deviation, mean = torch.std_mean(cells, dim=(-2, -1), keepdim=True)
        standard = (cells - mean) / (deviation + 1e-3 * cells.std()).clamp_min(1e-8)
        features.append(F.normalize(standard, dim=1).flatten(2)[0].T)
    down, across = (torch.linspace(-1, 1, side) for side in (height, width))
    places = torch.stack(torch.meshgrid(down, across, indexing="ij"), dim=-1).view(-1, 2)
    counts = torch.ones(len(places))
    if weights is not None and bool(weights.any()):
        counts = _in_cells(weights.float().cpu(), height, width).flatten()
    counts = counts.clamp_min(1e-6)
    return _Cells(features, places, counts / counts.sum(), height, width)


def _in_cells(maps: Tensor, height: int, width: int) -> Tensor:
    return F.interpolate(maps, size=(height, width), mode="area")


def _shares(own: _Cells, parts: int) -> Tensor:
    """How much each cell belongs to each of so many parts ``(N, P)``: k-means of features and places, made soft."""
    places = own.places * torch.tensor([2 * _DOWN, 2 * _ACROSS]).sqrt()
    vectors = torch.cat([*own.features, places], dim=1)
    centres = min((_clustered(vectors, own.weights, parts, seed) for seed in range(_STARTS)), key=lambda one: one[1])[0]
    distances = torch.cdist(vectors, centres) ** 2
    usual = distances.amin(dim=1).median().clamp_min(1e-6)
    return (-distances / (_SOFTNESS * usual)).softmax(dim=1)


def _clustered(vectors: Tensor, weights: Tensor, parts: int, seed: int) -> tuple[Tensor, float]:
    """Centres ``(P, C)`` of vectors ``(N, C)``, and how far these lie from them (Lloyd, begun by k-means++)."""
    generator = torch.Generator().manual_seed(seed)
    centres = vectors[torch.multinomial(weights, 1, generator=generator)]
    for _ in range(parts - 1):
        far = torch.cdist(vectors, centres).amin(dim=1) ** 2
        centres = torch.cat([centres, vectors[torch.multinomial(far * weights + 1e-12, 1, generator=generator)]])
    for _ in range(_ROUNDS):
        nearest = F.one_hot(torch.cdist(vectors, centres).argmin(dim=1), parts).float() * weights[:, None]
        sizes = nearest.sum(dim=0)[:, None]
        centres = torch.where(sizes > 0, nearest.T @ vectors / sizes.clamp_min(1e-12), centres)
    return centres, float((torch.cdist(vectors, centres).amin(dim=1) ** 2 * weights).sum())


def _transported(own: _Cells, other: _Cells) -> Tensor:
    """How much of each cell goes to each cell of another picture ``(N, M)``, at the least cost."""
    cost = sum(
        (1 - mine @ theirs.T for mine, theirs in zip(own.features, other.features, strict=True)), torch.zeros(())
    )
    apart = (own.places[:, None] - other.places[None]) ** 2
    cost = cost + _DOWN * apart[..., 0] + _ACROSS * apart[..., 1]
    from_log, to_log = own.weights.log(), other.weights.log()
    price, rest = torch.zeros(len(from_log)), torch.zeros(len(to_log))
    damping = _LEFT_OVER / (_LEFT_OVER + _BLUR)
    for _ in range(_SWEEPS):
        price = -damping * _BLUR * torch.logsumexp((rest - cost) / _BLUR + to_log, dim=1)
        rest = -damping * _BLUR * torch.logsumexp((price[:, None] - cost) / _BLUR + from_log[:, None], dim=0)
    return ((price[:, None] + rest - cost) / _BLUR + from_log[:, None] + to_log).exp()


def _along_edges(shares: Tensor, picture: Tensor) -> Tensor:
    """Shares ``(P, 1, h, w)`` at the size of a picture ``(1, 3, H, W)``, changing where its lightness does: the guided
    filter of He, Sun and Tang 2013."""
    guide = picture.mean(dim=1, keepdim=True)
    shares = F.interpolate(shares, size=picture.shape[-2:], mode="bilinear", align_corners=False)

    def mean(maps: Tensor) -> Tensor:
        return F.avg_pool2d(F.pad(maps, [_REACH] * 4, mode="replicate"), 2 * _REACH + 1, stride=1)

    guide_mean, share_mean = mean(guide), mean(shares)
    slope = (mean(guide * shares) - guide_mean * share_mean) / (mean(guide * guide) - guide_mean**2 + _SMOOTH)
    offset = share_mean - slope * guide_mean
    found = (mean(slope) * guide + mean(offset)).clamp_min(0)
    return found / found.sum(dim=0, keepdim=True).clamp_min(1e-6)
