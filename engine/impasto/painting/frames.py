"""From one frame of an animation to the next: a painting moved to where its things are now."""

from typing import Any, cast

import cv2
import numpy as np

from impasto.request import FrameBefore, Picture
from impasto.transfer import Before

_STILL = 0.3
"""Picture that a thing must move at least: below, its strokes would only be blurred."""
_DISAGREES = 1.5
"""Picture that the ways there and back may differ by; where they do so more, something was hidden."""
_CHANGED = 0.08
"""How far a colour may change, of 0..1, where a painting still fits."""


def moved(frame: FrameBefore, now: Picture) -> Before:
    """The painting of the frame before, moved along the optical flow, and how far it fits at each place.

    All ``(H, W, 3 or 4)`` and of one size. The flow is DIS (Kroeger et al. 2016); what it can't follow, because it
    was hidden or is new, is trusted no more (the check there and back of Ruder et al. 2016, section 4.2).
    """
    earlier, later = _grey(frame.layer), _grey(now)
    back, forth = _flow(later, earlier), _flow(earlier, later)
    back[np.hypot(back[..., 0], back[..., 1]) < _STILL] = 0
    places = np.stack(np.meshgrid(np.arange(back.shape[1]), np.arange(back.shape[0])), axis=2).astype(np.float32) + back
    returned = np.hypot(*np.moveaxis(back + _sampled(forth, places), 2, 0))
    difference = np.abs(_sampled(earlier, places).astype(np.float32) - later) / 255
    fits = (returned < _DISAGREES) & (difference < _CHANGED)
    trust = cv2.GaussianBlur(cv2.erode(fits.astype(np.float32), np.ones((5, 5))), (0, 0), 2)
    return Before(_sampled(np.ascontiguousarray(frame.painting[..., :3]), places), np.asarray(trust, np.float32))


def _grey(pixels: Picture) -> Picture:
    white = {"u1": 255, "u2": 65535, "f4": 1}[pixels.dtype.str[1:]]
    colours = (pixels[..., :3].astype(np.float32) / white).clip(0, 1)
    return np.rint(cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY) * 255).astype(np.uint8)


def _flow(start: Picture, end: Picture) -> Picture:
    """Where each pixel of `start` is found in `end`, ``(H, W, 2)`` in pixels."""
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return np.asarray(finder.calc(start, end, cast(Any, None)))


def _sampled(picture: Picture, places: Picture) -> Picture:
    return np.asarray(cv2.remap(picture, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))  # type: ignore[call-overload]
