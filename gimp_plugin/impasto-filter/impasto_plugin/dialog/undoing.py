"""What was deleted last, and a button that brings it back."""

from collections.abc import Callable

from gi.repository import Gtk, Pango

from impasto_plugin.texts import _


class Undo(Gtk.Box):
    """One line, hidden where there is nothing to bring back; Ctrl Z does the same."""

    def __init__(self) -> None:
        super().__init__(orientation=Gtk.Orientation.HORIZONTAL, spacing=6, no_show_all=True)
        self._steps: list[tuple[str, Callable[[], object]]] = []
        self._text = Gtk.Label(xalign=0, ellipsize=Pango.EllipsizeMode.MIDDLE, max_width_chars=12, visible=True)
        button = Gtk.Button(label=_("Bring Bac_k"), use_underline=True, visible=True)
        button.set_tooltip_text(_("Bring it back as it was (Ctrl Z)"))
        button.connect("clicked", lambda _button: self.undo())
        self.pack_start(self._text, True, True, 0)
        self.pack_start(button, False, False, 0)

    def offer(self, text: str, bring_back: Callable[[], object]) -> None:
        """Say what was deleted; `bring_back` is called once if the person wants it back."""
        self._steps.append((text, bring_back))
        self._show()

    def undo(self) -> bool:
        """Bring back what was deleted last; False if there is nothing."""
        if not self._steps:
            return False
        _text, bring_back = self._steps.pop()
        self._show()
        bring_back()
        return True

    def _show(self) -> None:
        self.set_visible(bool(self._steps))
        self._text.set_text(self._steps[-1][0] if self._steps else "")
        self._text.set_tooltip_text(self._text.get_text())
