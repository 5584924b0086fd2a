"""The dialog's rows for a style that isn't from the gallery: a picture file or a layer, and its crop."""

from gi.repository import Gimp, Gtk

from impasto_plugin.arguments import StyleChoice, apply_values
from impasto_plugin.crop import Crop
from impasto_plugin.texts import _
from impasto_wire.pictures import Pixels

from .cropper import Cropper
from .drawables import DrawableChooser, open_layers
from .layout import labelled
from .window import pixbuf_of

_MORE_TYPES = ("application/pdf", "application/postscript", "application/illustrator", "application/x-krita")
"""What GIMP opens besides `image/*`."""


class OwnStyle(Gtk.Box):
    """Your picture, From a layer, and a cropper once there is one of them."""

    def __init__(self, config: Gimp.ProcedureConfig) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        self._file = Gtk.FileChooserButton(title=_("A picture to paint like"))
        for file_filter in _filters():
            self._file.add_filter(file_filter)
        self._file.connect("file-set", lambda button: config.set_property("style-file", button.get_file()))
        self._cropper = Cropper(lambda crop: apply_values(config, crop.values()))
        self._shown: tuple[Pixels | None, Crop] | None = None
        self._layer = DrawableChooser(
            open_layers,
            _("None"),
            _("A layer of an open image to paint like: what is selected of it and opaque"),
            lambda chosen: config.set_property("style-drawable", chosen),
        )
        rows = labelled(_("_Your picture"), self._file), labelled(_("_From a layer"), self._layer)
        for widget in (*rows, self._cropper):
            self.pack_start(widget, False, False, 0)

    def show_choice(self, choice: StyleChoice, picture: Pixels | None) -> None:
        """Show where the style comes from; `picture` is the person's own, before it is cropped."""
        path = None if choice.file is None else str(choice.file)
        if path is None:
            self._file.unselect_all()
        elif self._file.get_filename() != path:
            self._file.set_filename(path)
        self._layer.select(choice.drawable)
        if self._shown != (picture, choice.crop):
            self._shown = (picture, choice.crop)
            self._cropper.show_style(None if picture is None else pixbuf_of(picture), choice.crop)


def _filters() -> tuple[Gtk.FileFilter, Gtk.FileFilter]:
    """Pictures, and whatever else GIMP may open."""
    pictures, everything = Gtk.FileFilter(), Gtk.FileFilter()
    pictures.set_name(_("Pictures"))
    for kind in ("image/*", *_MORE_TYPES):
        pictures.add_mime_type(kind)
    everything.set_name(_("All files"))
    everything.add_pattern("*")
    return pictures, everything
