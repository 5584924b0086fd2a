"""The strip of tries: every finished preview with its settings, to return to, to compare, to paint several of.

With the mouse: click, Ctrl-click, Shift-click, right click. With the keys: Tab leads in and out, arrows move, the keys
that press a button do what a click does, also with Ctrl and Shift; Delete deletes, the menu key opens the menu.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from gi.repository import Gdk, GdkPixbuf, GLib, Gtk, Pango

from impasto_plugin.texts import _

from .colours import sign_of
from .differences import differences
from .focus import DELETE, ENTER, OneStop, is_move, next_stop, reveal
from .menus import Entry, open_menu
from .screens import fineness, roomy, show_picture
from .undoing import Undo

TRY_SIDE = 64
MOST = 60
"""How many tries are kept; the oldest are removed first."""
TOGETHER = 1800.0
"""Tries in the same style that were made within so many seconds are one group."""
_PRESSES = (*ENTER, Gdk.KEY_space, Gdk.KEY_KP_Space)
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


def is_of_group(made: Try, before: Try) -> bool:
    """Does a try go on with what was tried before it?"""
    return made.title == before.title and abs(made.made - before.made) <= TOGETHER


def time_of(made: float, now: float | None = None) -> str:
    """When a try was made: the hour, or another day's date; empty where nobody knows."""
    if not made:
        return ""
    at, today = time.localtime(made), time.localtime(time.time() if now is None else now)
    return time.strftime("%H:%M" if at[:3] == today[:3] else "%x", at)


@dataclass(frozen=True)
class Acts:
    """What is done with tries, besides marking and deleting them, which the strip does itself."""

    return_to: Callable[[Try], object]
    compare: Callable[[Try | None], object]
    marked: Callable[[list[Try]], object]
    deleted: Callable[[Try], object]
    """A try is gone from the strip."""
    restored: Callable[[Try], object]
    """A deleted try is back."""
    more: Callable[[Try], Sequence[Entry | None]]
    """More entries of its menu."""


