"""The dialog's regions: parts of the layer in styles of their own, from what is selected or from a drawable."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from gi.repository import GdkPixbuf, Gimp, Gtk, Pango

from impasto_plugin.arguments import BY_STYLE, StyleChoice
from impasto_plugin.image.mixes import chosen_preset
from impasto_plugin.image.regions import on_canvas, read_canvas, read_region_map
from impasto_plugin.image.scaling import shrunk
from impasto_plugin.image.styles import style_name
from impasto_plugin.regions import ChosenRegion
from impasto_plugin.texts import _
from impasto_wire.errors import ImpastoError, PictureError
from impasto_wire.pictures import Pixels
from impasto_wire.request import MAX_REGIONS
from impasto_wire.settings import Settings, ranges

from .differences import worded
from .drawables import DrawableChooser, maps_of
from .layout import labelled
from .resets import Reset, beside, differs
from .screens import fineness, roomy, show_picture
from .window import pixbuf_of

_MAP_SIDE = 40
"""Of a map's thumbnail."""


class Regions(Gtk.Box):
    """A row for each region, and what adds another in the style that is chosen now.

    `on_changed` is called when a person has changed them, `on_selection_used` when what is selected has become one,
    `on_fault` with why nothing was added.
    """

    def __init__(
        self,
        layer: Gimp.Layer,
        chosen_now: Callable[[], StyleChoice],
        on_changed: Callable[[], object],
        on_selection_used: Callable[[], object],
        on_fault: Callable[[ImpastoError], object],
    ) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        self._layer, self._image = layer, layer.get_image()
        self._chosen_now, self._on_changed, self._on_fault = chosen_now, on_changed, on_fault
        self._on_selection_used = on_selection_used
        self._regions: tuple[ChosenRegion, ...] = ()
        self._rows = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        self._source: Gimp.Drawable | None = None
        self._chooser = DrawableChooser(
            lambda: maps_of(self._image),
            _("What is selected"),
            _("Where the next region is: white is inside, black outside; of a group, each of its layers is a region"),
            self._take_source,
        )
        self._add = Gtk.Button(label=_("Add a Reg_ion"), use_underline=True)
        self._add.set_tooltip_text(
            _("Paint that part of the layer in the style that is chosen now, whatever is chosen later")
        )
        self._add.connect("clicked", self._added)
        self._rows.get_accessible().set_name(_("Regions"))
        for widget in (labelled(_("Region"), self._chooser), self._add, self._rows):
            self.pack_start(widget, False, False, 0)

    def chosen(self) -> tuple[ChosenRegion, ...]:
        """The regions, in the order in which they are painted over each other."""
        return self._regions

    def take(self, regions: Sequence[ChosenRegion]) -> None:
        """Show other regions; a group's layers become maps of their own. `on_changed` isn't called."""
        if self._regions != tuple(regions):
            self._regions = tuple(self._with_map_of_its_own(region) for region in regions)
            self._build()

    def _with_map_of_its_own(self, region: ChosenRegion) -> ChosenRegion:
        """No argument can hold a layer of which only the alpha counts."""
        return replace(region, map=on_canvas(region, self._image), is_cut_out=False) if region.is_cut_out else region

    def _take_source(self, source: Gimp.Drawable | None) -> None:
        self._source = source

    def _added(self, _button: Gtk.Button) -> None:
        try:
            new = self._new()
            if len(self._regions) + len(new) > MAX_REGIONS:
                sentence = _("there may be at most {most} regions; remove one first")
                raise PictureError(sentence.format(most=MAX_REGIONS))
        except ImpastoError as error:
            self._on_fault(error)
            return
        self._change((*self._regions, *new), len(self._regions))
        if self._source is None:
            self._on_selection_used()

    def _new(self) -> list[ChosenRegion]:
        style = self._chosen_now()
        if self._source is None:
            canvas = read_canvas(self._image)
            if canvas is None:
                raise PictureError(
                    _("nothing is selected; select the region, or choose a channel, mask or layer for it")
                )
            return [ChosenRegion(canvas, style)]
        if not self._source.is_valid():
            raise PictureError(_("what was chosen for the region is gone; choose something else"))
        is_group = isinstance(self._source, Gimp.Layer) and self._source.is_group()
        children = self._source.get_children()[::-1] if is_group else []
        if not is_group:
            return [ChosenRegion(self._source, style)]
        return [self._with_map_of_its_own(ChosenRegion(child, style, BY_STYLE, True)) for child in children]

    def _change(self, regions: Sequence[ChosenRegion], focus: int) -> None:
        """Take other regions; the keys go on with that one, or else with what adds another."""
        self._regions = tuple(regions)
        self._build()
        rows = self._rows.get_children()
        (rows[focus].slider if focus < len(rows) else self._add).grab_focus()
        self._on_changed()

    def _build(self) -> None:
        for row in self._rows.get_children():
            row.destroy()
        for place, region in enumerate(self._regions):
            self._rows.pack_start(self._row(place, region), False, False, 0)
        self._rows.show_all()

    def _row(self, place: int, region: ChosenRegion) -> "_RegionRow":
        def take_strength(strength: float) -> None:
            changed = replace(self._regions[place], strength=strength)
            self._regions = (*self._regions[:place], changed, *self._regions[place + 1 :])
            self._on_changed()

        def take_style() -> None:
            changed = replace(region, style=self._chosen_now(), strength=BY_STYLE)
            self._change((*self._regions[:place], changed, *self._regions[place + 1 :]), place)

        def remove() -> None:
            self._change((*self._regions[:place], *self._regions[place + 1 :]), place)

        return _RegionRow(
            _region_title(region, place), self._thumbnail(region), region, take_strength, take_style, remove
        )

    def _thumbnail(self, region: ChosenRegion) -> GdkPixbuf.Pixbuf:
        found = shrunk(read_region_map(region, self._layer), roomy(_MAP_SIDE) * fineness())
        data = bytearray(3 * found.width * found.height)
        for channel in range(3):
            data[channel::3] = bytes(found.data)
        return pixbuf_of(Pixels(found.width, found.height, 3, "u8", bytes(data)))


