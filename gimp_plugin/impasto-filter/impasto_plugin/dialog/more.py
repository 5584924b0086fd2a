"""What is needed more rarely, folded away; whether it is unfolded is remembered."""

from collections.abc import Sequence
from dataclasses import replace

from gi.repository import GObject, Gtk

from impasto_plugin.texts import _

from .habits import read_habits, write_habits


class More(Gtk.Expander):
    """Widgets under the word More."""

    def __init__(self, widgets: Sequence[Gtk.Widget]) -> None:
        super().__init__(label=_("M_ore"), use_underline=True)
        column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6, margin_top=6)
        for widget in widgets:
            column.pack_start(widget, False, False, 0)
        self.add(column)
        self.set_expanded(read_habits().is_more_shown)
        self.connect("notify::expanded", self._turned)

    def _turned(self, _more: Gtk.Expander, _changed: GObject.ParamSpec) -> None:
        write_habits(replace(read_habits(), is_more_shown=self.get_expanded()))
