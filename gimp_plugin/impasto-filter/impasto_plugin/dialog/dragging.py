"""What a hand does to a crop: takes hold of an edge, a corner or all of it, and pulls. Places are shares of sides."""

from dataclasses import replace

from impasto_plugin.crop import Crop

SMALLEST = 0.05
"""Of a side, at least, so that it can be taken hold of again."""

Place = tuple[float, float]
Grip = tuple[str, str]
"""What is held: ``left``, ``right`` or nothing, and ``top``, ``bottom`` or nothing; twice nothing: all of it."""
NEW: Grip = ("right", "bottom")
"""What a hand holds that has begun a new rectangle."""
_OPPOSITE = {"left": "right", "right": "left", "top": "bottom", "bottom": "top", "": ""}


def grip_at(crop: Crop, place: Place, reach: Place) -> Grip | None:
    """What a press there takes hold of, edges within `reach`; None where a new rectangle begins."""
    side = _near(place[0], {"left": crop.left, "right": crop.right}, reach[0])
    end = _near(place[1], {"top": crop.top, "bottom": crop.bottom}, reach[1])
    is_across = crop.left - reach[0] <= place[0] <= crop.right + reach[0]
    is_down = crop.top - reach[1] <= place[1] <= crop.bottom + reach[1]
    if not (is_across and is_down) or (crop.is_whole and not side and not end):
        return None
    return side, end


def stretched(crop: Crop, grip: Grip, place: Place) -> tuple[Crop, Grip]:
    """The crop with the held edges pulled there, and what is held then: an edge may pass its opposite."""
    moved = replace(crop, **{edge: share for edge, share in zip(grip, place, strict=True) if edge})
    side, end = grip
    if moved.left > moved.right:
        moved, side = replace(moved, left=moved.right, right=moved.left), _OPPOSITE[side]
    if moved.top > moved.bottom:
        moved, end = replace(moved, top=moved.bottom, bottom=moved.top), _OPPOSITE[end]
    return moved, (side, end)


def sizable(crop: Crop) -> Crop:
    """The crop when it is let go: no smaller than can be held; all of the picture after a mere click."""
    if crop.left == crop.right or crop.top == crop.bottom:
        return Crop()
    left, top = min(crop.left, 1 - SMALLEST), min(crop.top, 1 - SMALLEST)
    return Crop(left, top, max(crop.right, left + SMALLEST), max(crop.bottom, top + SMALLEST))


def _near(place: float, edges: dict[str, float], reach: float) -> str:
    """The edge that a place is near to, the nearer of two; none: empty."""
    distance, name = min((abs(place - edge), name) for name, edge in edges.items())
    return name if distance <= reach else ""
