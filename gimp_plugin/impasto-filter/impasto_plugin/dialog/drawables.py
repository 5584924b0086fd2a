"""Choosers of a drawable: a layer of any open image to paint like; a channel, mask or layer as the detail map."""

from collections.abc import Callable, Iterable, Iterator

from gi.repository import Gimp, Gtk, Pango

from impasto_plugin.texts import _

from .on_canvas import is_preview

_NONE = "0"

Named = Iterable[tuple[Gimp.Drawable, str]]
"""Drawables with what to call them."""


class DrawableChooser(Gtk.ComboBoxText):
    """Calls `on_chosen` with the drawable that the person chose, or None; not when `select` does.

    The list is read again whenever the person comes back from another window.
    """

    def __init__(
        self, listed: Callable[[], Named], none: str, hint: str, on_chosen: Callable[[Gimp.Drawable | None], object]
    ) -> None:
        super().__init__(tooltip_text=hint)
        self._listed, self._none, self._on_chosen = listed, none, on_chosen
        self._drawables: dict[str, Gimp.Drawable] = {}
        self._chosen: Gimp.Drawable | None = None
        self._is_selecting = False
        for renderer in self.get_cells():
            renderer.set_property("ellipsize", Pango.EllipsizeMode.END)
        self._fill()
        self.connect("changed", self._changed)
        self.connect("realize", lambda _self: self.get_toplevel().connect("focus-in-event", self._returned))

    def select(self, drawable: Gimp.Drawable | None) -> None:
        """Show what is chosen."""
        self._chosen = drawable
        key = _key(drawable)
        self._is_selecting = True
        if drawable is not None and key not in self._drawables:
            self._drawables[key] = drawable
            self.append(key, drawable.get_name())
        self.set_active_id(key)
        self._is_selecting = False

    def _fill(self) -> None:
        self._is_selecting = True
        self.remove_all()
        self.append(_NONE, self._none)
        self._drawables = {}
        for drawable, name in self._listed():
            self._drawables[_key(drawable)] = drawable
            self.append(_key(drawable), name)
        self._is_selecting = False
        self.select(self._chosen)

    def _returned(self, *_event: object) -> bool:
        if {_key(drawable) for drawable, _name in self._listed()} != set(self._drawables):
            self._fill()
        return False

    def _changed(self, _chooser: Gtk.ComboBox) -> None:
        if not self._is_selecting:
            self._chosen = self._drawables.get(self.get_active_id() or _NONE)
            self._on_chosen(self._chosen)


def maps_of(image: Gimp.Image) -> Iterator[tuple[Gimp.Drawable, str]]:
    """Everything of an image that can be a map: channels, layer masks, layers."""
    for channel in image.get_channels():
        yield channel, _("Channel: {name}").format(name=channel.get_name())
    layers = list(_layers_of(image.get_layers()))
    for layer in layers:
        if mask := layer.get_mask():
            yield mask, _("Mask: {name}").format(name=layer.get_name())
    for layer in layers:
        yield layer, _("Layer: {name}").format(name=layer.get_name())


def open_layers() -> Iterator[tuple[Gimp.Drawable, str]]:
    """The layers of all images that are open."""
    images = [image for image in Gimp.get_images() if not is_preview(image)]
    for image in images:
        for layer in _layers_of(image.get_layers()):
            is_only = len(images) == 1
            yield layer, layer.get_name() if is_only else f"{image.get_name()}: {layer.get_name()}"


def _layers_of(layers: list[Gimp.Layer]) -> Iterator[Gimp.Layer]:
    for layer in layers:
        yield layer
        if layer.is_group():
            yield from _layers_of(layer.get_children())


def _key(drawable: Gimp.Drawable | None) -> str:
    return _NONE if drawable is None else str(drawable.get_id())
