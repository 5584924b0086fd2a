"""The gallery of styles: tiles under headings, favourites and what was used last before the groups, and a search."""

from collections.abc import Callable, Sequence
from itertools import groupby

from gi.repository import Gdk, GdkPixbuf, GLib, Gtk

from impasto_plugin.texts import _
from impasto_presets import Preset

from .favourites import Favourites, read_favourites, write_favourites
from .screens import free_size, roomy
from .tiles import Tile

_HEIGHT = 200
"""The least height; the gallery grows with the window."""
_ROWS = ((1500, 3), (1150, 2), (0, 1))
"""The screen's least width, and the tiles in a row on it; the preview takes the rest."""
_STEPS = {Gdk.KEY_Right: 1, Gdk.KEY_KP_Right: 1, Gdk.KEY_Left: -1, Gdk.KEY_KP_Left: -1}
_REVEAL_MS = 100
"""A new tile has its place by then."""


class Gallery(Gtk.Box):
    """Tiles to choose from. Calls `on_chosen` with the styles that the person picked, not when `select` does.

    With Ctrl several can be picked, and at least one is. `on_scrolled` is called when other tiles come into view.
    Tiles never change their places. Before them all is the widget `first`.
    """

    def __init__(
        self,
        presets: Sequence[Preset],
        on_chosen: Callable[[Sequence[Preset]], None],
        on_scrolled: Callable[[], object],
        first: Gtk.Widget,
    ) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        self._on_chosen = on_chosen
        self._is_selecting = False
        self._selected: Sequence[str] = ()
        self._favourites = read_favourites()
        self._sections = [
            _Section(heading, styles, self._favourites.starred, self._star)
            for heading, styles in _arranged(presets, self._favourites)
        ]
        self._search = Gtk.SearchEntry(placeholder_text=_("Search the styles"))
        self._search.connect("search-changed", self._filter)
        self._search.connect("stop-search", self._end_search)
        self._view = self._build_view(first)
        self._view.get_vadjustment().connect("value-changed", lambda _adjustment: on_scrolled())
        self._view.connect("size-allocate", lambda _view, _place: on_scrolled())
        self.pack_start(self._search, False, False, 0)
        self.pack_start(self._view, True, True, 0)

    def _build_view(self, first: Gtk.Widget) -> Gtk.ScrolledWindow:
        column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, border_width=4)
        column.pack_start(first, False, False, 0)
        for section in self._sections:
            self._listen(section)
            column.pack_start(section, False, False, 0)
        view = Gtk.ScrolledWindow(hscrollbar_policy=Gtk.PolicyType.NEVER, shadow_type=Gtk.ShadowType.IN)
        view.set_size_request(-1, _HEIGHT)
        view.add(column)
        return view

    def _listen(self, section: "_Section") -> None:
        section.tiles.connect("selected-children-changed", self._changed)
        section.tiles.connect("child-activated", self._clicked)
        section.tiles.connect("key-press-event", self._typed)

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
                    GLib.timeout_add(_REVEAL_MS, self._reveal, tile)
        self._is_selecting = False

    def show_picture(self, name: str, picture: GdkPixbuf.Pixbuf) -> None:
        """Show what the style of that name makes of the person's layer."""
        for tile in self._tiles():
            if tile.preset.name == name:
                tile.show_picture(picture)

    def add_style(self, preset: Preset) -> None:
        """Add a new style at the end, so that no tile changes its place."""
        section = _Section(_(preset.group), [preset], self._favourites.starred, self._star)
        self._listen(section)
        section.show_all()
        self._sections.append(section)
        self._view.get_child().get_child().pack_start(section, False, False, 0)

    def by_sight(self) -> list[Preset]:
        """Every style, the visible ones first."""
        adjustment = self._view.get_vadjustment()
        first, last = adjustment.get_value(), adjustment.get_value() + adjustment.get_page_size()

        def is_unseen(tile: Tile) -> bool:
            place = tile.translate_coordinates(self._view.get_child().get_child(), 0, 0)
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
        if not _is_ctrl_held() and list(self._selected) != [tile.preset.name]:
            self._on_chosen([tile.preset])

    def _typed(self, _tiles: Gtk.FlowBox, event: Gdk.EventKey) -> bool:
        """Left and right go on to the next row, and never to a slider beside the gallery, which they would move."""
        step = _STEPS.get(event.keyval)
        seen = [tile for tile in self._tiles() if tile.get_mapped()]
        place = next((place for place, tile in enumerate(seen) if tile.has_focus()), None)
        if step is None or place is None:
            return False
        if 0 <= place + step < len(seen):
            seen[place + step].child_focus(Gtk.DirectionType.TAB_FORWARD)
            if not event.state & Gdk.ModifierType.CONTROL_MASK:
                self._on_chosen([seen[place + step].preset])
        return True

    def _filter(self, search: Gtk.SearchEntry) -> None:
        words = search.get_text().casefold().split()
        for section in self._sections:
            section.show_matching(words)

    def _end_search(self, search: Gtk.SearchEntry) -> None:
        """Escape shows all tiles again, and another Escape is the dialog's."""
        search.set_text("")
        self._view.child_focus(Gtk.DirectionType.TAB_FORWARD)

    def _reveal(self, tile: Tile) -> bool:
        place = tile.translate_coordinates(self._view.get_child().get_child(), 0, 0)
        if place is not None:
            self._view.get_vadjustment().clamp_page(place[1] - 4, place[1] + tile.get_allocated_height() + 4)
        return GLib.SOURCE_REMOVE


