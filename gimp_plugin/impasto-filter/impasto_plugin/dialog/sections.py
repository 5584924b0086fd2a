"""The gallery's sections: tiles under headings; favourites and what was used last stand before the groups."""

from collections.abc import Callable, Sequence
from itertools import groupby

from gi.repository import GLib, Gtk

from impasto_plugin.texts import _
from impasto_presets import Preset

from .favourites import Favourites
from .screens import free_size, roomy
from .tiles import Tile

_ROWS = ((1500, 3), (1150, 2), (0, 1))
"""The screen's least width, and the tiles in a row on it; the preview takes the rest."""


class Section(Gtk.Box):
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


def _tiles_in_a_row() -> int:
    width = free_size()[0]
    return next(count for wide, count in _ROWS if width >= roomy(wide) or not wide)


def arranged(presets: Sequence[Preset], favourites: Favourites) -> list[tuple[str, list[Preset]]]:
    """Headings with their styles; each style once: as a favourite, or as used lately, or in its group."""
    by_name = {preset.name: preset for preset in presets}
    starred = [by_name[name] for name in favourites.starred if name in by_name]
    recent = [by_name[name] for name in favourites.recent if name in by_name and name not in favourites.starred]
    others = [preset for preset in presets if preset not in starred and preset not in recent]
    groups = [(_(group), list(styles)) for group, styles in groupby(others, lambda found: found.group)]
    first = [(_("Favourites"), starred), (_("Used lately"), recent)]
    return [*((heading, styles) for heading, styles in first if styles), *groups]
