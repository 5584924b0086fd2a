"""The shares of several styles in a mix: a slider for each, and what percent of the whole that is.

Where there is no mix yet, a line says how to make one.
"""

from collections.abc import Callable

from gi.repository import GLib, Gtk, Pango

from impasto_plugin.image.mixes import Mix, percents
from impasto_plugin.texts import _

_WHOLE = 100
HOW_TO_MIX = _("Ctrl with a click or Space mixes styles. Right click: more. Drop pictures and styles here.")


class MixSliders(Gtk.Box):
    """One slider for each style of a mix. Calls `on_changed` with the mix."""

    def __init__(self, title_of: Callable[[str], str], on_changed: Callable[[Mix], None]) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, no_show_all=True)
        self._title_of, self._on_changed = title_of, on_changed
        self._sliders: dict[str, Gtk.Scale] = {}
        self._parts: dict[str, Gtk.Label] = {}
        self._rows = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, visible=True)
        self._hint = Gtk.Label(xalign=0, wrap=True, max_width_chars=20, visible=True)
        self._hint.set_markup(f"<small>{GLib.markup_escape_text(HOW_TO_MIX)}</small>")
        for widget in (self._hint, self._rows):
            self.pack_start(widget, False, False, 0)

    def show_mix(self, mix: Mix) -> None:
        """Show the shares of those styles."""
        if tuple(self._sliders) != tuple(name for name, _share in mix):
            self._build(mix)
        for name, share in mix:
            if name in self._sliders and round(self._sliders[name].get_value()) != round(share):
                self._sliders[name].set_value(share)
        for label, percent in zip(self._parts.values(), percents(mix), strict=False):
            label.set_text(f"{percent} %")
        self._hint.set_visible(len(mix) == 1)
        self.set_visible(bool(mix))

    def _build(self, mix: Mix) -> None:
        for row in self._rows.get_children():
            row.destroy()
        self._sliders, self._parts = {}, {}
        for number, (name, share) in enumerate(mix if len(mix) > 1 else (), start=1):
            slider = Gtk.Scale.new_with_range(Gtk.Orientation.HORIZONTAL, 1, _WHOLE, 1)
            slider.set_properties(draw_value=False)
            slider.set_value(share)
            slider.connect("value-changed", self._moved)
            slider.set_tooltip_text(_("How much of this style there is in the mix"))
            title = _(self._title_of(name))
            slider.get_accessible().set_name(_("Share of {style}").format(style=title))
            label = Gtk.Label(
                label=f"_{number} {title}", use_underline=True, xalign=0, width_chars=18, max_width_chars=18
            )
            label.set_ellipsize(Pango.EllipsizeMode.END)
            label.set_tooltip_text(title)
            label.set_mnemonic_widget(slider)
            part = Gtk.Label(xalign=1, width_chars=5)
            row = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=6)
            row.pack_start(label, False, False, 0)
            row.pack_start(slider, True, True, 0)
            row.pack_start(part, False, False, 0)
            row.show_all()
            self._rows.pack_start(row, False, False, 0)
            self._sliders[name] = slider
            self._parts[name] = part

    def _moved(self, _slider: Gtk.Scale) -> None:
        self._on_changed(tuple((name, round(slider.get_value())) for name, slider in self._sliders.items()))
