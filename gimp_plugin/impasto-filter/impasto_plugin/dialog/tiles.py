"""A style's tile: what it makes of the layer, its artwork in a corner, its name, and a star to click."""

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

from gi.repository import Gdk, GdkPixbuf, GLib, Gtk, Pango

from impasto_plugin.image.kinds import is_styles_own
from impasto_plugin.texts import _
from impasto_presets import Preset

from .colours import sign_of
from .screens import fineness, roomy, show_picture

TILE_SIDE = 128
INSET = 42
_FRAME = 0xFFFFFFFF
_BLANK = 0x808080FF
_STAR_KEYS = ("asterisk", "KP_Multiply")


class Tile(Gtk.FlowBoxChild):
    """One style. `on_star` is called with its name, and whether it has a star now."""

    def __init__(self, preset: Preset, is_starred: bool, on_star: Callable[[str, bool], None]) -> None:
        super().__init__()
        self._fine = fineness()
        self._picture = Gtk.Image()
        self._picture.set_size_request(roomy(TILE_SIDE), roomy(TILE_SIDE))
        self._first_look = self._picture.connect("draw", self._show_first)
        # It takes no focus: Tab would stop there on its way to the next tile.
        self._star = Gtk.ToggleButton(active=is_starred, relief=Gtk.ReliefStyle.NONE, can_focus=False)
        self._star.set_properties(halign=Gtk.Align.END, valign=Gtk.Align.START)
        self._star.set_tooltip_text(_("Show this style first from now on (key *)"))
        self.connect("key-press-event", self._typed)
        self._star.get_style_context().add_provider(_without_border(), Gtk.STYLE_PROVIDER_PRIORITY_APPLICATION)
        self._star.connect("toggled", self._starred, on_star)
        self._draw_star()
        overlay = Gtk.Overlay()
        overlay.add(self._picture)
        overlay.add_overlay(self._star)
        self._name = Gtk.Label(justify=Gtk.Justification.CENTER, valign=Gtk.Align.START)
        self._name.set_properties(
            wrap=True, lines=2, ellipsize=Pango.EllipsizeMode.END, width_chars=14, max_width_chars=14
        )
        column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=2, border_width=2)
        column.pack_start(overlay, False, False, 0)
        column.pack_start(self._name, False, False, 0)
        self._take(preset)
        self.add(column)

    def _take(self, preset: Preset) -> None:
        self.preset = preset
        artwork = preset.thumbnail or preset.pictures[0].picture
        self._stamp = artwork.stat().st_mtime_ns if artwork.exists() else 0
        texts = (preset.title, preset.group, preset.description)
        self.searched = " ".join((*texts, *map(_, texts))).casefold()
        self._name.set_text(_(preset.title))
        self.set_tooltip_text(_(preset.description) if preset.description else None)
        self.get_accessible().set_name(_(preset.title))

    def show_preset(self, preset: Preset) -> None:
        """Show a style that was changed; one with another picture shows that until it is painted."""
        before = self._stamp
        self._take(preset)
        if self._stamp != before:
            show_picture(self._picture, self._artwork(self._side), self._fine)

    @property
    def is_starred(self) -> bool:
        """Has it a star?"""
        return bool(self._star.get_active())

    def turn_star(self) -> None:
        """Give it a star, or take it away."""
        self._star.set_active(not self._star.get_active())

    def _show_first(self, _image: Gtk.Image, _context: object) -> bool:
        """Show the shipped sample when the tile is drawn for the first time: reading all at once takes too long."""
        self._picture.disconnect(self._first_look)
        self._first_look = 0
        if self.preset.sample:
            self.show_picture(square(self.preset.sample, self._side))
        else:
            show_picture(self._picture, self._artwork(self._side), self._fine)
        return False

    def show_picture(self, picture: GdkPixbuf.Pixbuf) -> None:
        """Show a painting in the style, with the style's artwork in a corner."""
        if self._first_look:
            self._picture.disconnect(self._first_look)
            self._first_look = 0
        side, inset = self._side, roomy(INSET) * self._fine
        smooth, frame, place = GdkPixbuf.InterpType.BILINEAR, self._fine, side - inset
        shown = middle_of(picture, side).composite_color_simple(side, side, smooth, 255, 8, 0x666666, 0x999999)
        shown.new_subpixbuf(place - frame, place - frame, inset + frame, inset + frame).fill(_FRAME)
        self._artwork(inset).copy_area(0, 0, inset, inset, shown, place, place)
        show_picture(self._picture, shown, self._fine)

    @property
    def _side(self) -> int:
        """The picture's side, in the screen's pixels."""
        return roomy(TILE_SIDE) * self._fine

    def _artwork(self, side: int) -> GdkPixbuf.Pixbuf:
        return square(self.preset.thumbnail or self.preset.pictures[0].picture, side)

    def _starred(self, star: Gtk.ToggleButton, on_star: Callable[[str, bool], None]) -> None:
        self._draw_star()
        on_star(self.preset.name, star.get_active())

    def _typed(self, _tile: Gtk.Widget, event: Gdk.EventKey) -> bool:
        if Gdk.keyval_name(event.keyval) not in _STAR_KEYS:
            return False
        self.turn_star()
        return True

    def _draw_star(self) -> None:
        label = self._star.get_child() or Gtk.Label()
        sign = "★" if self._star.get_active() else "☆"
        label.set_markup(sign_of(sign, "large"))
        if label.get_parent() is None:
            self._star.add(label)


@cache
def _without_border() -> Gtk.CssProvider:
    """A button's style without a border, so that a star hides as little of the picture as possible."""
    provider = Gtk.CssProvider()
    provider.load_from_data(
        b"button, button:checked, button:hover {padding: 0; margin: 2px; min-width: 0; min-height: 0;"
        b" background: none; border: none; box-shadow: none}"
    )
    return provider


def square(path: Path, side: int) -> GdkPixbuf.Pixbuf:
    """The middle of a picture file; grey if it can't be read here, since the style can still be used."""
    if is_styles_own(path):
        with suppress(GLib.Error):
            return middle_of(GdkPixbuf.Pixbuf.new_from_file(str(path)), side)
    blank = GdkPixbuf.Pixbuf.new(GdkPixbuf.Colorspace.RGB, False, 8, side, side)
    blank.fill(_BLANK)
    return blank


def middle_of(whole: GdkPixbuf.Pixbuf, side: int) -> GdkPixbuf.Pixbuf:
    """The largest square in the middle of a picture, at that size."""
    short = min(whole.get_width(), whole.get_height())
    left, top = (whole.get_width() - short) // 2, (whole.get_height() - short) // 2
    part = whole.new_subpixbuf(left, top, short, short)
    return part if short == side else part.scale_simple(side, side, GdkPixbuf.InterpType.BILINEAR)
