"""The brush: paint on the preview where the style goes, or where the drawing is kept; with the mouse or with keys."""

from collections.abc import Callable
from typing import Literal

from gi.repository import Gdk, GdkPixbuf, Gtk

from impasto_plugin.image.brushed import Brushed
from impasto_plugin.image.scaling import resized
from impasto_plugin.texts import _
from impasto_wire.pictures import Pixels

from .brush_mark import draw_ring, draw_sign, ring
from .layout import labelled
from .mask import Mask, Spot
from .window import pixbuf_of

What = Literal["area", "detail"]
_VEIL = {"area": (200, 30, 60), "detail": (40, 90, 220)}
"""The colours that cover what isn't painted."""
_VEIL_ALPHA = 140
_WIDEST = 50.0
"""The brush's largest diameter, in percent of the layer's long side."""
_STRIDE = 0.25
"""How far a key moves the brush, as a share of its diameter."""
_GROWTH = 1.25
"""How much larger a key makes the brush, and at least one percent."""
_CURSOR = range(9, 129)
"""Diameters, in the screen's pixels, that a pointer can have."""

Ground = Callable[[What], Pixels | None]
"""What a mask begins from: what is selected, or the chosen detail map, at any size; None: there is none."""


class Brush(Gtk.Box):
    """The brush's rows, hidden until they are wanted.

    `on_painted` is called after each stroke, `on_drawn` while it goes on.
    """

    def __init__(
        self,
        layer: tuple[int, int],
        ground: Ground,
        on_painted: Callable[[], object],
        on_drawn: Callable[[], object],
    ) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=4, no_show_all=True)
        self._masks = {"area": Mask(layer), "detail": Mask(layer)}
        self._layer = layer
        self.place: Spot = (0.5, 0.5)
        """Where it is, in shares of the layer's sides."""
        self._ground, self._on_painted, self._on_drawn = ground, on_painted, on_drawn
        self._is_stroke = False
        self._what = Gtk.ComboBoxText(tooltip_text=_("What the brush paints; the rest is covered with a colour"))
        self._what.append("area", _("Where the style goes"))
        self._what.append("detail", _("Where the drawing is kept"))
        self._what.set_active_id("area")
        self._what.connect("changed", lambda _what: self._show())
        self._add = Gtk.RadioButton(label=_("Add"), use_underline=True, draw_indicator=False)
        self._subtract = Gtk.RadioButton.new_with_mnemonic_from_widget(self._add, _("Subtract"))
        self._subtract.set_mode(False)
        self._add.connect("toggled", lambda _add: on_drawn())
        self._size = _brush_slider(1, _WIDEST, 10, _("The brush's size, in percent of the layer's long side"))
        self._size.connect("value-changed", lambda _size: on_drawn())
        self._softness = _brush_slider(0, 100, 50, _("How soft the brush's edge is"))
        self._undo = Gtk.Button(
            label=_("Undo"), use_underline=True, tooltip_text=_("Take the last stroke back (Ctrl Z)")
        )
        self._undo.connect("clicked", lambda _button: self.undo())
        self._clear = Gtk.Button(label=_("Clear"), use_underline=True)
        self._clear.set_tooltip_text(_("Forget what was painted with the brush"))
        self._clear.connect("clicked", lambda _button: self._take_values(self.what, None))
        sliders = labelled(_("Size"), self._size), labelled(_("Softness"), self._softness)
        above, below = (Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=6) for _row in range(2))
        for widget in (self._what, self._add, self._subtract):
            above.pack_start(widget, False, False, 0)
        for widget in (self._clear, self._undo):
            above.pack_end(widget, False, False, 0)
        for row in sliders:
            below.pack_start(row, True, True, 0)
        for widget in (above, below):
            widget.show_all()
            self.pack_start(widget, False, False, 0)
        self._show_state()

    @property
    def what(self) -> What:
        """What is painted now."""
        return self._what.get_active_id() or "area"

    @property
    def is_on(self) -> bool:
        """Does the mouse paint?"""
        return bool(self.get_visible())

    def turn(self, is_on: bool) -> None:
        """Take the brush, or put it away; what was painted stays."""
        self.release()
        self.set_visible(is_on)
        self._on_drawn()

    def brushed(self) -> Brushed:
        """What has been painted."""
        return Brushed(self._masks["area"].values(), self._masks["detail"].values())

    def take(self, brushed: Brushed) -> None:
        """Take what was painted for another try, perhaps when the layer had another size."""
        self._is_stroke = False
        for what, values in (("area", brushed.area), ("detail", brushed.detail)):
            mask = self._masks[what]
            mask.take(values and resized(values, *mask.size))
        self._show()

    def undo(self) -> bool:
        """Take the last stroke back; False if there is none."""
        mask = self._masks[self.what]
        if not (self.is_on and mask.can_undo):
            return False
        self._is_stroke = False
        mask.undo()
        self._show()
        self._on_painted()
        return True

    def veil(self) -> GdkPixbuf.Pixbuf | None:
        """What covers the preview where the present mask is black; None if there is nothing to show."""
        values = self._masks[self.what].values()
        if not self.is_on or values is None:
            return None
        data = bytearray(bytes((*_VEIL[self.what], 0)) * len(values.data))
        data[3::4] = bytes(values.data).translate(_COVER)
        return pixbuf_of(Pixels(values.width, values.height, 4, "u8", bytes(data)))

    # With keys

    @property
    def is_down(self) -> bool:
        """Does it paint when it is moved?"""
        return self._is_stroke

    def set_down(self, is_down: bool) -> None:
        """Set it down where it is, or lift it."""
        if is_down:
            self.press(self.place)
        else:
            self.release()
            self._on_drawn()

    def steer(self, across: int, down: int) -> None:
        """Move it by so many steps, which are as large as the brush is."""
        step = _STRIDE * self._size.get_value() / 100 * max(self._layer)
        there = (
            spot + step * steps / side
            for spot, steps, side in zip(self.place, (across, down), self._layer, strict=True)
        )
        self.place = tuple(min(1.0, max(0.0, spot)) for spot in there)  # type: ignore[assignment]
        self.move(self.place)
        self._on_drawn()

    def swap(self) -> None:
        """Subtract if it adds, or the other way around."""
        (self._subtract if self._add.get_active() else self._add).set_active(True)

    def enlarge(self, steps: int) -> None:
        """Make it larger, or smaller, by that many steps."""
        size = self._size.get_value()
        wide = size * _GROWTH**steps
        self._size.set_value(round(max(size + steps, wide) if steps > 0 else min(size + steps, wide)))

    def sentence(self) -> str:
        """Where it is and what it does, in a sentence."""
        sentence = (
            _("The brush is down at {across} %, {down} %.")
            if self.is_down
            else _("The brush is at {across} %, {down} %.")
        )
        return sentence.format(across=round(100 * self.place[0]), down=round(100 * self.place[1]))

    def draw_mark(self, shown: GdkPixbuf.Pixbuf, middle: tuple[float, float], longest: float, fine: int) -> None:
        """Show it on a picture of the layer whose long side has so many pixels; while it is down, thicker."""
        draw_ring(shown, middle, self._size.get_value() / 200 * longest, fine * (3 if self.is_down else 1))
        draw_sign(shown, middle, self._add.get_active(), fine)

    # Called by the preview

    def press(self, place: Spot) -> None:
        """Set the brush down; the place is in shares of the layer's sides."""
        mask, is_adding = self._masks[self.what], self._add.get_active()
        known = self._ground(self.what)
        usual = 255 if self.what == "detail" or not is_adding else 0
        mask.begin(usual if known is None else resized(known, *mask.size))
        self._is_stroke, self.place = True, place
        mask.stamp(place, *self._brush(), is_adding)
        self._on_drawn()

    def move(self, place: Spot) -> None:
        """Draw to a place."""
        if self._is_stroke:
            self._masks[self.what].draw_to(place, *self._brush(), self._add.get_active())
            self._on_drawn()

    def release(self) -> None:
        """End the stroke."""
        if self._is_stroke:
            self._is_stroke = False
            self._show_state()
            self._on_painted()

    def cursor(self, display: Gdk.Display, longest: float) -> Gdk.Cursor:
        """The pointer: a ring as large as the brush, on a layer whose long side has so many pixels of Gtk's."""
        side = round(self._size.get_value() / 100 * longest)
        if side not in _CURSOR:
            return Gdk.Cursor.new_from_name(display, "crosshair")
        return Gdk.Cursor.new_from_pixbuf(display, ring(side), side // 2, side // 2)

    def _brush(self) -> tuple[float, float]:
        """Radius and softness."""
        return self._size.get_value() / 200, self._softness.get_value() / 100

    def _take_values(self, what: What, values: Pixels | None) -> None:
        self._masks[what].take(values)
        self._show()
        self._on_painted()

    def _show(self) -> None:
        self._show_state()
        self._on_drawn()

    def _show_state(self) -> None:
        mask = self._masks[self.what]
        self._undo.set_sensitive(mask.can_undo)
        self._clear.set_sensitive(mask.values() is not None)


_COVER = bytes((255 - value) * _VEIL_ALPHA // 255 for value in range(256))
"""How far the veil covers a value of the mask."""


def _brush_slider(low: float, high: float, value: float, hint: str) -> Gtk.Scale:
    slider = Gtk.Scale.new_with_range(Gtk.Orientation.HORIZONTAL, low, high, 1)
    slider.set_properties(draw_value=False, tooltip_text=hint)
    slider.set_value(value)
    return slider
