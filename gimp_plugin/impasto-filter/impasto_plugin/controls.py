"""The rows of the dialog's settings, made from the settings table."""

from gi.repository import Gimp, GimpUi, GObject, Gtk

from impasto_wire.settings import ranges

from .arguments import property_of
from .maps import MapChooser
from .texts import _


class Controls(Gtk.Box):
    """Where the style comes from if not from the gallery, and how it is painted."""

    def __init__(self, dialog: GimpUi.ProcedureDialog, config: Gimp.ProcedureConfig, image: Gimp.Image) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        self._file = Gtk.FileChooserButton(title=_("A picture to paint like"))
        self._file.add_filter(_pictures_filter())
        self._file.connect("file-set", lambda button: config.set_property("style-file", button.get_file()))
        self._map = MapChooser(image, lambda chosen: config.set_property("detail-map", chosen))
        sources = _row(_("_Your picture"), self._file)
        sources.pack_start(dialog.get_widget("style-drawable", GObject.TYPE_NONE), False, False, 0)
        maps = _row(_("Det_ail map"), self._map)
        maps.pack_start(dialog.get_widget("paint-at", Gtk.ComboBox), False, False, 0)
        others = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=12)
        for name, allowed in ranges().items():
            if not allowed.percent:
                kind = Gtk.ComboBox if allowed.choices else GObject.TYPE_NONE
                others.pack_start(dialog.get_widget(property_of(name), kind), True, True, 0)
        sliders = [_slider(dialog, name) for name, allowed in ranges().items() if allowed.percent]
        for widget in (sources, *sliders, maps, others):
            self.pack_start(widget, False, False, 0)

    def show_config(self, config: Gimp.ProcedureConfig) -> None:
        """Show what GIMP's own widgets don't show by themselves."""
        self._map.select(config.get_property("detail-map"))
        file = config.get_property("style-file")
        path = file.get_path() if file else None
        if path is None:
            self._file.unselect_all()
        elif self._file.get_filename() != path:
            self._file.set_filename(path)


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


def _row(label: str, widget: Gtk.Widget) -> Gtk.Box:
    """A widget with its label before it."""
    row = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=6)
    row.pack_start(Gtk.Label(label=label, use_underline=True, mnemonic_widget=widget), False, False, 0)
    row.pack_start(widget, True, True, 0)
    return row


def _pictures_filter() -> Gtk.FileFilter:
    pictures = Gtk.FileFilter()
    pictures.set_name(_("Pictures"))
    pictures.add_mime_type("image/*")
    return pictures
