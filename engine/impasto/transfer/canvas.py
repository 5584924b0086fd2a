"""The layer as it is painted: colours in 0..1, and what its alpha, its selection and its detail map allow."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from impasto.limited import where_it_works
from impasto.request import PaintRequest, Picture
from impasto_wire.errors import PictureError
from impasto_wire.pictures import SMALLEST_SIDE

from .areas import Area, Size
from .pyramid import Resampling, cell_means, resize

_WHITE = {np.dtype("uint8"): 255.0, np.dtype("uint16"): 65535.0, np.dtype("float32"): 1.0}


@dataclass(frozen=True)
class WarpedFrame:
    """The painting of the frame before ``(H, W, 3)``, with everything moved to where it is now, and how far it can be
    trusted at each pixel: ``(H, W)`` float32 in 0..1."""

    painting: Picture
    trust: NDArray[np.float32]


@dataclass(frozen=True)
class Canvas:
    """The layer at one size: colours ``(1, 3, H, W)`` and maps ``(1, 1, H, W)``, all in 0..1; None if there is none."""

    content: Tensor
    """The layer's colours."""
    weights: Tensor | None = None
    """How much each pixel counts in every statistic: its opacity times its selection."""
    free: Tensor | None = None
    """How far a pixel may change: the selection."""
    detail: Tensor | None = None
    """How far a pixel's drawing is kept: the detail map."""
    before: Tensor | None = None
    """The colours of the frame before; then there is `trust` too."""
    trust: Tensor | None = None
    """How far the frame before can be trusted."""
    shares: tuple[Tensor, ...] = ()
    """How much of each pixel is painted in each look; together 1. Empty: there is one look."""

    def at(self, width: int, height: int, by: Resampling = "bicubic") -> "Canvas":
        """The same at another size, its colours resampled in that way."""
        maps = (_shrink(tensor, width, height) for tensor in (self.weights, self.free, self.detail, self.trust))
        weights, free, detail, trust = maps
        before = None if self.before is None else resize(self.before, width, height)
        shares = tuple(in_areas(share, width, height) for share in self.shares)
        return Canvas(resize(self.content, width, height, by), weights, free, detail, before, trust, shares)

    def rows(self, first: int, last: int) -> "Canvas":
        """The rows ``first..last`` of it."""
        return self.mapped(lambda tensor: tensor[..., first:last, :])

    def cut(self, area: Area) -> "Canvas":
        """An area of it: colours and shares alone."""
        return Canvas(area.cut(self.content), shares=tuple(map(area.cut, self.shares)))

    def part(self, area: Area, size: Size, by: Resampling = "bicubic") -> "Canvas":
        """An area of the layer, where the whole layer has that size; its colours are resampled in that way."""
        if area == Area.whole(size):
            return self.at(*size, by)
        height, width = self.content.shape[-2:]
        needed = area.at(size, (width, height))
        return replace(self, before=None, trust=None).mapped(needed.cut).at(area.width, area.height, by)

    def mapped(self, cut: Callable[[Tensor], Tensor]) -> "Canvas":
        """The same done to its colours and each of its maps."""
        weights, free, detail, before, trust = (
            None if tensor is None else cut(tensor)
            for tensor in (self.weights, self.free, self.detail, self.before, self.trust)
        )
        return Canvas(cut(self.content), weights, free, detail, before, trust, tuple(map(cut, self.shares)))

    def all_shares(self) -> tuple[Tensor, ...]:
        """How much of each pixel is painted in each look, 1 of every pixel if there is one look."""
        return self.shares or (torch.ones_like(self.content[:, :1]),)

    def weights_of(self, look: int) -> Tensor | None:
        """How much each pixel counts in the statistics of a look; None: all count 1."""
        if not self.shares:
            return self.weights
        return self.shares[look] if self.weights is None else self.weights * self.shares[look]

    def blended(self, values: Sequence[Tensor]) -> Tensor:
        """One value for each look, as large as the canvas or broadcast to it, blended by the looks' shares."""
        if not self.shares:
            return values[0]
        first, *others = (share * value for share, value in zip(self.shares, values, strict=True))
        return sum(others, start=first)

    def has_something(self) -> bool:
        """Does any pixel count?"""
        return self.weights is None or bool(self.weights.any())

    def kept_weights(self) -> Tensor | None:
        """How much the drawing of each pixel counts, ``(1, 1, H, W)``; None: all count 1."""
        if self.weights is None or self.detail is None:
            return self.detail if self.weights is None else self.weights
        return self.weights * self.detail


def read_layer(request: PaintRequest, device: torch.device, before: WarpedFrame | None = None) -> Canvas:
    """The request's layer and maps on a device. Raises `PictureError` where they can't be painted."""
    colours, alpha = read_colours(request.layer, device)
    free, detail = (_read_map(map_, device) for map_ in (request.selection, request.detail_map))
    shares = _shares(request, device)
    canvas = Canvas(colours, _weights(alpha, free), free, detail, shares=shares)
    if before is None:
        return canvas
    return replace(canvas, before=to_tensor(before.painting, device), trust=_read_map(before.trust, device))


