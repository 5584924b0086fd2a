"""The layer as the painter sees it: colours in 0..1, and what its three maps allow."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from impasto_wire.errors import PictureError
from impasto_wire.pictures import SMALLEST_SIDE

from .areas import Area, Size
from .pyramid import resize

_WHITE = {np.dtype("uint8"): 255.0, np.dtype("uint16"): 65535.0, np.dtype("float32"): 1.0}


@dataclass(frozen=True)
class Layer:
    """What is to be repainted.

    Pixels ``(H, W, 3 or 4)``, uint8, uint16 or float32 (then in 0..1), straight alpha, perceptual encoding.
    Selection and detail map ``(H, W)``, the same types. Alpha 0: a colour that is unknown. Selection 0: a pixel that
    stays as it is. Detail 1 keeps the drawing, 0 lets it dissolve into strokes.
    """

    pixels: NDArray[np.generic]
    selection: NDArray[np.generic] | None = None
    detail_map: NDArray[np.generic] | None = None


@dataclass(frozen=True)
class Before:
    """The painting of the frame before, ``(H, W, 3)``, with things where they are now, and how far it fits at each
    place: ``(H, W)`` float32 in 0..1."""

    painting: NDArray[np.generic]
    trust: NDArray[np.float32]


@dataclass(frozen=True)
class Canvas:
    """The layer at one size. Content ``(1, 3, H, W)`` in 0..1; maps ``(1, 1, H, W)`` in 0..1, or none.

    `weights`: what counts in every statistic (visible and selected). `free`: how far a pixel may change.
    """

    content: Tensor
    weights: Tensor | None
    free: Tensor | None
    detail: Tensor | None
    before: Tensor | None = None
    trust: Tensor | None = None
    """The painting of the frame before ``(1, 3, H, W)`` and how far it fits ``(1, 1, H, W)``, for one of several."""

    def at(self, width: int, height: int) -> "Canvas":
        """The same at another size."""
        maps = (_shrink(tensor, width, height) for tensor in (self.weights, self.free, self.detail, self.trust))
        weights, free, detail, trust = maps
        before = None if self.before is None else resize(self.before, width, height)
        return Canvas(resize(self.content, width, height), weights, free, detail, before, trust)

    def rows(self, first: int, last: int) -> "Canvas":
        """Some rows of it."""
        tensors = (self.content, self.weights, self.free, self.detail, self.before, self.trust)
        content, *maps = (None if tensor is None else tensor[..., first:last, :] for tensor in tensors)
        assert content is not None
        return Canvas(content, *maps)

    def part(self, area: Area, size: Size) -> "Canvas":
        """An area of the same at that size."""
        if area == Area.whole(size):
            return self.at(*size)
        height, width = self.content.shape[-2:]
        needed = area.at(size, (width, height))
        maps = (map_ if map_ is None else needed.cut(map_) for map_ in (self.weights, self.free, self.detail))
        return Canvas(needed.cut(self.content), *maps).at(area.width, area.height)

    def has_something(self) -> bool:
        """Is there anything to be painted in it?"""
        return self.weights is None or bool(self.weights.any())

    def kept_weights(self) -> Tensor | None:
        """How much the layer's drawing counts, place by place."""
        if self.weights is None or self.detail is None:
            return self.detail if self.weights is None else self.weights
        return self.weights * self.detail


def read_layer(layer: Layer, device: torch.device, before: Before | None = None) -> Canvas:
    """The layer on its device. Raises `PictureError` for what is no picture."""
    pixels = to_tensor(layer.pixels, device)
    colours, alpha = pixels[:, :3], pixels[:, 3:] if pixels.shape[1] == 4 else None
    free = None if layer.selection is None else to_tensor(layer.selection[..., None], device)
    detail = None if layer.detail_map is None else to_tensor(layer.detail_map[..., None], device)
    if alpha is not None and bool((alpha == 1).all()):
        alpha = None
    weights = alpha
    if alpha is not None:
        if not bool(alpha.any()):
            raise PictureError("the layer is fully transparent; there is nothing to paint")
        colours = fill_hidden(colours, (alpha > 0).to(colours.dtype))
    if free is not None:
        if not bool(free.any()):
            raise PictureError("the selection leaves nothing of the layer; select something or nothing at all")
        weights = free if weights is None else weights * free
        if not bool(weights.any()):
            raise PictureError("the selection holds only transparent pixels; there is nothing to paint")
    if before is None:
        return Canvas(colours, weights, free, detail)
    painting, trust = to_tensor(before.painting, device), to_tensor(before.trust[..., None], device)
    return Canvas(colours, weights, free, detail, painting, trust)


def to_tensor(pixels: NDArray[np.generic], device: torch.device) -> Tensor:
    """``(H, W, C)`` samples -> ``(1, C, H, W)`` float32 in 0..1. Raises `PictureError` for NaN or another type."""
    white = _WHITE.get(pixels.dtype)
    if white is None or pixels.ndim != 3:
        raise PictureError(
            f"a picture holds {pixels.dtype} samples; it must hold 8 or 16 bit integers or 32 bit floats"
        )
    height, width = pixels.shape[:2]
    if min(height, width) < SMALLEST_SIDE:
        raise PictureError(f"a picture is {width}x{height}; both sides must be at least {SMALLEST_SIDE} pixels")
    if pixels.dtype == np.uint8:  # the bytes are put in order before there are four times as many
        ordered = np.require(pixels, requirements=["C", "W"])
        return torch.from_numpy(ordered).to(device).permute(2, 0, 1)[None].contiguous().float().div_(white)
    tensor = torch.from_numpy(np.require(pixels, np.float32, ["C", "W"])).to(device)
    if pixels.dtype.kind == "f" and not bool(torch.isfinite(tensor).all()):
        raise PictureError("the picture holds pixels that are not numbers (NaN or infinite); repair them first")
    planes = tensor.permute(2, 0, 1)[None].clone(memory_format=torch.contiguous_format)  # not the caller's own array
    return planes.div_(white).clamp_(0, 1)


def to_pixels(picture: Tensor, dtype: np.dtype) -> NDArray[np.generic]:
    """``(1, 3, H, W)`` in 0..1 -> ``(H, W, 3)`` samples of that type, rounded and clipped."""
    scaled = picture.detach()[0].float().clamp(0, 1).mul_(_WHITE[dtype])
    if dtype == np.uint8:  # made of bytes where it lies, and put in order when there are four times fewer
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
    coarse_visible = F.avg_pool2d(visible, 2, ceil_mode=True)
    coarse = F.avg_pool2d(colours * visible, 2, ceil_mode=True) / coarse_visible.clamp_min(1e-6)
    coarse = fill_hidden(coarse, (coarse_visible > 0).to(colours.dtype))
    smooth = F.interpolate(coarse, size=colours.shape[-2:], mode="bilinear", align_corners=False)
    return torch.where(visible > 0, colours, smooth)


def _shrink(tensor: Tensor | None, width: int, height: int) -> Tensor | None:
    return None if tensor is None else F.interpolate(tensor, size=(height, width), mode="area")
