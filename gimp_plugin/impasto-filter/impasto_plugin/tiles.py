"""A style's tile: what it makes of the layer, its artwork in a corner, its name, and a star to click."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from gi.repository import GdkPixbuf, GLib, Gtk, Pango

from impasto_presets import Preset

from .texts import _

SIDE = 128
INSET = 42
_FRAME = 0xFFFFFFFF
_BLANK = 0x808080FF


class Tile(Gtk.FlowBoxChild):
    """One style. `on_star` is called with its name, and whether it has a star now."""

    def __init__(self, preset: Preset, is_starred: bool, on_star: Callable[[str, bool], None]) -> None:
        super().__init__()
        self.preset = preset
        texts = (preset.title, preset.group, preset.description)
        self.searched = " ".join((*texts, *map(_, texts))).casefold()
        self._artwork = square(preset.thumbnail or preset.pictures[0].path, SIDE)
        self._picture = Gtk.Image()
        self.show_picture(square(preset.sample, SIDE) if preset.sample else self._artwork)
        self._star = Gtk.ToggleButton(active=is_starred, relief=Gtk.ReliefStyle.NONE, focus_on_click=False)
        self._star.set_properties(halign=Gtk.Align.END, valign=Gtk.Align.START)
        self._star.set_tooltip_text(_("Show this style first from now on"))
        self._star.get_style_context().add_provider(_plain(), Gtk.STYLE_PROVIDER_PRIORITY_APPLICATION)
        self._star.connect("toggled", self._starred, on_star)
        self._draw_star()
        overlay = Gtk.Overlay()
        overlay.add(self._picture)
        overlay.add_overlay(self._star)
        name = Gtk.Label(label=_(preset.title), justify=Gtk.Justification.CENTER, valign=Gtk.Align.START)
        name.set_properties(wrap=True, lines=2, ellipsize=Pango.EllipsizeMode.END, width_chars=14, max_width_chars=14)
        column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=2, border_width=2)
        column.pack_start(overlay, False, False, 0)
        column.pack_start(name, False, False, 0)
        self.set_tooltip_text(_(preset.description) if preset.description else None)
        self.get_accessible().set_name(_(preset.title))
        self.add(column)

    def show_picture(self, picture: GdkPixbuf.Pixbuf) -> None:
        """Show what the style makes of a picture, and its artwork in a corner of that."""
        shown = middle_of(picture, SIDE).copy()
        if shown.get_has_alpha():
            shown = shown.composite_color_simple(SIDE, SIDE, GdkPixbuf.InterpType.NEAREST, 255, 8, 0x666666, 0x999999)
        if picture is not self._artwork:
            place = SIDE - INSET
            shown.new_subpixbuf(place - 1, place - 1, INSET + 1, INSET + 1).fill(_FRAME)
            small = self._artwork.scale_simple(INSET, INSET, GdkPixbuf.InterpType.BILINEAR)
            small.copy_area(0, 0, INSET, INSET, shown, place, place)
        self._picture.set_from_pixbuf(shown)

    def _starred(self, star: Gtk.ToggleButton, on_star: Callable[[str, bool], None]) -> None:
        self._draw_star()
        on_star(self.preset.name, star.get_active())

    def _draw_star(self) -> None:
        label = self._star.get_child() or Gtk.Label()
        sign = "★" if self._star.get_active() else "☆"
        label.set_markup(f'<span foreground="white" background="#00000080" size="large">{sign}</span>')
        if label.get_parent() is None:
            self._star.add(label)


@cache
def _plain() -> Gtk.CssProvider:
    """Nothing around a star, so that it hides no more of the picture than it must."""
    provider = Gtk.CssProvider()
    provider.load_from_data(
        b"button, button:checked, button:hover {padding: 0; margin: 2px; min-width: 0; min-height: 0;"
        b" background: none; border: none; box-shadow: none}"
    )
    return provider


def square(path: Path, side: int) -> GdkPixbuf.Pixbuf:
    """The middle of a picture file; grey where it can't be shown here, for the style can still be used."""
    try:
        return middle_of(GdkPixbuf.Pixbuf.new_from_file(str(path)), side)
    except GLib.Error:
        blank = GdkPixbuf.Pixbuf.new(GdkPixbuf.Colorspace.RGB, False, 8, side, side)
        blank.fill(_BLANK)
        return blank


def middle_of(whole: GdkPixbuf.Pixbuf, side: int) -> GdkPixbuf.Pixbuf:
    """The largest square in the middle of a picture, at that size."""
    short = min(whole.get_width(), whole.get_height())
    left, top = (whole.get_width() - short) // 2, (whole.get_height() - short) // 2
    part = whole.new_subpixbuf(left, top, short, short)
    return part if short == side else part.scale_simple(side, side, GdkPixbuf.InterpType.BILINEAR)