def _shares(request: PaintRequest, device: torch.device) -> tuple[Tensor, ...]:
    """How much of each pixel is painted in the request's own look, then in each region's: what lies in a later region
    is no longer an earlier one's."""
    shares: list[Tensor] = []
    left: Tensor | None = None
    for region in reversed(request.regions):
        map_ = to_tensor(region.map[..., None], device)
        shares.insert(0, map_ if left is None else map_ * left)
        left = 1 - map_ if left is None else left * (1 - map_)
    return () if left is None else (left, *shares)


def read_colours(pixels: Picture, device: torch.device) -> tuple[Tensor, Tensor | None]:
    """A picture's colours ``(1, 3, H, W)``, and its alpha ``(1, 1, H, W)`` where it isn't opaque everywhere.

    What is fully transparent is filled from what isn't. Raises `PictureError` where nothing is visible.
    """
    tensor = to_tensor(pixels, device)
    if tensor.shape[1] < 4 or bool((tensor[:, 3:] == 1).all()):
        return tensor[:, :3], None
    colours, alpha = tensor[:, :3], tensor[:, 3:]
    if not bool(alpha.any()):
        raise PictureError("the layer is fully transparent; there is nothing to paint")
    return fill_hidden(colours, (alpha > 0).to(colours.dtype)), alpha


def _read_map(map_: Picture | None, device: torch.device) -> Tensor | None:
    return None if map_ is None else to_tensor(map_[..., None], device)


def _weights(alpha: Tensor | None, free: Tensor | None) -> Tensor | None:
    """Opacity times selection. Raises `PictureError` where nothing is left."""
    if free is None:
        return alpha
    if not bool(free.any()):
        raise PictureError("the selection leaves nothing of the layer; select something or nothing at all")
    weights = free if alpha is None else alpha * free
    if not bool(weights.any()):
        raise PictureError("the selection holds only transparent pixels; there is nothing to paint")
    return weights


def to_tensor(pixels: Picture, device: torch.device) -> Tensor:
    """``(H, W, C)`` samples -> ``(1, C, H, W)`` float32 in 0..1. Raises `PictureError` for NaN or another type."""
    white = _WHITE.get(pixels.dtype)
    if white is None or pixels.ndim != 3:
        raise PictureError(
            f"a picture holds {pixels.dtype} samples; it must hold 8 or 16 bit integers or 32 bit floats"
        )
    height, width = pixels.shape[:2]
    if min(height, width) < SMALLEST_SIDE:
        raise PictureError(f"a picture is {width}x{height}; both sides must be at least {SMALLEST_SIDE} pixels")
    if pixels.dtype == np.uint8:  # brought to planes as bytes, before each takes four times the memory
        ordered = np.require(pixels, requirements=["C", "W"])
        return torch.from_numpy(ordered).to(device).permute(2, 0, 1)[None].contiguous().float().div_(white)
    tensor = torch.from_numpy(np.require(pixels, np.float32, ["C", "W"])).to(device)
    if pixels.dtype.kind == "f" and not bool(torch.isfinite(tensor).all()):
        raise PictureError("the picture holds pixels that are not numbers (NaN or infinite); repair them first")
    planes = tensor.permute(2, 0, 1)[None].clone(memory_format=torch.contiguous_format)  # not the caller's own array
    return planes.div_(white).clamp_(0, 1)


def to_pixels(picture: Tensor, dtype: np.dtype) -> Picture:
    """``(1, 3, H, W)`` in 0..1 -> ``(H, W, 3)`` samples of that type, rounded and clipped."""
    scaled = picture.detach()[0].float().clamp(0, 1).mul_(_WHITE[dtype])
    if dtype == np.uint8:  # made bytes first, and interleaved when they take a quarter of the memory
        return scaled.round_().to(torch.uint8).permute(1, 2, 0).contiguous().cpu().numpy()
    samples = scaled.permute(1, 2, 0).cpu().numpy()
    return samples.astype(dtype) if dtype.kind == "f" else np.rint(samples).astype(dtype)


def fill_hidden(colours: Tensor, visible: Tensor) -> Tensor:
    """Colours ``(1, C, H, W)`` with every pixel that isn't visible filled smoothly from its visible neighbours.

    Pull-push over a pyramid of weighted means (Gortler et al. 1996, section 3.4).
    """
    if min(colours.shape[-2:]) < 2 or bool((visible > 0).all()):
        known = (colours * visible).sum((-2, -1), keepdim=True) / visible.sum().clamp_min(1)
        return torch.where(visible > 0, colours, known)
    coarse_visible = cell_means(visible, 2)
    coarse = cell_means(colours * visible, 2) / coarse_visible.clamp_min(1e-6)
    coarse = fill_hidden(coarse, (coarse_visible > 0).to(colours.dtype))
    smooth = F.interpolate(coarse, size=colours.shape[-2:], mode="bilinear", align_corners=False)
    return torch.where(visible > 0, colours, smooth)


def _shrink(tensor: Tensor | None, width: int, height: int) -> Tensor | None:
    return None if tensor is None else in_areas(tensor, width, height)


def in_areas(tensor: Tensor, width: int, height: int) -> Tensor:
    """The mean behind each pixel of another size."""
    return where_it_works(lambda map_: F.interpolate(map_, size=(height, width), mode="area"), tensor)
