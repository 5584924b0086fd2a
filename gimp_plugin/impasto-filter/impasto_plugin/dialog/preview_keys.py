"""The preview by keys: arrows move the line or, while it is on, the brush; with Ctrl they move what is seen."""

from gi.repository import Gdk

from impasto_plugin.texts import _

from .brush import Brush
from .focus import END, HOME, way_of

LINE_STEP = 0.02
"""How far a key moves the line, as a share of what is seen of the layer."""
VIEW_STEP = 0.1
"""How far a key moves what is seen, as a share of the screen."""
_FURTHER = 5
"""So many steps with Shift."""
_SPACE = (Gdk.KEY_space, Gdk.KEY_KP_Space)
_SWAP = (Gdk.KEY_x, Gdk.KEY_X)
_LARGER = (Gdk.KEY_plus, Gdk.KEY_equal, Gdk.KEY_KP_Add, Gdk.KEY_bracketright)
_SMALLER = (Gdk.KEY_minus, Gdk.KEY_KP_Subtract, Gdk.KEY_bracketleft)


def line_keys() -> str:
    """How the line is moved with keys."""
    return _(
        "Left and Right move the line between the layer and the painting, with Shift further; Home and End move it to "
        "the borders. Ctrl with the arrows moves what is seen."
    )


def brush_keys() -> str:
    """How the brush is moved with keys."""
    return _(
        "Arrow keys move the brush, with Shift further. Space sets it down, and lifts it. X: add or subtract. "
        "+ and −: its size."
    )


def steps_of(event: Gdk.EventKey) -> tuple[int, int] | None:
    """How many steps an arrow key leads to the right, and down; None for another key."""
    way = way_of(event.keyval)
    if way is None:
        return None
    many = _FURTHER if event.state & Gdk.ModifierType.SHIFT_MASK else 1
    return many * way[0], many * way[1]


def line_after(split: float, event: Gdk.EventKey) -> float | None:
    """Where a key moves the line to, from a place in shares of what is seen; None: it moves no line."""
    if event.keyval in HOME or event.keyval in END:
        return 0.0 if event.keyval in HOME else 1.0
    steps = steps_of(event)
    if steps is None or not steps[0]:
        return None
    return min(1.0, max(0.0, split + LINE_STEP * steps[0]))


def use_brush(brush: Brush, event: Gdk.EventKey, is_repeated: bool) -> bool:
    """Do with the brush what a key says; False: it says nothing to the brush. A Space that is held counts once."""
    steps = steps_of(event)
    if steps is not None:
        brush.steer(*steps)
    elif event.keyval in _SPACE:
        if not is_repeated:
            brush.set_down(not brush.is_down)
    elif event.keyval == Gdk.KEY_Escape and brush.is_down:
        brush.set_down(False)
    elif event.keyval in _SWAP:
        brush.swap()
    elif event.keyval in _LARGER or event.keyval in _SMALLER:
        brush.enlarge(1 if event.keyval in _LARGER else -1)
    else:
        return False
    return True


def is_hint(event: Gdk.EventKey) -> bool:
    """Does a key ask how keys are used?"""
    return bool(event.keyval == Gdk.KEY_question)


def is_of_keys(event: Gdk.Event | None, before: bool) -> bool:
    """Does a widget get the focus by a key? As before, where it was neither a key nor a button."""
    kind = None if event is None else event.type
    if kind in (Gdk.EventType.KEY_PRESS, Gdk.EventType.KEY_RELEASE):
        return True
    return before and kind not in (Gdk.EventType.BUTTON_PRESS, Gdk.EventType.BUTTON_RELEASE)