class Tries(Gtk.ScrolledWindow):
    """Tiles under headings of style and time, the latest at the bottom."""

    def __init__(self, acts: Acts, undo: Undo) -> None:
        super().__init__(hscrollbar_policy=Gtk.PolicyType.NEVER, can_focus=False)
        self._acts, self._undo = acts, undo
        self._groups: list[_Group] = []
        self._column = OneStop(self._entry_tile, spacing=4)
        self._hint = Gtk.Label(wrap=True, max_width_chars=9, width_chars=9, xalign=0, yalign=0)
        self._hint.set_text(_("Each finished preview is kept here."))
        self._column.pack_start(self._hint, False, False, 0)
        self._compared: _TryTile | None = None
        self._present: tuple[str, Values] = "", {}
        self._is_behind = False
        self.get_vadjustment().connect("changed", self._follow)
        self.set_size_request(roomy(TRY_SIDE) + 26, -1)
        self.get_accessible().set_name(_("Tries"))
        self.add(self._column)

    @property
    def _tiles(self) -> "list[_TryTile]":
        return [tile for group in self._groups for tile in group.tiles]

    def add_try(self, made: Try, is_marked: bool = False) -> None:
        """Keep a finished preview."""
        self._insert(made, is_marked)
        kept = [tile for tile in self._tiles if tile is not self._compared and not tile.is_marked]
        for old in kept[: max(0, len(self._tiles) - MOST)]:
            self._take_out(old)
        self._is_behind = True

    def _insert(self, made: Try, is_marked: bool) -> "_TryTile":
        tile = _TryTile(made)
        tile.mark(is_marked)
        tile.connect("clicked", self._clicked)
        tile.connect("key-press-event", self._pressed)
        tile.connect("button-press-event", self._pressed_button)
        tile.connect("popup-menu", self.open_menu)
        tile.connect("focus-in-event", lambda shown, _event: reveal(self, shown, self._column) and False)
        self._group_for(made).insert(tile)
        self._hint.hide()
        tile.show_all()
        tile.show_state(tile.made.digest == self._present[0], False, self._present[1])
        return tile

    def _group_for(self, made: Try) -> "_Group":
        place = sum(1 for other in self._groups if other.tiles[0].made.made <= made.made)
        for near in self._groups[max(0, place - 1) : place + 1]:
            if near.takes(made):
                return near
        group = _Group(made)
        self._groups.insert(place, group)
        self._column.pack_start(group, False, False, 0)
        self._column.reorder_child(group, place + 1)
        group.show_all()
        return group

    def _take_out(self, tile: "_TryTile") -> None:
        group = next(group for group in self._groups if tile in group.tiles)
        group.take_out(tile)
        if not group.tiles:
            self._groups.remove(group)
            group.destroy()
        self._hint.set_visible(not self._groups)

    def _follow(self, adjustment: Gtk.Adjustment) -> None:
        """Scroll to the latest try as soon as Gtk has placed it."""
        if self._is_behind and adjustment.get_upper() > adjustment.get_page_size():
            self._is_behind = False
            adjustment.set_value(adjustment.get_upper())

    def find(self, digest: str) -> Try | None:
        """The try with the look of that digest, if there is one."""
        return next((tile.made for tile in self._tiles if tile.made.digest == digest), None)

    def replace(self, made: Try, other: Try) -> None:
        """Let a try stand for other arguments that look the same."""
        for tile in self._tiles:
            if tile.made is made:
                tile.made = other
                tile.show_state(tile.made.digest == self._present[0], tile is self._compared, self._present[1])

    def show_current(self, digest: str, values: Values) -> None:
        """Show which try has the present settings, and how the others differ from them."""
        self._present = digest, values
        for tile in self._tiles:
            tile.show_state(tile.made.digest == digest, tile is self._compared, values)

    def marked(self) -> list[Try]:
        """The tries that are marked to be painted."""
        return [tile.made for tile in self._tiles if tile.is_marked]

    def _entry_tile(self) -> "_TryTile | None":
        """Where Tab enters: the present try, or else the latest."""
        tiles = self._tiles
        current = [tile for tile in tiles if tile.made.digest == self._present[0]]
        return next(iter([*current, *tiles[::-1]]), None)

    # The mouse and the keys

    def _clicked(self, tile: "_TryTile") -> None:
        is_held, state = Gtk.get_current_event_state()
        self._take(tile, state if is_held else Gdk.ModifierType(0))

    def _pressed(self, tile: "_TryTile", event: Gdk.EventKey) -> bool:
        """Take arrows, Delete, and the keys with Ctrl or Shift with which Gtk presses no button."""
        if is_move(event.keyval):
            stop = next_stop(self._tiles, tile, event.keyval, self._column)
            if stop is not None:
                stop.grab_focus()
            return True
        if event.keyval in DELETE:
            self._delete(tile)
            return True
        held = event.state & (Gdk.ModifierType.SHIFT_MASK | Gdk.ModifierType.CONTROL_MASK)
        if held and event.keyval in _PRESSES:
            self._take(tile, held)
            return True
        return False

    def _pressed_button(self, tile: "_TryTile", event: Gdk.EventButton) -> bool:
        is_menu = event.button == Gdk.BUTTON_SECONDARY and event.type == Gdk.EventType.BUTTON_PRESS
        return is_menu and self.open_menu(tile, event)

    def _take(self, tile: "_TryTile", held: Gdk.ModifierType) -> None:
        if held & Gdk.ModifierType.SHIFT_MASK:
            self._mark(tile)
        elif held & Gdk.ModifierType.CONTROL_MASK:
            self._compare(tile)
        else:
            self._acts.return_to(tile.made)

    def _mark(self, tile: "_TryTile") -> None:
        tile.mark(not tile.is_marked)
        self._acts.marked(self.marked())

    def _compare(self, tile: "_TryTile") -> None:
        self._compared = None if tile is self._compared else tile
        self._acts.compare(self._compared and self._compared.made)

    def leave_comparison(self) -> None:
        """Compare with the layer again."""
        self._compared = None

    def _delete(self, tile: "_TryTile") -> None:
        tiles = self._tiles
        beside = [*tiles[tiles.index(tile) + 1 :], *tiles[: tiles.index(tile)][::-1]]
        if tile is self._compared:
            self._compare(tile)
        made, was_marked, had_focus = tile.made, tile.is_marked, tile.has_focus()
        self._take_out(tile)
        if had_focus and beside:
            beside[0].grab_focus()
        self._acts.deleted(made)
        if was_marked:
            self._acts.marked(self.marked())

        def bring_back() -> None:
            back = self._insert(made, was_marked)
            self._acts.restored(made)
            if was_marked:
                self._acts.marked(self.marked())
            back.grab_focus()

        self._undo.offer(_("The try in “{style}” was deleted").format(style=_(made.title)), bring_back)

    # The context menu

    def entries(self, tile: "_TryTile") -> list[Entry | None]:
        """The lines of a try's menu."""
        is_present = tile.made.digest == self._present[0]
        is_it = _("These are the present settings") if is_present else ""
        return [
            Entry(_("_Use These Settings"), lambda: self._acts.return_to(tile.made), why_not=is_it),
            Entry(_("_Paint This Too"), lambda: self._mark(tile), checked=tile.is_marked),
            Entry(_("_Compare with the Present One"), lambda: self._compare(tile), checked=tile is self._compared),
            None,
            *self._acts.more(tile.made),
            None,
            Entry(_("_Delete"), lambda: self._delete(tile)),
        ]

    def open_menu(self, tile: "_TryTile", event: Gdk.Event | None = None) -> bool:
        """Open a try's menu."""
        return open_menu(tile, self.entries(tile), event)


