"""What Tab takes for one stop, however much is in it: arrow keys move inside."""

from collections.abc import Callable

from gi.repository import Gdk, Gtk

_TABS = (Gtk.DirectionType.TAB_FORWARD, Gtk.DirectionType.TAB_BACKWARD)
MENU_KEYS = (Gdk.KEY_Menu,)
LEFT, RIGHT = (Gdk.KEY_Left, Gdk.KEY_KP_Left), (Gdk.KEY_Right, Gdk.KEY_KP_Right)
UP, DOWN = (Gdk.KEY_Up, Gdk.KEY_KP_Up), (Gdk.KEY_Down, Gdk.KEY_KP_Down)
HOME, END = (Gdk.KEY_Home, Gdk.KEY_KP_Home), (Gdk.KEY_End, Gdk.KEY_KP_End)
ENTER = (Gdk.KEY_Return, Gdk.KEY_KP_Enter, Gdk.KEY_ISO_Enter)
DELETE = (Gdk.KEY_Delete, Gdk.KEY_KP_Delete)


class OneStop(Gtk.Box):
    """A column that Tab enters at the widget that `entry` names, by `enter`, and leaves with the next Tab."""

    def __init__(
        self,
        entry: Callable[[], Gtk.Widget | None],
        enter: Callable[[Gtk.Widget], None] | None = None,
        **properties: object,
    ) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, **properties)
        self._entry, self._enter = entry, enter or take_focus

    def do_focus(self, direction: Gtk.DirectionType) -> bool:
        """Gtk asks where a key that moves the focus leads; False: out of here."""
        if direction not in _TABS:
            return bool(Gtk.Box.do_focus(self, direction))
        widget = None if self.get_focus_child() is not None else self._entry()
        if widget is not None:
            self._enter(widget)
        return widget is not None


def take_focus(widget: Gtk.Widget) -> None:
    """Give a widget the focus; of a flow box it gets the cursor too, and Gtk selects it if Ctrl isn't held."""
    if isinstance(widget, Gtk.FlowBoxChild):
        widget.child_focus(Gtk.DirectionType.TAB_FORWARD)
    else:
        widget.grab_focus()


def next_stop(stops: list[Gtk.Widget], now: Gtk.Widget, key: int, within: Gtk.Widget) -> Gtk.Widget | None:
    """Where an arrow key, Home or End leads among widgets in reading order; None for another key, or at the end."""
    place = stops.index(now)
    if key in HOME or key in END:
        return stops[0 if key in HOME else -1]
    if key in LEFT or key in RIGHT:
        other = place + (1 if key in RIGHT else -1)
        return stops[other] if 0 <= other < len(stops) else None
    if key not in UP and key not in DOWN:
        return None
    places = {stop: stop.translate_coordinates(within, 0, 0) or (0, 0) for stop in stops}
    across, down = places[now]
    way = 1 if key in DOWN else -1
    beyond = [stop for stop in stops if way * (places[stop][1] - down) > 0]
    return min(beyond, key=lambda stop: (abs(places[stop][1] - down), abs(places[stop][0] - across)), default=None)


def way_of(key: int) -> tuple[int, int] | None:
    """How far an arrow key leads to the right, and down; None for another key."""
    ways = {LEFT: (-1, 0), RIGHT: (1, 0), UP: (0, -1), DOWN: (0, 1)}
    return next((way for keys, way in ways.items() if key in keys), None)


def is_move(key: int) -> bool:
    """Does a key move the focus inside of a stop?"""
    return any(key in keys for keys in (LEFT, RIGHT, UP, DOWN, HOME, END))


def reveal(view: Gtk.ScrolledWindow, widget: Gtk.Widget, column: Gtk.Widget) -> bool:
    """Scroll to a widget of the view's column; False where it has no place yet."""
    place = widget.translate_coordinates(column, 0, 0) if widget.get_mapped() else None
    if place is None or widget.get_allocated_height() <= 1:
        return False
    view.get_vadjustment().clamp_page(place[1] - 4, place[1] + widget.get_allocated_height() + 4)
    return True
