"""Context menus: opened by the right button, by the menu key, and by Shift F10."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gi.repository import Gdk, Gtk


@dataclass(frozen=True)
class Entry:
    """One line of a menu; one that is `checked` or not has a sign for that."""

    label: str
    act: Callable[[], object]
    checked: bool | None = None
    why_not: str = ""
    """Why it can't be used now; empty: it can."""
    is_choice: bool = False
    """Is it one of several, of which one is checked?"""


def menu_of(widget: Gtk.Widget, entries: Iterable[Entry | None]) -> Gtk.Menu:
    """The menu of a widget; None stands for a line between entries."""
    menu = Gtk.Menu(attach_widget=widget)
    for entry in entries:
        menu.append(Gtk.SeparatorMenuItem() if entry is None else _item(entry))
    menu.show_all()
    return menu


def _item(entry: Entry) -> Gtk.MenuItem:
    kind = Gtk.MenuItem if entry.checked is None else Gtk.CheckMenuItem
    item = kind.new_with_mnemonic(entry.label)
    if entry.checked is not None:
        item.set_draw_as_radio(entry.is_choice)
        item.set_active(entry.checked)
    item.set_sensitive(not entry.why_not)
    item.set_tooltip_text(entry.why_not or None)
    item.connect("activate", lambda _item: entry.act())
    return item


def open_menu(widget: Gtk.Widget, entries: Iterable[Entry | None], event: Gdk.Event | None = None) -> bool:
    """Open it where the mouse is, or without an event at the widget."""
    menu = menu_of(widget, entries)
    if event is not None:
        menu.popup_at_pointer(event)
    else:
        menu.popup_at_widget(widget, Gdk.Gravity.SOUTH_WEST, Gdk.Gravity.NORTH_WEST, None)
        menu.select_first(True)
    return True
