"""The gallery of styles: tiles under headings, favourites and what was used last before the groups, and a search.

With the mouse: click, Ctrl-click for a mix, right click for more; files can be dropped. With the keys: Tab leads
to the chosen tile and out again, arrows choose, with Ctrl they only move; then Space or Enter chooses, Ctrl Space adds
to the mix.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from gi.repository import Gdk, GdkPixbuf, Gio, GLib, Gtk

from impasto_plugin.engine.computers import is_pairing
from impasto_plugin.texts import _
from impasto_presets import Preset

from .favourites import read_favourites, write_favourites
from .focus import ENTER, OneStop, is_move, next_stop, reveal, take_focus
from .menus import Entry, open_menu
from .own_menu import OwnMenu, is_parcel
from .sections import Section, arranged
from .tiles import Tile
from .undoing import Undo

_HEIGHT = 200
"""The least height; the gallery grows with the window."""
_REVEAL_MS = 100
"""A new tile has its place by then."""


class Gallery(Gtk.Box):
    """Tiles to choose from. Calls `on_chosen` with the styles that the person picked, not when `select` does.

    With Ctrl several can be picked, and at least one is. `on_scrolled` is called when other tiles come into view.
    Tiles never change their places. Before them all is the box `first`. `on_picture` and `on_pairing` are called with a
    picture or a pairing file that was dropped anywhere on the dialog, `on_edited` with the name of a style that was
    changed or deleted.
    """

    def __init__(
        self,
        presets: Sequence[Preset],
        on_chosen: Callable[[Sequence[Preset]], None],
        on_scrolled: Callable[[], object],
        first: Gtk.Box,
        undo: Undo,
        on_picture: Callable[[Path], object],
        on_edited: Callable[[str], object],
        on_pairing: Callable[[Path], object],
    ) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        self._on_chosen, self._on_picture, self._on_edited = on_chosen, on_picture, on_edited
        self._on_pairing = on_pairing
        self._first = first
        self._own = OwnMenu(self, undo, self.get_toplevel)
        self._to_reveal: Tile | None = None
        self._is_selecting = False
        self._selected: Sequence[str] = ()
        self._favourites = read_favourites()
        self._sections = [
            Section(heading, styles, self._favourites.starred, self._star)
            for heading, styles in arranged(presets, self._favourites)
        ]
        self._search = Gtk.SearchEntry(placeholder_text=_("Search the styles"))
        self._search.connect("search-changed", self._filter)
        self._search.connect("stop-search", self._end_search)
        self._search.connect("activate", lambda _search: self._enter())
        self._search.get_accessible().set_name(_("Search the styles"))
        self._view = self._build_view(first)
        self._view.get_vadjustment().connect("value-changed", lambda _adjustment: on_scrolled())
        self._view.connect("size-allocate", lambda _view, _place: on_scrolled())
        self._view.connect("size-allocate", lambda _view, _place: GLib.idle_add(self._show_chosen))
        self.pack_start(self._search, False, False, 0)
        self.pack_start(self._view, True, True, 0)
        self.connect("realize", self._accept_files)

    def _build_view(self, first: Gtk.Widget) -> Gtk.ScrolledWindow:
        column = self._column = OneStop(self._entry_tile, self._focus, border_width=4)
        column.pack_start(first, False, False, 0)
        for button in first.get_children():
            button.connect("key-press-event", self._typed)
        for section in self._sections:
            self._listen(section)
            column.pack_start(section, False, False, 0)
        view = Gtk.ScrolledWindow(hscrollbar_policy=Gtk.PolicyType.NEVER, shadow_type=Gtk.ShadowType.IN)
        view.set_size_request(-1, _HEIGHT)
        view.set_can_focus(False)
        view.add(column)
        beside = view.get_child()  # Gtk's viewport, which is told of no buttons by itself
        beside.add_events(Gdk.EventMask.BUTTON_PRESS_MASK)
        beside.connect("button-press-event", self._pressed_beside)
        return view

    def _listen(self, section: Section) -> None:
        section.tiles.connect("selected-children-changed", self._changed)
        section.tiles.connect("child-activated", self._clicked)
        section.tiles.connect("key-press-event", self._typed)
        section.tiles.connect("button-press-event", self._pressed)
        for tile in section.tiles.get_children():
            tile.connect("popup-menu", self.open_menu)

    def select(self, names: Sequence[str]) -> None:
        """Show the styles of those names as chosen."""
        self._is_selecting = True
        self._selected = names
        for section in self._sections:
            for tile in section.tiles.get_children():
                if tile.preset.name not in names:
                    section.tiles.unselect_child(tile)
                elif not tile.is_selected():
                    section.tiles.select_child(tile)
                    self._to_reveal = tile
                    GLib.timeout_add(_REVEAL_MS, self._show_chosen)
        self._is_selecting = False

    def show_picture(self, name: str, picture: GdkPixbuf.Pixbuf) -> None:
        """Show what the style of that name makes of the person's layer."""
        for tile in self._tiles():
            if tile.preset.name == name:
                tile.show_picture(picture)

    def add_style(self, preset: Preset) -> None:
        """Add a new style at the end, so that no tile changes its place."""
        section = Section(_(preset.group), [preset], self._favourites.starred, self._star)
        self._listen(section)
        section.show_all()
        self._sections.append(section)
        self._column.pack_start(section, False, False, 0)

    def replace_style(self, preset: Preset) -> None:
        """Show a style that was changed, in its place."""
        for section in self._sections:
            for tile in section.tiles.get_children():
                if tile.preset.name == preset.name:
                    tile.show_preset(preset)
        self._on_edited(preset.name)

    def remove_style(self, name: str) -> None:
        """Show it no longer."""
        for section in [*self._sections]:
            for tile in section.tiles.get_children():
                if tile.preset.name == name:
                    tile.destroy()
            if not section.tiles.get_children():
                self._sections.remove(section)
                section.destroy()
        self._on_edited(name)

    def presets(self) -> list[Preset]:
        """The styles that are shown, in their order."""
        return [tile.preset for tile in self._tiles()]

    def by_sight(self) -> list[Preset]:
        """Every style, the visible ones first."""
        adjustment = self._view.get_vadjustment()
        first, last = adjustment.get_value(), adjustment.get_value() + adjustment.get_page_size()

        def is_unseen(tile: Tile) -> bool:
            place = tile.translate_coordinates(self._column, 0, 0)
            is_shown = tile.get_mapped() and place is not None
            return not is_shown or place[1] + tile.get_allocated_height() <= first or place[1] >= last

        return [tile.preset for tile in sorted(self._tiles(), key=is_unseen)]

    def remember(self, names: Sequence[str]) -> None:
        """Note that those styles were used, for the next time."""
        self._favourites = self._favourites.with_recent(names)
        write_favourites(self._favourites)

    def _tiles(self) -> list[Tile]:
        return [tile for section in self._sections for tile in section.tiles.get_children()]

    def _star(self, name: str, is_starred: bool) -> None:
        self._favourites = self._favourites.with_star(name, is_starred)
        write_favourites(self._favourites)

    def _changed(self, tiles: Gtk.FlowBox) -> None:
        if self._is_selecting:
            return
        if _is_ctrl_held():
            chosen = [tile.preset for tile in self._tiles() if tile.is_selected()]
        else:  # Gtk leaves the earlier ones selected
            selected = [tile.preset for tile in tiles.get_selected_children()]
            chosen = [preset for preset in selected if preset.name not in self._selected] or selected
        if chosen:
            self._on_chosen(chosen)
        else:  # at least one style stays selected
            self.select(self._selected)

    def _clicked(self, _tiles: Gtk.FlowBox, tile: Tile) -> None:
        """A click without Ctrl on a style of a mix leaves that one alone."""
        if not _is_ctrl_held():
            self._choose_alone(tile)

    def _choose_alone(self, tile: Tile) -> None:
        if list(self._selected) != [tile.preset.name]:
            self._on_chosen([tile.preset])

    def _stops(self) -> list[Gtk.Widget]:
        """What the arrow keys lead to, in reading order."""
        return [stop for stop in (*self._first.get_children(), *self._tiles()) if stop.get_mapped()]

    def _entry_tile(self) -> Gtk.Widget | None:
        """Where Tab enters: the chosen tile, or else the first that is seen."""
        seen = [tile for tile in self._tiles() if tile.get_mapped()]
        chosen = [tile for tile in seen if tile.preset.name in self._selected]
        return next(iter([*chosen, *seen, *self._stops()]), None)

    def _enter(self) -> None:
        widget = self._entry_tile()
        if widget is not None:
            self._focus(widget)

    def _focus(self, widget: Gtk.Widget) -> None:
        """Give a tile the focus; that Gtk selects it chooses nothing."""
        self._is_selecting = True
        take_focus(widget)
        self.select(self._selected)

    def _typed(self, _widget: Gtk.Widget, event: Gdk.EventKey) -> bool:
        """Arrows go on to the next row too, and never to a slider beside the gallery, which they would move."""
        stops = self._stops()
        now = next((stop for stop in stops if stop.has_focus()), None)
        if isinstance(now, Tile) and event.keyval in ENTER:  # Gtk would press Paint
            self._choose_alone(now)
            return True
        if now is None or not is_move(event.keyval):
            return False
        stop = next_stop(stops, now, event.keyval, self._column)
        if stop is not None:
            self._focus(stop)
            reveal(self._view, stop, self._column)
            if isinstance(stop, Tile) and not event.state & Gdk.ModifierType.CONTROL_MASK:
                self._on_chosen([stop.preset])
        return True

    # The context menu, and what is dropped

    def entries(self, tile: Tile) -> list[Entry | None]:
        """The lines of a tile's menu."""
        name, mixed = tile.preset.name, list(self._selected)
        is_chosen, is_alone = name in mixed, mixed == [name]
        others = [other.preset for other in self._tiles() if other.preset.name in mixed and other is not tile]
        mixing = Entry(_("_Add to the Mix"), lambda: self._on_chosen([*others, tile.preset]))
        if is_chosen:
            why = _("It is the only style; choose another first") if is_alone else ""
            mixing = Entry(_("Take Out of the _Mix"), lambda: self._on_chosen(others), why_not=why)
        return [
            Entry(_("_Use This Style"), lambda: self._on_chosen([tile.preset])),
            mixing,
            Entry(_("_Show First"), tile.turn_star, checked=tile.is_starred),
            *self._own.entries(tile.preset),
        ]

    def open_menu(self, tile: Tile, event: Gdk.Event | None = None) -> bool:
        """Open a tile's menu."""
        return open_menu(tile, self.entries(tile), event)

    def _pressed(self, tiles: Gtk.FlowBox, event: Gdk.EventButton) -> bool:
        if event.button != Gdk.BUTTON_SECONDARY or event.type != Gdk.EventType.BUTTON_PRESS:
            return False
        tile = tiles.get_child_at_pos(round(event.x), round(event.y))
        return self._pressed_beside(tiles, event) if tile is None else self.open_menu(tile, event)

    def _pressed_beside(self, widget: Gtk.Widget, event: Gdk.EventButton) -> bool:
        is_menu = event.button == Gdk.BUTTON_SECONDARY and event.type == Gdk.EventType.BUTTON_PRESS
        return is_menu and open_menu(widget, [self._own.importing()], event)

    def _accept_files(self, *_: object) -> None:
        """Let files be dropped anywhere on the dialog."""
        dialog = self.get_toplevel()
        dialog.drag_dest_set(Gtk.DestDefaults.ALL, [], Gdk.DragAction.COPY)
        dialog.drag_dest_add_uri_targets()
        dialog.connect("drag-data-received", self._dropped)

    def _dropped(self, _view: Gtk.Widget, _context: object, _x: int, _y: int, data: Gtk.SelectionData, *_: int) -> None:
        paths = [Gio.File.new_for_uri(uri).get_path() for uri in data.get_uris()]
        self.take_files([Path(path) for path in paths if path])

    def take_files(self, files: Sequence[Path]) -> None:
        """Take files that were dropped: styles are imported, the computers of pairing files added, and the first of the
        others is the picture to paint like.
        """
        parcels = [file for file in files if is_parcel(file)]
        pairings = [file for file in files if file not in parcels and is_pairing(file)]
        pictures = [file for file in files if file not in parcels and file not in pairings]
        self._own.take_parcels(parcels)
        for pairing in pairings:
            self._on_pairing(pairing)
        if pictures:
            self._on_picture(pictures[0])

    def _filter(self, search: Gtk.SearchEntry) -> None:
        words = search.get_text().casefold().split()
        for section in self._sections:
            section.show_matching(words)

    def _end_search(self, search: Gtk.SearchEntry) -> None:
        """Escape shows all tiles again, and another Escape is the dialog's."""
        search.set_text("")
        self._enter()

    def _show_chosen(self) -> bool:
        """Scroll to the tile that was chosen last, once it has a place."""
        if self._to_reveal is not None and reveal(self._view, self._to_reveal, self._column):
            self._to_reveal = None
        return GLib.SOURCE_REMOVE


def _is_ctrl_held() -> bool:
    is_known, state = Gtk.get_current_event_state()
    return is_known and bool(state & Gdk.ModifierType.CONTROL_MASK)
