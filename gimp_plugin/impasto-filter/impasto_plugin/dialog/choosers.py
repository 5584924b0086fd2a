"""GTK's file choosers: asked, answered and closed in one way."""

from pathlib import Path

from gi.repository import Gtk

from impasto_plugin.texts import _


def chosen_files(chooser: Gtk.FileChooserDialog, button: str) -> list[Path]:
    """The files that the person chooses; none after Cancel. The chooser is closed then."""
    chooser.add_button(_("_Cancel"), Gtk.ResponseType.CANCEL)
    chooser.add_button(button, Gtk.ResponseType.OK)
    chooser.set_default_response(Gtk.ResponseType.OK)
    try:
        is_chosen = chooser.run() == Gtk.ResponseType.OK
        return [Path(name) for name in chooser.get_filenames()] if is_chosen else []
    finally:
        chooser.destroy()


def file_to_write(parent: Gtk.Window, title: str, name: str, button: str) -> Path | None:
    """Where the person wants something to be written, which is called `name` at first; None after Cancel."""
    chooser = Gtk.FileChooserDialog(
        title=title,
        transient_for=parent,
        modal=True,
        action=Gtk.FileChooserAction.SAVE,
        do_overwrite_confirmation=True,
    )
    chooser.set_current_name(name)
    return next(iter(chosen_files(chooser, button)), None)