class _RegionRow(Gtk.Box):
    """One region: its map, its style's name, how strong it is, and what changes or removes it."""

    def __init__(
        self,
        title: str,
        picture: GdkPixbuf.Pixbuf,
        region: ChosenRegion,
        on_strength: Callable[[float], object],
        on_style: Callable[[], object],
        on_removed: Callable[[], object],
    ) -> None:
        super().__init__(orientation=Gtk.Orientation.HORIZONTAL, spacing=6)
        image = Gtk.Image(tooltip_text=title, valign=Gtk.Align.CENTER)
        image.set_size_request(roomy(_MAP_SIDE), -1)
        image.get_accessible().set_name(title)
        show_picture(image, picture, fineness())
        style = style_name(region.style)
        name = Gtk.Label(label=style, xalign=0, ellipsize=Pango.EllipsizeMode.END, tooltip_text=f"{style} — {title}")
        change = _icon_button("view-refresh-symbolic", _("Change to the chosen style"), title, on_style)
        remove = _icon_button("edit-delete-symbolic", _("Remove this region"), title, on_removed)
        slider = self.slider = Gtk.Scale.new_with_range(Gtk.Orientation.HORIZONTAL, 0, 100, 1)
        slider.set_value_pos(Gtk.PositionType.RIGHT)
        own = _suggested(region.style)
        slider.set_value(100 * (own if region.strength == BY_STYLE else region.strength))
        reset = Reset(_("Strength of {region}").format(region=title), slider, lambda: slider.set_value(100 * own))
        allowed = ranges()["strength"]

        def show_own() -> None:
            is_other = differs(slider.get_value() / 100, own)
            reset.show_own(worded(allowed, own) if is_other else "")

        show_own()
        slider.connect("value-changed", lambda _slider: show_own())
        slider.set_tooltip_text(_("How far this region turns into its style, in percent"))
        slider.get_accessible().set_name(_("Strength of {region}").format(region=title))
        slider.connect("value-changed", lambda moved: on_strength(moved.get_value() / 100))
        above = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=2)
        above.pack_start(name, True, True, 0)
        above.pack_start(change, False, False, 0)
        above.pack_start(remove, False, False, 0)
        column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
        column.pack_start(above, False, False, 0)
        column.pack_start(beside(slider, reset), False, False, 0)
        self.pack_start(image, False, False, 0)
        self.pack_start(column, True, True, 0)
        self.get_accessible().set_name(f"{title}: {style}")


def _icon_button(icon: str, hint: str, title: str, on_clicked: Callable[[], object]) -> Gtk.Button:
    button = Gtk.Button.new_from_icon_name(icon, Gtk.IconSize.BUTTON)
    button.set_relief(Gtk.ReliefStyle.NONE)
    button.set_tooltip_text(hint)
    button.get_accessible().set_name(f"{hint}: {title}")
    button.connect("clicked", lambda _button: on_clicked())
    return button


def _region_title(region: ChosenRegion, place: int) -> str:
    drawable = region.drawable
    number = _("Region {number}").format(number=place + 1)
    return number if drawable is None or not drawable.is_valid() else f"{number} ({drawable.get_name()})"


def _suggested(choice: StyleChoice) -> float:
    """The strength that a style suggests; the default where it can't be read, which the preview says."""
    try:
        return (Settings() if choice.is_own else chosen_preset(choice.preset).settings).strength
    except ImpastoError:
        return Settings().strength
