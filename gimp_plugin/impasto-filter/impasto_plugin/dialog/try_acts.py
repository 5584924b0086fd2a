"""What else a try's context menu does: copies its settings as text, saves its picture."""

from collections.abc import Callable, Sequence
from pathlib import Path

from gi.repository import Gdk, Gimp, GLib, Gtk

from impasto_plugin.commands import command_line, lacking, script_fu, why_no_command
from impasto_plugin.image.layers import file_of
from impasto_plugin.image.scaling import painted_size
from impasto_plugin.texts import _, as_sentence
from impasto_wire.errors import ImpastoError
from impasto_wire.files import write_whole

from .choosers import file_to_write
from .menus import Entry
from .tries import Try
from .window import without_alpha

_ENDINGS = {".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png"}


class TryActs:
    """The entries; `on_save` is asked to save a try as a style, `on_text` says what was done."""

    def __init__(
        self,
        layer: Gimp.Layer,
        parent: Callable[[], Gtk.Window],
        on_save: Callable[[Try], object],
        on_text: Callable[[str], object],
    ) -> None:
        self._layer, self._parent, self._on_save, self._on_text = layer, parent, on_save, on_text

    def entries(self, made: Try) -> Sequence[Entry | None]:
        """The lines of the menu."""
        return (
            Entry(_("Copy as Command _Line"), lambda: self._copy_command(made), why_not=why_no_command(made.values)),
            Entry(_("Copy as Script-_Fu"), lambda: self._copy(script_fu(made.values)), why_not=lacking(made.values)),
            None,
            Entry(_("Save as _Style…"), lambda: self._on_save(made)),
            Entry(_("Save P_icture…"), lambda: self._save_picture(made)),
        )

    def _copy_command(self, made: Try) -> None:
        file = file_of(self._layer.get_image())
        picture = Path(file.get_path()) if file is not None and file.get_path() else None
        size = self._layer.get_width(), self._layer.get_height()
        at, longest = made.values.get("paint-at", "full"), made.values.get("paint-size", 0)
        try:
            self._copy(command_line(made.values, picture, max(painted_size(size, at, longest))))
        except ImpastoError as error:
            self._on_text(as_sentence(str(error)))

    def _copy(self, text: str) -> None:
        board = Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD)
        board.set_text(text, -1)
        board.store()
        self._on_text(_("Copied; paste it where you like."))

    def _save_picture(self, made: Try) -> None:
        name = f"{_(made.title)}.png".replace("/", "-")
        path = file_to_write(self._parent(), _("Save the Try's Picture"), name, _("_Save"))
        if path:
            self.save_picture(made, path)

    def save_picture(self, made: Try, file: Path) -> None:
        """Write a try's picture, which is as large as the preview, as the file's ending says: PNG or JPEG."""
        kind = _ENDINGS.get(file.suffix.lower())
        file = file if kind else file.with_name(f"{file.name}.png")
        picture = without_alpha(made.picture) if kind == "jpeg" else made.picture
        try:
            _, data = picture.save_to_bufferv(kind or "png", [], [])
            write_whole(file, bytes(data))
        except (GLib.Error, OSError) as error:
            self._on_text(as_sentence(getattr(error, "message", None) or str(error)))
        else:
            self._on_text(_("Saved as {file}.").format(file=file.name))
