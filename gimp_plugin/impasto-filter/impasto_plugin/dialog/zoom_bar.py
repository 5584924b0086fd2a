"""The buttons under the preview: fit, zoom, the brush, the preview on the canvas; and their keys."""

from collections.abc import Callable

from gi.repository import Gdk, Gtk

from impasto_plugin.texts import _

from .brush import Brush
from .comparison import Comparison

_KEYS: dict[str, Callable[[Comparison], None]] = {
    **dict.fromkeys(("plus", "equal", "KP_Add"), lambda shown: shown.step(1)),
    **dict.fromkeys(("minus", "KP_Subtract"), lambda shown: shown.step(-1)),
    **dict.fromkeys(("0", "KP_0"), lambda shown: shown.zoom(0.0)),
    **dict.fromkeys(("1", "KP_1"), lambda shown: shown.zoom(1.0)),
    "b": Comparison.swap,
}


class ZoomBar(Gtk.Box):
    """The buttons Fit, 1:1, smaller, larger, the present scale, and a switch for the preview on the canvas."""

    def __init__(self, shown: Comparison, brush: Brush, on_canvas: Callable[[bool], object]) -> None:
        super().__init__(orientation=Gtk.Orientation.HORIZONTAL, spacing=6)
        self._shown, self._brush = shown, brush
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
        self.canvas = Gtk.ToggleButton(label=_("On Ca_nvas"), use_underline=True)
        self.canvas.set_tooltip_text(_("Show the preview in a window of GIMP's own, as large as you like"))
        self.canvas.connect("toggled", lambda button: on_canvas(button.get_active()))
        self.pack_end(self.canvas, False, False, 0)
        brushing = Gtk.ToggleButton(label=_("_Brush"), use_underline=True)
        brushing.set_tooltip_text(_("Paint on the preview where the style goes, or where the drawing is kept"))
        brushing.connect("toggled", self._turn_brush)
        self.pack_end(brushing, False, False, 0)

    def _turn_brush(self, button: Gtk.ToggleButton) -> None:
        self._brush.turn(button.get_active())
        if button.get_active():
            self._shown.take_keys()

    def show_zoom(self, zoom: float) -> None:
        """Show the present scale."""
        self._zoom.set_text(f"{zoom * 100:.0f} %")

    def take_key(self, _dialog: Gtk.Widget, event: Gdk.EventKey) -> bool:
        """Ctrl with +, -, 0 and 1 zooms, with B shows the layer alone, with Z takes a stroke of the brush back."""
        if not event.state & Gdk.ModifierType.CONTROL_MASK:
            return False
        if Gdk.keyval_name(event.keyval) == "z":
            return self._brush.undo()
        act = _KEYS.get(Gdk.keyval_name(event.keyval) or "")
        if act:
            act(self._shown)
        return act is not None
