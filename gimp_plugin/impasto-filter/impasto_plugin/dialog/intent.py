"""The line that says, before Paint is pressed, what it will do; and the choice about an earlier painting."""

from collections.abc import Sequence

from gi.repository import Gimp, Gtk, Pango

from impasto_plugin.arguments import PAINT_FRAMES
from impasto_plugin.image.layers import has_soft_edges
from impasto_plugin.image.subjects import Target, has_changed, has_mask
from impasto_plugin.texts import _

NEW_LAYER = ("new-layer", "hide-original")


class Intent(Gtk.Box):
    """One sentence, kept true as the arguments change, and for an earlier painting *Add another* or *Replace it*.

    *Add another* is what a dialog begins with each time: nothing is ever lost by it, and a painting that isn't wanted
    any more is deleted with a key. *Replace it* is for a source that was edited.
    """

    def __init__(
        self, procedure: Gimp.Procedure, config: Gimp.ProcedureConfig, targets: Sequence[Target], frames: int
    ) -> None:
        super().__init__(orientation=Gtk.Orientation.HORIZONTAL, spacing=12, border_width=12, margin_top=0)
        self._config, self._targets = config, targets
        self._frames = frames if procedure.get_name() == PAINT_FRAMES else 0
        self._image = targets[0].layer.get_image()
        self._is_soft = not self._frames and any(has_soft_edges(target.layer) for target in targets)
        self._changed = [target for target in targets if has_changed(target)]
        self._count, self._which, self._is_brushed = 1, "", False
        self._line = Gtk.Label(xalign=0, wrap=True, lines=2, ellipsize=Pango.EllipsizeMode.END, selectable=False)
        self._line.get_accessible().set_name(_("What Paint will do"))
        self._choices = {
            "add": Gtk.RadioButton.new_with_mnemonic(None, _("A_dd another")),
        }
        self._choices["replace"] = Gtk.RadioButton.new_with_mnemonic_from_widget(self._choices["add"], _("Repl_ace it"))
        self._choices["add"].set_tooltip_text(_("Both paintings stay, the new one above"))
        self._choices["replace"].set_tooltip_text(_("The new painting takes the place of the earlier one"))
        self.pack_start(self._line, True, True, 0)
        if any(target.earlier is not None for target in targets):
            config.set_property("earlier", "add")
            for value, button in self._choices.items():
                button.connect("toggled", self._chosen, value)
                self.pack_start(button, False, False, 0)
        self.update()

    def _chosen(self, button: Gtk.RadioButton, value: str) -> None:
        if button.get_active():
            self._config.set_property("earlier", value)
            self.update()

    def show_count(self, count: int, which: str = "", is_brushed: bool = False) -> None:
        """Say that so many paintings of the layer will be made, and which, in a sentence; `is_brushed`: where the brush
        says.
        """
        self._count, self._which, self._is_brushed = max(1, count), which, is_brushed
        self.update()

    def update(self) -> None:
        """Say what Paint would do now."""
        text = " ".join(filter(None, self._sentences()))
        self._line.set_text(text)
        self._line.set_tooltip_text(text)

    def _sentences(self) -> Sequence[str]:
        result = self._config.get_property("result")
        if self._image.get_base_type() == Gimp.ImageBaseType.INDEXED:
            result = "new-image"
            because = _("An indexed image can't hold a painting.")
        else:
            because = ""
        is_again = self._paints_again(result)
        is_soft = self._is_soft and result == "new-layer" and not is_again
        hint = _("The original shows through its soft edges: Result can hide it.") if is_soft else ""
        which, part = self._which, self._mask() if is_again else self._area(result)
        if is_again and self._count > 1:
            which = _("What is marked becomes new layers: {count}.").format(count=self._count - 1)
        return (self._changes(), self._action(result), which, because, part, self._grey(), hint)

    def _paints_again(self, result: str) -> bool:
        """Does the new painting take an earlier one's place?"""
        is_again = any(target.earlier is not None for target in self._targets) and not self._frames
        return is_again and result != "new-image" and self._config.get_property("earlier") == "replace"

    def _action(self, result: str) -> str:
        several = len(self._targets) * self._count
        earlier = [target.earlier for target in self._targets if target.earlier is not None]
        if self._frames:
            return _("Paints {count} frames.").format(count=self._frames)
        if self._paints_again(result):
            return self._replacing(earlier)
        if several > 1:
            return _several(result).format(count=several)
        target = self._targets[0]
        words = {
            "new-layer": _("New layer above “{layer}”."),
            "hide-original": _("New layer above “{layer}”, which is hidden."),
            "replace": _("Paints into “{layer}” itself."),
            "new-image": _("New image of “{layer}”."),
        }
        if target.earlier is not None and result in NEW_LAYER:
            text = _("New layer above “{painting}”, from “{source}”.")
            return text.format(painting=target.earlier.get_name(), source=target.layer.get_name())
        return words[result].format(layer=target.layer.get_name())

    def _replacing(self, earlier: Sequence[Gimp.Layer]) -> str:
        if len(earlier) == 1 and len(self._targets) == 1:
            text = _("Repaints “{painting}”, from “{source}”.")
            return text.format(painting=earlier[0].get_name(), source=self._targets[0].layer.get_name())
        return _("Repaints {count} paintings.").format(count=len(earlier))

    def _area(self, result: str) -> str:
        is_selected = not Gimp.Selection.is_empty(self._image) and self._config.get_property("region") == "selection"
        if not is_selected or self._frames:
            return ""
        return _("Only what is selected.") if result != "new-image" else _("Only what is selected is painted.")

    def _mask(self) -> str:
        """What becomes of the mask of a painting that is painted again: what is selected now doesn't count for it."""
        if self._is_brushed:
            return _("What the brush has painted becomes its mask.")
        masked = [target for target in self._targets if has_mask(target)]
        stays = _("Its mask stays: only what that shows is seen.") if masked else ""
        is_selected = not Gimp.Selection.is_empty(self._image) and self._config.get_property("region") == "selection"
        ignored = _("What is selected now doesn't count.") if is_selected else ""
        return " ".join(filter(None, (stays, ignored)))

    def _grey(self) -> str:
        is_grey = self._image.get_base_type() == Gimp.ImageBaseType.GRAY
        return _("The image is grey: painted in grey.") if is_grey else ""

    def _changes(self) -> str:
        if not self._changed:
            return ""
        text = _("“{source}” has changed since “{painting}” was painted.")
        target = self._changed[0]
        return text.format(source=target.layer.get_name(), painting=target.called.get_name())


def _several(result: str) -> str:
    return {
        "new-layer": _("{count} paintings, each a new layer above its own."),
        "hide-original": _("{count} paintings, each a new layer above its own, which is hidden."),
        "replace": _("Paints into {count} layers themselves."),
        "new-image": _("{count} new images."),
    }[result]
