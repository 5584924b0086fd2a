"""The dialog's rows for where the painting goes, and the question about a painting whose source is gone."""

from collections.abc import Sequence

import gi

gi.require_version("GimpUi", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gimp, GimpUi, GObject, Gtk  # noqa: E402

from impasto_plugin.arguments import row_labels  # noqa: E402
from impasto_plugin.texts import _  # noqa: E402
from impasto_setup.set_up import is_removable, this_filter  # noqa: E402

from .forgetting import Forgetting  # noqa: E402
from .removing import Removing  # noqa: E402


def output_rows(dialog: GimpUi.ProcedureDialog, config: Gimp.ProcedureConfig, image: Gimp.Image) -> Gtk.Widget:
    """Where the painting goes and how it lies there."""
    rows = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
    choices = {name: dialog.get_widget(name, Gtk.ComboBox) for name in ("result", "region", "blend-mode")}
    opacity = dialog.get_spin_scale("opacity", 1.0)
    opacity.set_digits(0)
    opacity.set_label(_("{name} (%)").format(name=row_labels()["opacity"]))
    opacity.get_accessible().set_name(_("Opacity"))
    for widget in (*choices.values(), opacity):
        rows.pack_start(widget, False, False, 0)
    rows.pack_start(dialog.get_widget("save-tries", GObject.TYPE_NONE), False, False, 0)
    rows.pack_start(Forgetting(), False, False, 0)
    if is_removable(this_filter()):
        rows.pack_start(Removing(dialog), False, False, 0)
    # What can't be chosen is not shown; `config` keeps what was chosen for other images.
    choices["region"].set_no_show_all(True)
    choices["region"].set_visible(not Gimp.Selection.is_empty(image))
    if image.get_base_type() == Gimp.ImageBaseType.INDEXED:
        choices["result"].set_no_show_all(True)
        choices["result"].hide()
    return rows


def is_wanted(procedure: Gimp.Procedure, question: str) -> bool:
    """Does the person say yes to a question?"""
    dialog = _question(procedure, question)
    try:
        return bool(dialog.run() == Gtk.ResponseType.OK)
    finally:
        dialog.destroy()


def ask_source(procedure: Gimp.Procedure, question: str, layers: Sequence[Gimp.Layer]) -> Gimp.Layer | None:
    """Which of the layers the person chooses; None after Cancel."""
    dialog = _question(procedure, question)
    names = Gtk.ComboBoxText(visible=True)
    for layer in layers:
        names.append_text(layer.get_name())
    names.set_active(0)
    dialog.get_message_area().pack_start(names, False, False, 0)
    try:
        return layers[names.get_active()] if dialog.run() == Gtk.ResponseType.OK else None
    finally:
        dialog.destroy()


def _question(procedure: Gimp.Procedure, question: str) -> Gtk.MessageDialog:
    GimpUi.init(procedure.get_name())
    dialog = Gtk.MessageDialog(
        text=question,
        message_type=Gtk.MessageType.QUESTION,
        buttons=Gtk.ButtonsType.NONE,
        title=_("Impasto Style Transfer"),
        window_position=Gtk.WindowPosition.CENTER,
    )
    dialog.add_button(_("_Cancel"), Gtk.ResponseType.CANCEL)
    dialog.add_button(_("_Paint This Layer"), Gtk.ResponseType.OK)
    dialog.set_default_response(Gtk.ResponseType.OK)
    return dialog