class _Group(Gtk.Box):
    """Tries that were made one after the other in one style, under its name and the time of the first."""

    def __init__(self, first: Try) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=4)
        self.tiles: list[_TryTile] = []
        heading = Gtk.Label(xalign=0, ellipsize=Pango.EllipsizeMode.END, max_width_chars=9)
        heading.set_properties(wrap=True, wrap_mode=Pango.WrapMode.WORD_CHAR, lines=2)
        at = time_of(first.made)
        title, when = (GLib.markup_escape_text(text) for text in (_(first.title), at))
        heading.set_markup(f"<small><b>{title}</b>{chr(10) + when if at else ''}</small>")
        heading.set_tooltip_text("\n".join(filter(None, (_(first.title), at))))
        self.pack_start(heading, False, False, 0)

    def takes(self, made: Try) -> bool:
        """Does a try belong to these?"""
        return any(is_of_group(made, tile.made) for tile in self.tiles)

    def insert(self, tile: "_TryTile") -> None:
        """Put it where its time is."""
        place = sum(1 for other in self.tiles if other.made.made <= tile.made.made)
        self.tiles.insert(place, tile)
        self.pack_start(tile, False, False, 0)
        self.reorder_child(tile, place + 1)

    def take_out(self, tile: "_TryTile") -> None:
        """Show it no longer."""
        self.tiles.remove(tile)
        tile.destroy()


class _TryTile(Gtk.Button):
    """A try's picture: ★ where it is painted, ✓ and a frame where it is marked, ◧ where it is compared with."""

    def __init__(self, made: Try) -> None:
        super().__init__(relief=Gtk.ReliefStyle.NONE, border_width=0)
        self.made = made
        self.is_marked = False
        fine, sides = fineness(), (made.picture.get_width(), made.picture.get_height())
        size = (max(1, round(side * roomy(TRY_SIDE) * fine / max(sides))) for side in sides)
        image = Gtk.Image()
        show_picture(image, made.picture.scale_simple(*size, GdkPixbuf.InterpType.BILINEAR), fine)
        self._sign = Gtk.Label(halign=Gtk.Align.END, valign=Gtk.Align.END)
        self._star = Gtk.Label(halign=Gtk.Align.START, valign=Gtk.Align.START)
        overlay = Gtk.Overlay(halign=Gtk.Align.CENTER)
        overlay.add(image)
        for sign in (self._sign, self._star):
            overlay.add_overlay(sign)
        self.add(overlay)
        style = self.get_style_context()
        style.add_provider(_frames(), Gtk.STYLE_PROVIDER_PRIORITY_APPLICATION)
        style.add_class("impasto-try")
        self._is_current = self._is_compared = False

    def mark(self, is_marked: bool) -> None:
        """Mark it to be painted, or not."""
        self.is_marked = is_marked
        self._draw()

    def show_state(self, is_current: bool, is_compared: bool, present: Values) -> None:
        """Show whether it has the present settings, how it differs from them, and whether it is compared with."""
        self._is_current, self._is_compared = is_current, is_compared
        when = time_of(self.made.made)
        about = [_("{style}, {time}").format(style=_(self.made.title), time=when) if when else _(self.made.title)]
        about += [_("The present settings")] if is_current else differences(self.made.values, present)
        about += [_("Painted")] if self.made.is_painted else []
        self.get_accessible().set_name("; ".join(about))
        ways = _("Click: return to it\nCtrl: compare with it\nShift: paint it too\nRight click: more")
        self.set_tooltip_text("\n".join((*about, "", ways)))
        self._draw()

    def _draw(self) -> None:
        self.set_relief(Gtk.ReliefStyle.NORMAL if self._is_current else Gtk.ReliefStyle.NONE)
        sign = ("✓" if self.is_marked else "") + ("◧" if self._is_compared else "")
        self._sign.set_markup(sign_of(f" {sign} ", "xx-large") if sign else "")
        self._star.set_markup(sign_of("★", "large") if self.made.is_painted else "")
        turn = self.get_style_context()
        (turn.add_class if self.is_marked else turn.remove_class)("impasto-marked")
        states = [(self.is_marked, _("Marked to be painted too")), (self._is_compared, _("Compared with"))]
        self.get_accessible().set_description("; ".join(text for is_so, text in states if is_so))


@cache
def _frames() -> Gtk.CssProvider:
    """A frame around what is marked that is seen on every picture and in every theme: white within black."""
    provider = Gtk.CssProvider()
    provider.load_from_data(
        b".impasto-try {padding: 4px; min-width: 0; min-height: 0}"
        b".impasto-marked {border: 3px solid #FFFFFF; outline: 2px solid #000000; outline-offset: -2px;"
        b" box-shadow: 0 0 0 2px #000000; padding: 1px}"
    )
    return provider
