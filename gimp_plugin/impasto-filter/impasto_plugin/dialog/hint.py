"""A hint under a widget that has the keys, for those who can't point at it."""

from gi.repository import Gtk


class Hint(Gtk.Popover):
    """Shown and hidden by its owner; it takes no keys itself. GIMP's dialogs show no tooltip by a key."""

    def __init__(self, owner: Gtk.Widget) -> None:
        super().__init__(relative_to=owner, position=Gtk.PositionType.BOTTOM, modal=False, transitions_enabled=False)
        self._text = Gtk.Label(visible=True, wrap=True, max_width_chars=60, margin=6)
        self.add(self._text)

    def show_text(self, text: str) -> None:
        """Show how the keys are used."""
        self._text.set_text(text)
        self.popup()
