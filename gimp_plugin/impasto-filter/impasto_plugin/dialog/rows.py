"""Rows of the dialog: a widget with its label before it."""

from gi.repository import Gtk


def labelled(label: str, widget: Gtk.Widget, group: Gtk.SizeGroup | None = None) -> Gtk.Box:
    """A widget with its label before it; labels of one group are equally wide."""
    text = Gtk.Label(label=label, use_underline=True, mnemonic_widget=widget, xalign=0)
    if group:
        group.add_widget(text)
    row = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=6)
    row.pack_start(text, False, False, 0)
    row.pack_start(widget, True, True, 0)
    return row
