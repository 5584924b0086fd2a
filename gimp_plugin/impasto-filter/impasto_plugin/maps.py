"""The chooser of the detail map: any channel, layer mask or layer of the image."""

from collections.abc import Callable, Iterator

from gi.repository import Gimp, Gtk

from .texts import _

_NONE = "0"


class MapChooser(Gtk.ComboBoxText):
    """Calls `on_chosen` with the drawable that the person chose, or None; not when `select` does."""

    def __init__(self, image: Gimp.Image, on_chosen: Callable[[Gimp.Drawable | None], None]) -> None:
        super().__init__()
        self._drawables: dict[str, Gimp.Drawable] = {}
        self.append(_NONE, _("None: everywhere the same"))
        for drawable, name in _maps_of(image):
            self._drawables[str(drawable.get_id())] = drawable
            self.append(str(drawable.get_id()), name)
        self.set_active_id(_NONE)
        for renderer in self.get_cells():
            renderer.set_property("ellipsize", 3)
        self.set_tooltip_text(_("Keeps the drawing where it is white and lets it dissolve where it is black"))
        self._is_told = False
        self.connect("changed", self._changed, on_chosen)

    def select(self, drawable: Gimp.Drawable | None) -> None:
        """Show what is chosen; a map of another image too."""
        key = _NONE if drawable is None else str(drawable.get_id())
        if drawable is not None and key not in self._drawables:
            self._drawables[key] = drawable
            self.append(key, drawable.get_name())
        self._is_told = True
        self.set_active_id(key)
        self._is_told = False

    def _changed(self, _chooser: Gtk.ComboBox, on_chosen: Callable[[Gimp.Drawable | None], None]) -> None:
        if not self._is_told:
            on_chosen(self._drawables.get(self.get_active_id() or _NONE))


def _maps_of(image: Gimp.Image) -> Iterator[tuple[Gimp.Drawable, str]]:
    """Everything that can be a map, with what to call it: channels, layer masks, layers."""
    for channel in image.get_channels():
        yield channel, _("Channel: {name}").format(name=channel.get_name())
    layers = list(_layers_of(image.get_layers()))
    for layer in layers:
        if mask := layer.get_mask():
            yield mask, _("Mask: {name}").format(name=layer.get_name())
    for layer in layers:
        yield layer, _("Layer: {name}").format(name=layer.get_name())


def _layers_of(layers: list[Gimp.Layer]) -> Iterator[Gimp.Layer]:
    for layer in layers:
        yield layer
        if layer.is_group():
            yield from _layers_of(layer.get_children())
