"""The button that deletes what Impasto keeps of a person's pictures outside of them."""

from gi.repository import Gtk

from impasto_plugin.keeps import kept_pictures
from impasto_plugin.texts import _
from impasto_presets import cache_folder, forget_pictures


class Forgetting(Gtk.Button):
    """Asks once, and says what there is and where; paintings, images and styles of one's own stay."""

    def __init__(self) -> None:
        super().__init__(label=_("Forget My Pict_ures…"), use_underline=True)
        self.set_tooltip_text(_("Delete the tries and thumbnails of your pictures that lie outside of them"))
        self.connect("clicked", self._ask)

    def _ask(self, _button: Gtk.Button) -> None:
        tries, thumbnails = kept_pictures()
        text = _("Tries: {tries}; thumbnails: {thumbnails}. Delete them, and the settings kept for your pictures?")
        question = Gtk.MessageDialog(
            transient_for=self.get_toplevel(),
            modal=True,
            text=text.format(tries=tries, thumbnails=thumbnails),
            secondary_text=_(
                "They lie in {folder}, where only you can read them, and go by themselves after 30 days. "
                "Paintings, images and your own styles stay."
            ).format(folder=cache_folder()),
            message_type=Gtk.MessageType.QUESTION,
            buttons=Gtk.ButtonsType.NONE,
            title=_("Forget My Pictures"),
        )
        question.add_button(_("_Cancel"), Gtk.ResponseType.CANCEL)
        question.add_button(_("_Delete"), Gtk.ResponseType.OK)
        if question.run() == Gtk.ResponseType.OK:
            forget_pictures()
        question.destroy()
