"""What a person does with their own styles in the gallery: rename, crop again, export, import, delete with undo."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from gi.repository import GdkPixbuf, GLib, Gtk

from impasto_plugin.crop import Crop
from impasto_plugin.image.kinds import is_styles_own
from impasto_plugin.texts import _, as_sentence
from impasto_presets import (
    Preset,
    export_preset,
    files_of,
    import_preset,
    remove_preset,
    rename_preset,
    replace_picture,
    restore_files,
    user_folder,
)
from impasto_presets.own import LARGEST_PICTURE, LARGEST_THUMBNAIL
from impasto_presets.parcel import FIRST_WORDS
from impasto_wire.errors import ImpastoError

from .choosers import chosen_files, file_to_write
from .cropper import HOW, Cropper
from .menus import Entry
from .save_style import SMALL_SIDE, jpeg
from .tiles import middle_of
from .undoing import Undo

PARCEL_SUFFIX = ".impasto-style"


class Shelf(Protocol):
    """Where the styles are shown."""

    def add_style(self, preset: Preset) -> None:
        """Show a new one."""

    def replace_style(self, preset: Preset) -> None:
        """Show a style that was changed."""

    def remove_style(self, name: str) -> None:
        """Show it no longer."""


def is_own(preset: Preset) -> bool:
    """Is it one of the person's own styles, which can be changed?"""
    return bool(preset.pictures) and preset.pictures[0].picture.parent == user_folder()


def is_parcel(file: Path) -> bool:
    """Is a file a style that somebody has exported?"""
    try:
        with file.open("rb") as opened:
            return opened.read(len(FIRST_WORDS)) == FIRST_WORDS
    except OSError:
        return False


