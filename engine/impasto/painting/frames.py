"""From one frame of an animation to the next: a painting is warped to where everything is now."""

from typing import Any, cast

import cv2
import numpy as np

from impasto.request import FrameBefore, Picture
from impasto.transfer import WarpedFrame

_STILL = 0.3
"""A shorter way than this, in pixels, counts as none: moving strokes so little would only blur them."""
_DISAGREES = 1.5
"""The flow there and the flow back may differ by so many pixels; where they differ more, something was hidden."""
_CHANGED = 0.08
"""Where the layer's lightness, in 0..1, has changed by more than this, the painting is not trusted."""


def warped(frame: FrameBefore, now: Picture) -> WarpedFrame:
    """The painting of the frame before, warped along the optical flow, and how far it can be trusted at each pixel.

    All pictures are ``(H, W, 3 or 4)`` and of one size. The flow is DIS (Kroeger et al. 2016). Where it can't follow,
    because something was hidden or is new, trust is 0 (the check there and back of Ruder et al. 2016, section 4.2).
    """
    earlier, later = _grey(frame.layer), _grey(now)
    back, forth = _flow(later, earlier), _flow(earlier, later)
    back[np.hypot(back[..., 0], back[..., 1]) < _STILL] = 0
    places = np.stack(np.meshgrid(np.arange(back.shape[1]), np.arange(back.shape[0])), axis=2).astype(np.float32) + back
    returned = np.hypot(*np.moveaxis(back + _sampled(forth, places), 2, 0))
    difference = np.abs(_sampled(earlier, places).astype(np.float32) - later) / 255
    fits = (returned < _DISAGREES) & (difference < _CHANGED)
    trust = cv2.GaussianBlur(cv2.erode(fits.astype(np.float32), np.ones((5, 5))), (0, 0), 2)
    return WarpedFrame(_sampled(np.ascontiguousarray(frame.painting[..., :3]), places), np.asarray(trust, np.float32))


def _grey(pixels: Picture) -> Picture:
    """The lightness as ``(H, W)`` uint8."""
    white = {"u1": 255, "u2": 65535, "f4": 1}[pixels.dtype.str[1:]]
    colours = (pixels[..., :3].astype(np.float32) / white).clip(0, 1)
    return np.rint(cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY) * 255).astype(np.uint8)


def _flow(start: Picture, end: Picture) -> Picture:
    """How far each pixel of `start` must be moved, across and down, to be found in `end`: ``(H, W, 2)`` in pixels."""
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return np.asarray(finder.calc(start, end, cast(Any, None)))


def _sampled(picture: Picture, places: Picture) -> Picture:
    """The picture's colours at the places ``(H, W, 2)``, interpolated."""
    return np.asarray(cv2.remap(picture, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))  # type: ignore[call-overload]
