"""What the layer is painted like, above the settings: a style's name, a mix with its shares, or one's own picture."""

from gi.repository import GLib, Gtk, Pango

from impasto_plugin.arguments import StyleChoice
from impasto_plugin.image.styles import style_name


class StyleName(Gtk.Label):
    """The name of what is chosen, always two lines high."""

    def __init__(self) -> None:
        super().__init__(xalign=0, yalign=0, wrap=True, lines=2, ellipsize=Pango.EllipsizeMode.END, max_width_chars=24)
        layout = self.create_pango_layout("Ág")
        self.set_size_request(-1, 2 * layout.get_pixel_size()[1] + 6)

    def show_choice(self, choice: StyleChoice) -> None:
        """Show what is chosen."""
        name = style_name(choice)
        self.set_markup(f"<b><big>{GLib.markup_escape_text(name)}</big></b>")
        self.set_tooltip_text(name)