class OwnMenu:
    """The entries of a style of one's own, and what they do. `parent` answers which window the questions belong to."""

    def __init__(self, shelf: Shelf, undo: Undo, parent: Callable[[], Gtk.Window]) -> None:
        self._shelf, self._undo, self._parent = shelf, undo, parent

    def entries(self, preset: Preset) -> list[Entry | None]:
        """The menu's entries for a style; few for a shipped one."""
        found: list[Entry | None] = []
        if is_own(preset):
            found = [
                None,
                Entry(_("_Rename…"), lambda: self.rename(preset)),
                Entry(_("_Crop Again…"), lambda: self.crop(preset)),
                Entry(_("_Export…"), lambda: self.export(preset)),
                Entry(_("_Delete"), lambda: self.delete(preset)),
            ]
        return [*found, None, self.importing()]

    def importing(self) -> Entry:
        """The entry that adds styles from files."""
        return Entry(_("_Import Styles…"), self.choose_parcels)

    def rename(self, preset: Preset) -> None:
        """Ask for another name until it can be used or the person cancels."""
        dialog = _Asking(self._parent(), _("Rename the Style"), _("_Rename"))
        entry = Gtk.Entry(text=_(preset.title), activates_default=True, hexpand=True)
        label = Gtk.Label(label=_("_Name"), use_underline=True, mnemonic_widget=entry, xalign=0)
        row = Gtk.Box(spacing=12)
        row.pack_start(label, False, False, 0)
        row.pack_start(entry, True, True, 0)
        dialog.ask(row, lambda: self._change(preset, lambda: self.rename_to(preset, entry.get_text())))

    def rename_to(self, preset: Preset, title: str) -> Preset:
        """Give it that name. Raises `PresetError`."""
        return rename_preset(preset.name, user_folder(), title)

    def crop(self, preset: Preset) -> None:
        """Let the person choose a part of the style's picture, which becomes the picture."""
        dialog = _Asking(self._parent(), _("Crop the Style's Picture"), _("C_rop"))
        chosen = [Crop()]
        cropper = Cropper(lambda crop: chosen.__setitem__(0, crop))
        file = preset.pictures[0].picture
        if not is_styles_own(file):
            self._say(_("The picture of “{style}” can't be read").format(style=_(preset.title)))
            return
        try:
            picture = GdkPixbuf.Pixbuf.new_from_file(str(file))
        except GLib.Error as error:
            self._say(error.message)
            return
        cropper.show_style(picture, Crop())
        column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        column.pack_start(cropper, False, False, 0)
        column.pack_start(Gtk.Label(label=HOW, xalign=0, wrap=True, max_width_chars=32), False, False, 0)
        dialog.ask(column, lambda: self._change(preset, lambda: self.crop_to(preset, picture, chosen[0])))

    def crop_to(self, preset: Preset, picture: GdkPixbuf.Pixbuf, crop: Crop) -> Preset:
        """Take that part of its picture. Raises `PresetError`."""
        part = picture.new_subpixbuf(*crop.box(picture.get_width(), picture.get_height())).copy()
        thumbnail = jpeg(middle_of(part, SMALL_SIDE), LARGEST_THUMBNAIL)
        return replace_picture(preset.name, user_folder(), jpeg(part, LARGEST_PICTURE), thumbnail)

    def _change(self, preset: Preset, change: Callable[[], Preset]) -> None:
        """Change a style, and offer to bring back what it was. Raises `ImpastoError`."""
        files = files_of(preset.name, user_folder())
        self._shelf.replace_style(change())

        def bring_back() -> None:
            self._trying(lambda: self._shelf.replace_style(restore_files(preset.name, user_folder(), files)))

        self._undo.offer(_("“{style}” was changed").format(style=_(preset.title)), bring_back)

    def delete(self, preset: Preset) -> None:
        """Remove its files, and keep them in memory until the dialog is closed."""

        def remove() -> None:
            files = files_of(preset.name, user_folder())
            remove_preset(preset.name, user_folder())
            self._shelf.remove_style(preset.name)
            self._undo.offer(
                _("“{style}” was deleted").format(style=_(preset.title)),
                lambda: self._trying(lambda: self._bring_back(preset.name, files)),
            )

        self._trying(remove)

    def _bring_back(self, name: str, files: dict[str, bytes]) -> None:
        """Bring a deleted style back, in place of another that was imported under its name meanwhile."""
        is_there = (user_folder() / f"{name}.json").exists()
        show = self._shelf.replace_style if is_there else self._shelf.add_style
        show(restore_files(name, user_folder(), files))

    def export(self, preset: Preset) -> None:
        """Ask where to, and write the style into one file."""
        name = f"{preset.name}{PARCEL_SUFFIX}"
        path = file_to_write(self._parent(), _("Export the Style"), name, _("_Export"))
        if path:
            self._trying(lambda: export_preset(preset, path))

    def choose_parcels(self) -> None:
        """Ask which files, and add the styles in them."""
        chooser = Gtk.FileChooserDialog(
            title=_("Import Styles"), transient_for=self._parent(), modal=True, select_multiple=True
        )
        self.take_parcels(chosen_files(chooser, _("_Import")))

    def take_parcels(self, files: Sequence[Path]) -> None:
        """Add the styles in those files."""
        for file in files:
            self._trying(lambda file=file: self._shelf.add_style(import_preset(file, user_folder())))

    def _trying(self, act: Callable[[], object]) -> None:
        try:
            act()
        except ImpastoError as error:
            self._say(str(error))

    def _say(self, sentence: str) -> None:
        box = Gtk.MessageDialog(
            transient_for=self._parent(),
            modal=True,
            text=as_sentence(sentence),
            message_type=Gtk.MessageType.ERROR,
            buttons=Gtk.ButtonsType.NONE,
            title=_("Styles"),
        )
        box.add_button(_("_Close"), Gtk.ResponseType.CLOSE)
        box.run()
        box.destroy()


class _Asking(Gtk.Dialog):
    """A question with Cancel and another button; what is wrong with the answer stands below it."""

    def __init__(self, parent: Gtk.Window, title: str, button: str) -> None:
        super().__init__(title=title, transient_for=parent, modal=True, resizable=False)
        self.add_button(_("_Cancel"), Gtk.ResponseType.CANCEL)
        self.add_button(button, Gtk.ResponseType.OK)
        self.set_default_response(Gtk.ResponseType.OK)
        self._fault = Gtk.Label(xalign=0, wrap=True, max_width_chars=40, no_show_all=True)
        self.get_content_area().set_properties(border_width=12, spacing=6)

    def ask(self, widget: Gtk.Widget, act: Callable[[], object]) -> None:
        """Let the person answer until `act` succeeds, or they cancel."""
        for part in (widget, self._fault):
            self.get_content_area().add(part)
        self.show_all()
        while self.run() == Gtk.ResponseType.OK:
            try:
                act()
            except ImpastoError as error:  # noqa: PERF203
                self._fault.set_text(as_sentence(str(error)))
                self._fault.show()
            else:
                break
        self.destroy()
