"""The button that takes away an engine that was set up from here."""

from threading import Thread

from gi.repository import GLib, Gtk

from impasto_plugin.texts import _, as_sentence
from impasto_setup.errors import SetUpError
from impasto_setup.places import spelled, this_prefix
from impasto_setup.set_up import remove_engine, this_filter


class Removing(Gtk.Button):
    """Asks once; then the dialog closes, for without an engine it can't paint."""

    def __init__(self, dialog: Gtk.Dialog) -> None:
        super().__init__(label=_("Remo_ve the Engine…"), use_underline=True)
        self.set_tooltip_text(_("Free the disk that the engine takes; the filter stays, and can set it up again"))
        self._dialog = dialog
        self.connect("clicked", self._ask)

    def _ask(self, _button: Gtk.Button) -> None:
        question = Gtk.MessageDialog(
            transient_for=self._dialog,
            modal=True,
            text=_("Remove Impasto's painting engine?"),
            secondary_text=_("It lies in {folder}. Paintings, images, your own styles and favourites stay.").format(
                folder=spelled(this_prefix())
            ),
            message_type=Gtk.MessageType.QUESTION,
            buttons=Gtk.ButtonsType.NONE,
            title=_("Set Up Impasto"),
        )
        question.add_button(_("_Cancel"), Gtk.ResponseType.CANCEL)
        remove_button = question.add_button(_("_Remove"), Gtk.ResponseType.OK)
        failed: list[SetUpError] = []
        if question.run() == Gtk.ResponseType.OK:
            remove_button.set_sensitive(False)
            question.set_property("text", _("Removing…"))
            Thread(target=self._remove, args=(question, failed), name="impasto-remove", daemon=True).start()
            while question.run() != Gtk.ResponseType.CLOSE:
                pass
            if not failed:
                self._dialog.response(Gtk.ResponseType.CANCEL)
        question.destroy()

    @staticmethod
    def _remove(question: Gtk.MessageDialog, failed: list[SetUpError]) -> None:
        """On a thread of its own."""

        def end(error: SetUpError | None) -> None:
            if error:
                failed.append(error)
                question.set_property("text", as_sentence(_(error.text).format(**error.values)))
                question.add_button(_("_Close"), Gtk.ResponseType.CLOSE)
            else:
                question.response(Gtk.ResponseType.CLOSE)

        try:
            remove_engine(this_filter())
        except SetUpError as error:
            GLib.idle_add(end, error)
        else:
            GLib.idle_add(end, None)
