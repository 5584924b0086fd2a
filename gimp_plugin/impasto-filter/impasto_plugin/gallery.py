"""The gallery of styles: tiles under the headings of their groups, and a field that searches them."""

from collections.abc import Callable, Sequence
from itertools import groupby

from gi.repository import GdkPixbuf, GLib, Gtk, Pango

from impasto_presets import Preset

from .texts import _

TILE = 128
PER_ROW = 3
_HEIGHT = 200
"""At least; the gallery takes what more there is."""


class Gallery(Gtk.Box):
    """Tiles to choose one of. Calls `on_chosen` with the style that the person picked, not when `select` does."""

    def __init__(self, presets: Sequence[Preset], on_chosen: Callable[[Preset], None]) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        self._on_chosen = on_chosen
        self._is_told = False
        self._sections = [
            _Section(group, list(styles)) for group, styles in groupby(presets, lambda found: found.group)
        ]
        self._search = Gtk.SearchEntry(placeholder_text=_("Search the styles"))
        self._search.connect("search-changed", self._filter)
        self._view = self._build_view()
        self.pack_start(self._search, False, False, 0)
        self.pack_start(self._view, True, True, 0)

    def _build_view(self) -> Gtk.ScrolledWindow:
        column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, border_width=4)
        for section in self._sections:
            section.tiles.connect("selected-children-changed", self._changed)
            column.pack_start(section, False, False, 0)
        view = Gtk.ScrolledWindow(hscrollbar_policy=Gtk.PolicyType.NEVER, shadow_type=Gtk.ShadowType.IN)
        view.set_size_request(-1, _HEIGHT)
        view.add(column)
        return view

    def select(self, name: str | None) -> None:
        """Show the style of that name as chosen; None: no style of the gallery."""
        self._is_told = True
        for section in self._sections:
            for tile in section.tiles.get_children():
                if tile.preset.name != name:
                    section.tiles.unselect_child(tile)
                elif not tile.is_selected():
                    section.tiles.select_child(tile)
                    GLib.idle_add(self._reveal, tile)
        self._is_told = False

    def _changed(self, tiles: Gtk.FlowBox) -> None:
        selected = tiles.get_selected_children()
        if selected and not self._is_told:
            self._on_chosen(selected[0].preset)

    def _filter(self, search: Gtk.SearchEntry) -> None:
        words = search.get_text().casefold().split()
        for section in self._sections:
            section.show_matching(words)

    def _reveal(self, tile: "_Tile") -> bool:
        place = tile.translate_coordinates(self._view.get_child().get_child(), 0, 0)
        if place is not None:
            self._view.get_vadjustment().clamp_page(place[1] - 4, place[1] + tile.get_allocated_height() + 4)
        return GLib.SOURCE_REMOVE


class _Section(Gtk.Box):
    """One group: its name, and its tiles."""

    def __init__(self, group: str, presets: Sequence[Preset]) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL)
        heading = Gtk.Label(xalign=0, margin_start=6, margin_top=4)
        heading.set_markup(f"<b>{GLib.markup_escape_text(_(group))}</b>")
        self.tiles = Gtk.FlowBox(min_children_per_line=PER_ROW, max_children_per_line=PER_ROW, homogeneous=True)
        self.tiles.set_selection_mode(Gtk.SelectionMode.SINGLE)
        self.tiles.get_accessible().set_name(_(group))
        for preset in presets:
            self.tiles.add(_Tile(preset))
        self.pack_start(heading, False, False, 0)
        self.pack_start(self.tiles, False, False, 0)

    def show_matching(self, words: Sequence[str]) -> None:
        """Show only the tiles in whose texts every word occurs."""
        found = [tile for tile in self.tiles.get_children() if all(word in tile.searched for word in words)]
        self.tiles.set_filter_func(lambda tile: tile in found)
        self.set_visible(bool(found))


class _Tile(Gtk.FlowBoxChild):
    def __init__(self, preset: Preset) -> None:
        super().__init__()
        self.preset = preset
        texts = (preset.title, preset.group, preset.description)
        self.searched = " ".join((*texts, *map(_, texts))).casefold()
        picture = Gtk.Image.new_from_pixbuf(_square(preset, TILE))
        name = Gtk.Label(label=_(preset.title), justify=Gtk.Justification.CENTER, valign=Gtk.Align.START)
        name.set_properties(wrap=True, lines=2, ellipsize=Pango.EllipsizeMode.END, width_chars=14, max_width_chars=14)
        column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=2, border_width=2)
        column.pack_start(picture, False, False, 0)
        column.pack_start(name, False, False, 0)
        self.set_tooltip_text(_(preset.description) if preset.description else None)
        self.add(column)


def _square(preset: Preset, side: int) -> GdkPixbuf.Pixbuf:
    """The middle of a style's thumbnail, or of its picture."""
    for path in filter(None, (preset.thumbnail, *(picture.path for picture in preset.pictures))):
        try:
            whole = GdkPixbuf.Pixbuf.new_from_file(str(path))
        except GLib.Error:  # this one can't be shown here; the style can still be used
            continue
        short = min(whole.get_width(), whole.get_height())
        left, top = (whole.get_width() - short) // 2, (whole.get_height() - short) // 2
        return whole.new_subpixbuf(left, top, short, short).scale_simple(side, side, GdkPixbuf.InterpType.BILINEAR)
    blank = GdkPixbuf.Pixbuf.new(GdkPixbuf.Colorspace.RGB, False, 8, side, side)
    blank.fill(0x808080FF)
    return blank
