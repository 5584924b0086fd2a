"""The strip of tries: every finished preview with its settings, to return to, to compare, to paint several of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gi.repository import Gdk, GdkPixbuf, Gtk

from impasto_plugin.texts import _

from .screens import fineness, roomy, show_picture

TRY_SIDE = 64
MOST = 60
"""How many tries are kept; the oldest are removed first."""
_PRESSES = (Gdk.KEY_Return, Gdk.KEY_KP_Enter, Gdk.KEY_ISO_Enter, Gdk.KEY_space, Gdk.KEY_KP_Space)
"""Keys that press a button."""

Values = Mapping[str, Any]
"""Arguments of the procedure by their names."""


@dataclass(frozen=True)
class Try:
    """A finished preview, and the arguments that gave it."""

    values: Values
    title: str
    """The style's."""
    digest: str
    """Of all that decides how it looks."""
    picture: GdkPixbuf.Pixbuf
    made: float = 0.0
    """When, in seconds since 1970."""
    is_painted: bool = False
    """Is there a painting with these settings, on a layer of its own?"""


class Tries(Gtk.ScrolledWindow):
    """Tiles, the latest at the bottom. Click: `on_return`; Ctrl-click: `on_compare`; Shift-click marks, `on_marked`.

    The keys that press a button do the same, with Ctrl and Shift too.
    """

    def __init__(
        self,
        on_return: Callable[[Try], object],
        on_compare: Callable[[Try | None], object],
        on_marked: Callable[[list[Try]], object],
    ) -> None:
        super().__init__(hscrollbar_policy=Gtk.PolicyType.NEVER)
        self._on_return, self._on_compare, self._on_marked = on_return, on_compare, on_marked
        self._tiles: list[_TryTile] = []
        self._column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=4)
        self._compared: _TryTile | None = None
        self._is_behind = False
        self.get_vadjustment().connect("changed", self._follow)
        self.set_size_request(roomy(TRY_SIDE) + 18, -1)
        self.get_accessible().set_name(_("Tries"))
        self.add(self._column)

    def add_try(self, made: Try, is_marked: bool = False) -> None:
        """Keep a finished preview."""
        tile = _TryTile(made)
        tile.mark(is_marked)
        tile.connect("clicked", self._clicked)
        tile.connect("key-press-event", self._pressed)
        self._tiles.append(tile)
        self._column.pack_start(tile, False, False, 0)
        tile.show_all()
        for old in [old for old in self._tiles if old is not self._compared and not old.is_marked][
            : len(self._tiles) - MOST
        ]:
            self._tiles.remove(old)
            old.destroy()
        self._is_behind = True

    def _follow(self, adjustment: Gtk.Adjustment) -> None:
        """Scroll to the latest try as soon as Gtk has placed it."""
        if self._is_behind and adjustment.get_upper() > adjustment.get_page_size():
            self._is_behind = False
            adjustment.set_value(adjustment.get_upper())

    def find(self, digest: str) -> Try | None:
        """The try with the look of that digest, if there is one."""
        return next((tile.made for tile in self._tiles if tile.made.digest == digest), None)

    def show_current(self, digest: str) -> None:
        """Show which try has the present settings."""
        for tile in self._tiles:
            tile.show_state(tile.made.digest == digest, tile is self._compared)

    def marked(self) -> list[Try]:
        """The tries that are marked to be painted."""
        return [tile.made for tile in self._tiles if tile.is_marked]

    def _clicked(self, tile: "_TryTile") -> None:
        is_held, state = Gtk.get_current_event_state()
        self._take(tile, state if is_held else Gdk.ModifierType(0))

    def _pressed(self, tile: "_TryTile", event: Gdk.EventKey) -> bool:
        """Take a key with Ctrl or Shift, with which Gtk presses no button."""
        held = event.state & (Gdk.ModifierType.SHIFT_MASK | Gdk.ModifierType.CONTROL_MASK)
        if held and event.keyval in _PRESSES:
            self._take(tile, held)
            return True
        return False

    def _take(self, tile: "_TryTile", held: Gdk.ModifierType) -> None:
        if held & Gdk.ModifierType.SHIFT_MASK:
            tile.mark(not tile.is_marked)
            self._on_marked(self.marked())
        elif held & Gdk.ModifierType.CONTROL_MASK:
            self._compared = None if tile is self._compared else tile
            self._on_compare(self._compared and self._compared.made)
        else:
            self._on_return(tile.made)


class _TryTile(Gtk.Button):
    def __init__(self, made: Try) -> None:
        super().__init__(relief=Gtk.ReliefStyle.NONE, border_width=0)
        self.made = made
        self.is_marked = False
        fine, sides = fineness(), (made.picture.get_width(), made.picture.get_height())
        size = (max(1, round(side * roomy(TRY_SIDE) * fine / max(sides))) for side in sides)
        image = Gtk.Image()
        show_picture(image, made.picture.scale_simple(*size, GdkPixbuf.InterpType.BILINEAR), fine)
        self._sign = Gtk.Label(halign=Gtk.Align.END, valign=Gtk.Align.END)
        overlay = Gtk.Overlay()
        overlay.add(image)
        overlay.add_overlay(self._sign)
        self.add(overlay)
        self.set_tooltip_text(
            _("{style}\nClick: return to it\nCtrl: compare with it\nShift: paint it too").format(style=_(made.title))
        )
        self._is_current = self._is_compared = False

    def mark(self, is_marked: bool) -> None:
        """Mark it to be painted, or not."""
        self.is_marked = is_marked
        self._draw()

    def show_state(self, is_current: bool, is_compared: bool) -> None:
        """Show whether it has the present settings, and whether the preview is compared with it."""
        self._is_current, self._is_compared = is_current, is_compared
        self._draw()

    def _draw(self) -> None:
        self.set_relief(Gtk.ReliefStyle.NORMAL if self._is_current else Gtk.ReliefStyle.NONE)
        sign = ("✓" if self.is_marked else "") + ("◧" if self._is_compared else "")
        self._sign.set_markup(f'<span foreground="white" background="#000000B0"> {sign} </span>' if sign else "")
