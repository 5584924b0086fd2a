"""What the layer is painted like, above the settings: a style's name, a mix with its shares, or one's own picture."""

from gi.repository import GLib, Gtk, Pango

from impasto_plugin.arguments import StyleChoice
from impasto_plugin.image.mixes import chosen_preset, mix_from, percents
from impasto_plugin.texts import _
from impasto_wire.errors import ImpastoError


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


def style_name(choice: StyleChoice) -> str:
    """What the layer is painted like, in words."""
    if choice.drawable is not None:
        return str(choice.drawable.get_name())
    if choice.file is not None:
        return choice.file.name
    try:
        mix = mix_from(choice.preset)
        titles = [_(chosen_preset(name).title) for name, _share in mix]
    except ImpastoError:  # the preview says so
        return choice.preset
    if len(mix) < 2:
        return titles[0] if titles else _(chosen_preset("").title)
    return " + ".join(f"{title} {percent} %" for title, percent in zip(titles, percents(mix), strict=True))
