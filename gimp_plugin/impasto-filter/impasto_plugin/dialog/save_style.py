"""“Save as style…”: the present style and settings as a style of the person's own, with this layer as its sample."""

from gi.repository import GdkPixbuf, Gtk

from impasto_plugin.image.styles import Style
from impasto_plugin.texts import _, as_sentence
from impasto_presets import GROUPS, Preset, name_for, save_preset, user_folder
from impasto_presets.own import LARGEST_PICTURE, LARGEST_THUMBNAIL
from impasto_wire.errors import PresetError
from impasto_wire.settings import Settings

from .tiles import middle_of
from .window import pixbuf_of, without_alpha

SMALL_SIDE = 256
LARGE_SIDE = 1600
_QUALITIES = (92, 85, 75, 60, 45)


def ask_and_save(parent: Gtk.Window, style: Style, settings: Settings, sample: GdkPixbuf.Pixbuf) -> Preset | None:
    """Ask for a name and a group, and save the style; None if the person cancels."""
    dialog = _Naming(parent, style.title)
    try:
        while dialog.run() == Gtk.ResponseType.OK:
            try:
                return save_style(dialog.title, dialog.group, style, settings, sample)
            except PresetError as error:  # noqa: PERF203
                dialog.show_fault(as_sentence(str(error)))
    finally:
        dialog.destroy()
    return None


def save_style(title: str, group: str, style: Style, settings: Settings, sample: GdkPixbuf.Pixbuf) -> Preset:
    """A style of the person's own, written. Raises `PresetError`."""
    preset = Preset(name_for(title), title, group or GROUPS[-1], recipe=style.recipe, settings=settings)
    pictures = [weighted.map(pixbuf_of) for weighted in style.pictures]
    drawn = [picture.map(lambda pixbuf: jpeg(_shrunk(pixbuf, LARGE_SIDE), LARGEST_PICTURE)) for picture in pictures]
    squares = middle_of(pictures[0].picture, SMALL_SIDE), middle_of(sample, SMALL_SIDE)
    thumbnail, made = (jpeg(square, LARGEST_THUMBNAIL) for square in squares)
    return save_preset(user_folder(), preset, drawn, thumbnail, made)


class _Naming(Gtk.Dialog):
    """Asks for a name and a group."""

    def __init__(self, parent: Gtk.Window, title: str) -> None:
        super().__init__(title=_("Save as Style"), transient_for=parent, modal=True, resizable=False)
        self.add_button(_("_Cancel"), Gtk.ResponseType.CANCEL)
        self.add_button(_("_Save"), Gtk.ResponseType.OK)
        self.set_default_response(Gtk.ResponseType.OK)
        self._title = Gtk.Entry(text=_("{style}, mine").format(style=_(title)), activates_default=True, hexpand=True)
        self._groups = Gtk.ComboBoxText.new_with_entry()
        for group in (GROUPS[-1], *GROUPS[:-1]):
            self._groups.append(group, _(group))
        self._groups.set_active(0)
        self._fault = Gtk.Label(xalign=0, wrap=True, max_width_chars=40, no_show_all=True)
        grid = Gtk.Grid(row_spacing=6, column_spacing=12, border_width=12)
        for row, (label, widget) in enumerate(((_("_Name"), self._title), (_("_Group"), self._groups))):
            grid.attach(Gtk.Label(label=label, use_underline=True, xalign=0, mnemonic_widget=widget), 0, row, 1, 1)
            grid.attach(widget, 1, row, 1, 1)
        grid.attach(self._fault, 0, 2, 2, 1)
        self.get_content_area().add(grid)
        self.show_all()

    @property
    def title(self) -> str:
        return self._title.get_text().strip()

    @property
    def group(self) -> str:
        """One of the groups by its own name, or another that was typed."""
        return self._groups.get_active_id() or self._groups.get_active_text().strip()

    def show_fault(self, sentence: str) -> None:
        """Say what is wrong with the name."""
        self._fault.set_text(sentence)
        self._fault.show()


def _shrunk(pixbuf: GdkPixbuf.Pixbuf, longest: int) -> GdkPixbuf.Pixbuf:
    scale = min(1.0, longest / max(pixbuf.get_width(), pixbuf.get_height()))
    size = (max(1, round(side * scale)) for side in (pixbuf.get_width(), pixbuf.get_height()))
    return pixbuf if scale == 1 else pixbuf.scale_simple(*size, GdkPixbuf.InterpType.BILINEAR)


def jpeg(pixbuf: GdkPixbuf.Pixbuf, most: int) -> bytes:
    """The picture as a JPEG of at most `most` bytes, in the best quality that fits; made smaller if none does."""
    pixbuf = without_alpha(pixbuf)
    while True:
        for quality in _QUALITIES:
            _is_saved, data = pixbuf.save_to_bufferv("jpeg", ["quality"], [str(quality)])
            if len(data) <= most:
                return bytes(data)
        pixbuf = _shrunk(pixbuf, max(pixbuf.get_width(), pixbuf.get_height()) * 3 // 4)
