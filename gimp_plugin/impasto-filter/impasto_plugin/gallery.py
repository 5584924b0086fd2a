"""The gallery of styles: one tile each, a thumbnail with its name under it."""

from collections.abc import Callable, Sequence

from gi.repository import GdkPixbuf, GLib, Gtk, Pango

from impasto_presets import Preset

from .texts import _

TILE = 112
_ROWS_SHOWN = 1.4  # at least; a cut row tells that there is more below


class Gallery(Gtk.ScrolledWindow):
    """Tiles to choose one of. Calls `on_chosen` with the style that the person picked, not when `select` does."""

    def __init__(self, presets: Sequence[Preset], on_chosen: Callable[[Preset], None]) -> None:
        super().__init__(hscrollbar_policy=Gtk.PolicyType.NEVER, shadow_type=Gtk.ShadowType.IN)
        self._on_chosen = on_chosen
        self._is_told = False
        self._tiles = Gtk.FlowBox(min_children_per_line=3, max_children_per_line=3, homogeneous=True, border_width=4)
        self._tiles.set_selection_mode(Gtk.SelectionMode.SINGLE)
        self._tiles.set_valign(Gtk.Align.START)
        for preset in presets:
            self._tiles.add(_Tile(preset))
        self._tiles.connect("selected-children-changed", self._changed)
        self._tiles.get_accessible().set_name(_("Styles"))
        self.add(self._tiles)
        self.set_size_request(-1, round(_ROWS_SHOWN * (TILE + 48)))

    def select(self, name: str | None) -> None:
        """Show the style of that name as chosen; None: no style of the gallery."""
        self._is_told = True
        self._tiles.unselect_all()
        for tile in self._tiles.get_children():
            if tile.preset.name == name:
                self._tiles.select_child(tile)
                GLib.idle_add(self._reveal, tile)
        self._is_told = False

    def _changed(self, _tiles: Gtk.FlowBox) -> None:
        selected = self._tiles.get_selected_children()
        if selected and not self._is_told:
            self._on_chosen(selected[0].preset)

    def _reveal(self, tile: "_Tile") -> bool:
        place, view = tile.get_allocation(), self.get_vadjustment()
        view.clamp_page(place.y, place.y + place.height)
        return GLib.SOURCE_REMOVE


class _Tile(Gtk.FlowBoxChild):
    def __init__(self, preset: Preset) -> None:
        super().__init__()
        self.preset = preset
        picture = Gtk.Image.new_from_pixbuf(_square(str(preset.thumbnail), TILE * self.get_scale_factor()))
        name = Gtk.Label(label=_(preset.title), justify=Gtk.Justification.CENTER, valign=Gtk.Align.START)
        name.set_properties(wrap=True, lines=2, ellipsize=Pango.EllipsizeMode.END, width_chars=14, max_width_chars=14)
        column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=2, border_width=2)
        column.pack_start(picture, False, False, 0)
        column.pack_start(name, False, False, 0)
        self.set_tooltip_text(_(preset.description))
        self.add(column)


def _square(path: str, side: int) -> GdkPixbuf.Pixbuf:
    """The middle of a picture file, as a square."""
    try:
        whole = GdkPixbuf.Pixbuf.new_from_file(path)
    except GLib.Error:  # a tile without its picture is still a style
        blank = GdkPixbuf.Pixbuf.new(GdkPixbuf.Colorspace.RGB, False, 8, side, side)
        blank.fill(0x808080FF)
        return blank
    short = min(whole.get_width(), whole.get_height())
    left, top = (whole.get_width() - short) // 2, (whole.get_height() - short) // 2
    return whole.new_subpixbuf(left, top, short, short).scale_simple(side, side, GdkPixbuf.InterpType.BILINEAR)