class _Section(Gtk.Box):
    """Tiles under a heading."""

    def __init__(
        self, heading: str, presets: Sequence[Preset], starred: Sequence[str], on_star: Callable[[str, bool], None]
    ) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL)
        label = Gtk.Label(xalign=0, margin_start=6, margin_top=4)
        label.set_markup(f"<b>{GLib.markup_escape_text(heading)}</b>")
        row = _tiles_in_a_row()
        self.tiles = Gtk.FlowBox(min_children_per_line=row, max_children_per_line=row, homogeneous=True)
        self.tiles.set_selection_mode(Gtk.SelectionMode.MULTIPLE)
        self.tiles.get_accessible().set_name(heading)
        for preset in presets:
            self.tiles.add(Tile(preset, preset.name in starred, on_star))
        self.pack_start(label, False, False, 0)
        self.pack_start(self.tiles, False, False, 0)

    def show_matching(self, words: Sequence[str]) -> None:
        """Show only the tiles in whose texts every word occurs."""
        found = [tile for tile in self.tiles.get_children() if all(word in tile.searched for word in words)]
        self.tiles.set_filter_func(lambda tile: tile in found)
        self.set_visible(bool(found))


def _is_ctrl_held() -> bool:
    is_known, state = Gtk.get_current_event_state()
    return is_known and bool(state & Gdk.ModifierType.CONTROL_MASK)


def _tiles_in_a_row() -> int:
    width = free_size()[0]
    return next(count for wide, count in _ROWS if width >= roomy(wide) or not wide)


def _arranged(presets: Sequence[Preset], favourites: Favourites) -> list[tuple[str, list[Preset]]]:
    """Headings with their styles; each style once: as a favourite, or as used lately, or in its group."""
    by_name = {preset.name: preset for preset in presets}
    starred = [by_name[name] for name in favourites.starred if name in by_name]
    recent = [by_name[name] for name in favourites.recent if name in by_name and name not in favourites.starred]
    others = [preset for preset in presets if preset not in starred and preset not in recent]
    groups = [(_(group), list(styles)) for group, styles in groupby(others, lambda found: found.group)]
    first = [(_("Favourites"), starred), (_("Used lately"), recent)]
    return [*((heading, styles) for heading, styles in first if styles), *groups]
