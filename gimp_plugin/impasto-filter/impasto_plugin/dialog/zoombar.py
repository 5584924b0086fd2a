"""The row of buttons that zoom the preview, and the keys that do the same."""

from collections.abc import Callable

from gi.repository import Gdk, Gtk

from impasto_plugin.texts import _

from .comparison import Comparison

_KEYS: dict[str, Callable[[Comparison], None]] = {
    **dict.fromkeys(("plus", "equal", "KP_Add"), lambda shown: shown.step(1)),
    **dict.fromkeys(("minus", "KP_Subtract"), lambda shown: shown.step(-1)),
    **dict.fromkeys(("0", "KP_0"), lambda shown: shown.zoom(0.0)),
    **dict.fromkeys(("1", "KP_1"), lambda shown: shown.zoom(1.0)),
}


class ZoomBar(Gtk.Box):
    """Fit, 1:1, smaller, larger, and how large it is."""

    def __init__(self, shown: Comparison) -> None:
        super().__init__(orientation=Gtk.Orientation.HORIZONTAL, spacing=6)
        self._shown = shown
        self._zoom = Gtk.Label(width_chars=6)
        for label, hint, act in (
            (_("Fit"), _("All of the layer (Ctrl 0)"), lambda _button: shown.zoom(0.0)),
            ("1:1", _("The layer's own pixels, painted as Paint would (Ctrl 1)"), lambda _button: shown.zoom(1.0)),
            ("−", _("Smaller (Ctrl −, or the wheel)"), lambda _button: shown.step(-1)),
            ("+", _("Larger (Ctrl +, or the wheel)"), lambda _button: shown.step(1)),
        ):
            button = Gtk.Button(label=label, use_underline=True, tooltip_text=hint)
            button.connect("clicked", act)
            self.pack_start(button, False, False, 0)
        self.pack_start(self._zoom, False, False, 0)

    def tell(self, zoom: float) -> None:
        """Say how large it is shown."""
        self._zoom.set_text(f"{zoom * 100:.0f} %")

    def take_key(self, _dialog: Gtk.Widget, event: Gdk.EventKey) -> bool:
        """Ctrl with +, -, 0 and 1 zooms, wherever the keys are going otherwise."""
        if not event.state & Gdk.ModifierType.CONTROL_MASK:
            return False
        act = _KEYS.get(Gdk.keyval_name(event.keyval) or "")
        if act:
            act(self._shown)
        return act is not None
