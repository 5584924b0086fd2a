"""A style that isn't from the gallery: a picture file or a layer, chosen by two tiles, and its crop."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from gi.repository import GdkPixbuf, Gimp, Gio, GLib, Gtk, Pango

from impasto_plugin.arguments import StyleChoice, apply_values
from impasto_plugin.crop import Crop
from impasto_plugin.image.kinds import can_be_shown
from impasto_plugin.texts import _
from impasto_wire.pictures import Pixels

from .choosers import chosen_files
from .cropper import HOW, Cropper
from .drawables import open_layers
from .menus import Entry, open_menu
from .screens import fineness, roomy, show_picture
from .tiles import middle_of
from .window import pixbuf_of

_MORE_TYPES = ("application/pdf", "application/postscript", "application/illustrator", "application/x-krita")
"""What GIMP opens besides `image/*`."""
_SEEN_SIDE = 200
"""Sides of the picture in the file chooser."""
_SIDE = 56
"""Sides of the picture in a tile."""


class OwnTile(Gtk.Button):
    """A tile for a style of the person's own: a sign, or the picture that is chosen."""

    def __init__(self, label: str, icon: str, hint: str) -> None:
        super().__init__(relief=Gtk.ReliefStyle.NONE, tooltip_text=hint)
        self._icon, self._image = icon, Gtk.Image(pixel_size=roomy(_SIDE) // 2)
        self._image.set_size_request(roomy(_SIDE), roomy(_SIDE))
        text = Gtk.Label(label=label, use_underline=True, mnemonic_widget=self)
        text.set_properties(ellipsize=Pango.EllipsizeMode.END, max_width_chars=12)
        column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=2)
        column.pack_start(self._image, False, False, 0)
        column.pack_start(text, False, False, 0)
        self.add(column)
        self.get_accessible().set_name(label.replace("_", ""))
        self.show_picture(None)

    def show_picture(self, picture: GdkPixbuf.Pixbuf | None) -> None:
        """Show the chosen picture; None: another style is chosen."""
        self.set_relief(Gtk.ReliefStyle.NONE if picture is None else Gtk.ReliefStyle.NORMAL)
        if picture is None:
            self._image.set_from_icon_name(self._icon, Gtk.IconSize.DIALOG)
        else:
            show_picture(self._image, middle_of(picture, roomy(_SIDE) * fineness()), fineness())


class OwnStyle(Gtk.Box):
    """The cropper of the chosen picture, hidden where there is none; `tiles` are for the gallery."""

    def __init__(self, config: Gimp.ProcedureConfig) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=2, no_show_all=True)
        self._config = config
        self._file = OwnTile(_("_Your picture…"), "document-open", _("A picture file to paint like"))
        self._file.connect("clicked", self._choose_file)
        hint = _("A layer of an open image to paint like: what is selected of it and opaque")
        self._layer = OwnTile(_("_From a layer…"), "gimp-layer", hint)
        self._layer.connect("clicked", self._choose_layer)
        self._layer.connect("popup-menu", self._choose_layer)
        self.tiles = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, homogeneous=True)
        for tile in (self._file, self._layer):
            self.tiles.pack_start(tile, True, True, 0)
        self._cropper = Cropper(lambda crop: apply_values(config, crop.values()))
        self._shown: tuple[Pixels | None, Crop] | None = None
        how = Gtk.Label(label=HOW, xalign=0, wrap=True, max_width_chars=24, visible=True)
        self.pack_start(self._cropper, False, False, 0)
        self.pack_start(how, False, False, 0)

    def show_choice(self, choice: StyleChoice, picture: Pixels | None) -> None:
        """Show where the style comes from; `picture` is the person's own, before it is cropped."""
        if self._shown == (picture, choice.crop):
            return
        self._shown = (picture, choice.crop)
        shown = None if picture is None else pixbuf_of(picture)
        self._file.show_picture(shown if choice.drawable is None else None)
        self._layer.show_picture(shown if choice.drawable is not None else None)
        self._cropper.show_style(shown, choice.crop)
        self.set_visible(shown is not None)

    def _choose_file(self, _tile: Gtk.Button) -> None:
        chooser = Gtk.FileChooserDialog(title=_("A picture to paint like"), transient_for=self._window(), modal=True)
        for file_filter in _filters():
            chooser.add_filter(file_filter)
        show_pictures(chooser)
        chosen = self._config.get_property("style-file")
        if chosen is not None and chosen.get_path():
            chooser.set_filename(chosen.get_path())
        for file in chosen_files(chooser, _("_Open")):
            self.take_file(file)

    def take_file(self, file: Path) -> None:
        """Paint like that picture."""
        self._config.set_property("style-file", Gio.File.new_for_path(str(file)))

    def _choose_layer(self, tile: Gtk.Button) -> bool:
        def choosing(layer: Gimp.Drawable) -> Callable[[], None]:
            return lambda: self._config.set_property("style-drawable", layer)

        return open_menu(tile, [Entry(name.replace("_", "__"), choosing(layer)) for layer, name in open_layers()])

    def _window(self) -> Gtk.Window:
        return self.tiles.get_toplevel()


def show_pictures(chooser: Gtk.FileChooserDialog) -> None:
    """Show the picture that is pointed at beside the list of files."""
    shown = Gtk.Image(margin=8)
    shown.set_size_request(roomy(_SEEN_SIDE), -1)
    shown.get_accessible().set_name(_("The picture that is pointed at"))

    def update(chooser: Gtk.FileChooserDialog) -> None:
        picture, fine = None, fineness()
        file, side = chooser.get_preview_filename(), roomy(_SEEN_SIDE) * fine
        if file and can_be_shown(Path(file)):
            with suppress(GLib.Error):
                picture = GdkPixbuf.Pixbuf.new_from_file_at_size(file, side, side)
                show_picture(shown, picture.apply_embedded_orientation() or picture, fine)
        chooser.set_preview_widget_active(picture is not None)

    chooser.set_preview_widget(shown)
    chooser.set_use_preview_label(False)
    chooser.connect("update-preview", update)


def _filters() -> tuple[Gtk.FileFilter, Gtk.FileFilter]:
    """Pictures, and whatever else GIMP may open."""
    pictures, everything = Gtk.FileFilter(), Gtk.FileFilter()
    pictures.set_name(_("Pictures"))
    for kind in ("image/*", *_MORE_TYPES):
        pictures.add_mime_type(kind)
    everything.set_name(_("All files"))
    everything.add_pattern("*")
    return pictures, everything
