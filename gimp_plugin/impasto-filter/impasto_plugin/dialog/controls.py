"""The rows of the dialog's settings, made from the settings table."""

from gi.repository import Gimp, GimpUi, GObject, Gtk

from impasto_plugin.arguments import property_of
from impasto_plugin.texts import _
from impasto_wire.settings import ranges

from .drawables import DrawableChooser, maps_of
from .layout import labelled


class Controls(Gtk.Box):
    """How the layer is painted: sliders, then what is chosen from a few, then the variation."""

    def __init__(self, dialog: GimpUi.ProcedureDialog, config: Gimp.ProcedureConfig, image: Gimp.Image) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        self._map = DrawableChooser(
            lambda: maps_of(image),
            _("None"),
            _("Keeps the drawing where it is white and lets it dissolve where it is black"),
            lambda chosen: config.set_property("detail-map", chosen),
        )
        sliders = [_slider(dialog, name) for name, allowed in ranges().items() if allowed.percent]
        sizes = (("paint-at", Gtk.ComboBox), ("paint-size", GObject.TYPE_NONE))
        others = [dialog.get_widget(name, kind) for name, kind in sizes]
        for name, allowed in ranges().items():
            if not allowed.percent:
                kind = Gtk.ComboBox if allowed.choices else GObject.TYPE_NONE
                others.append(dialog.get_widget(property_of(name), kind))
        for widget in (*sliders, labelled(_("Det_ail map"), self._map), *others):
            self.pack_start(widget, False, False, 0)

    def show_map(self, detail_map: Gimp.Drawable | None) -> None:
        """Show which detail map is chosen."""
        self._map.select(detail_map)


def _slider(dialog: GimpUi.ProcedureDialog, name: str) -> Gtk.Widget:
    allowed = ranges()[name]
    slider = dialog.get_spin_scale(property_of(name), 100.0)
    slider.get_adjustment().set_lower(allowed.minimum * 100)
    slider.set_digits(0)
    slider.set_increments(1, 10)
    if allowed.logarithmic:
        slider.set_gamma(2.0)
    slider.set_label(_("{name} (%)").format(name=_(allowed.label)))
    slider.set_tooltip_text(_(allowed.help))
    return slider
