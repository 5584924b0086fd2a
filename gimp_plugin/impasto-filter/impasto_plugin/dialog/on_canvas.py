"""The preview on the canvas: a copy of the image in a window of GIMP's own, which follows the preview.

The person's own image is never touched. The copy goes with the dialog. When a program dies, GIMP keeps the windows that
it has opened. So a second process looks on: it does nothing but wait for the first one's end. Where there can be none,
or GIMP has cut both off, the next dialog removes what it finds.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from gi.repository import GdkPixbuf, Gimp, GLib

from impasto_plugin.arguments import output_from
from impasto_plugin.image.pixels import space_of, write_picture
from impasto_plugin.image.records import read_record
from impasto_plugin.image.sources import SourceUnclear, all_layers
from impasto_plugin.texts import _
from impasto_wire.pictures import Pixels

PREVIEW_PARASITE = "impasto-preview"
"""Marks a copy, and says whose it is: the number of the process and that of the window."""
COPY_LONGEST = 2048
"""Long side of the copy: what follows a preview must be quick."""
_PAUSE_MS = 120
"""How often the copy follows at most."""
_LINGER_SECONDS = 2.0
"""How long the second process keeps the connection open, so that GIMP reads what it was told."""

WholePreview = Callable[[int, int], GdkPixbuf.Pixbuf | None]
"""The preview of the whole layer at a size, RGBA; None before there is one."""


class OnCanvas:
    """The switch's other end. `painted` gives the preview, `on_closed` hears that the person has closed the window."""

    def __init__(
        self, layer: Gimp.Layer, config: Gimp.ProcedureConfig, painted: WholePreview, on_closed: Callable[[], object]
    ) -> None:
        self._layer, self._config, self._painted, self._on_closed = layer, config, painted, on_closed
        self._shown: _Copy | None = None
        self._pending = 0

    def turn(self, is_on: bool) -> None:
        """Open the window, or close it."""
        if is_on and self._shown is None:
            self._shown = _Copy(self._layer)
            self.follow()
        elif not is_on:
            self.close()

    def follow(self) -> None:
        """Show the preview as it is now, soon."""
        if self._shown and not self._pending:
            self._pending = GLib.timeout_add(_PAUSE_MS, self._update)

    def close(self) -> None:
        """Close the window, and forget the copy."""
        if self._pending:
            GLib.source_remove(self._pending)
            self._pending = 0
        if self._shown:
            self._shown.close()
            self._shown = None

    def _update(self) -> bool:
        self._pending = 0
        if self._shown is None:
            return GLib.SOURCE_REMOVE
        if not self._shown.is_open:
            self.close()
            self._on_closed()
            return GLib.SOURCE_REMOVE
        picture = self._painted(*self._shown.size)
        if picture:
            self._shown.show(picture, self._config)
        return GLib.SOURCE_REMOVE


class _Copy:
    """A smaller copy of an image with a layer for the preview, in a window."""

    def __init__(self, layer: Gimp.Layer) -> None:
        image = layer.get_image()
        place = [one.get_id() for one in all_layers(image)].index(layer.get_id())
        hidden = [number for number, one in enumerate(all_layers(image)) if _is_painting_of(one, layer)]
        self._image = image.duplicate()
        self._image.undo_disable()
        Gimp.Selection.none(self._image)
        _shrink(self._image)
        layers = list(all_layers(self._image))
        for number in hidden:
            layers[number].set_visible(False)
        source = layers[place]
        self._source = source
        kind = Gimp.ImageType.GRAYA_IMAGE if source.is_gray() else Gimp.ImageType.RGBA_IMAGE
        if self._image.get_base_type() == Gimp.ImageBaseType.INDEXED:
            self._image.convert_rgb()
        self.size = source.get_width(), source.get_height()
        name = _("Preview of Impasto")
        self._above = Gimp.Layer.new(self._image, name, *self.size, kind, 100, Gimp.LayerMode.NORMAL)
        self._image.insert_layer(self._above, source.get_parent(), self._image.get_item_position(source))
        self._above.set_offsets(*source.get_offsets()[1:])
        self._space = space_of(self._above)
        self._display = Gimp.Display.new(self._image)
        self._mark()
        self._image.clean_all()
        self._ends = _guard(self._display.get_id())

    def _mark(self) -> None:
        owner = json.dumps({"process": os.getpid(), "window": self._display.get_id()})
        self._image.attach_parasite(Gimp.Parasite.new(PREVIEW_PARASITE, 0, owner.encode()))

    @property
    def is_open(self) -> bool:
        """Is the window still there?"""
        return self._image.is_valid() and self._display.is_valid()

    def show(self, picture: GdkPixbuf.Pixbuf, config: Gimp.ProcedureConfig) -> None:
        """Show the preview, blended as the painting will be."""
        output = output_from(config)
        mode = self._source.get_mode() if output.mode is None else output.mode
        is_group_s = mode == Gimp.LayerMode.PASS_THROUGH
        self._above.set_mode(Gimp.LayerMode.NORMAL if is_group_s else mode)
        self._above.set_opacity(self._source.get_opacity() * output.opacity / 100)
        pixels = Pixels(*self.size, 4, "u8", bytes(picture.get_pixels()))
        write_picture(self._above.get_buffer(), pixels, self._space)
        self._above.update(0, 0, *self.size)
        self._image.clean_all()
        Gimp.displays_flush()

    def close(self) -> None:
        """Close the window; the image goes with it."""
        if self.is_open:
            self._display.delete()
        self._ends()


def _is_painting_of(painting: Gimp.Layer, layer: Gimp.Layer) -> bool:
    """Is it an earlier painting of that layer, which would hide the preview?"""
    record = read_record(painting)
    if record is None or painting.get_id() == layer.get_id():
        return False
    with suppress(SourceUnclear):
        source = record.source_for(painting)
        return source is not None and bool(source.get_id() == layer.get_id())
    return False


def _shrink(image: Gimp.Image) -> None:
    width, height = image.get_width(), image.get_height()
    share = min(1.0, COPY_LONGEST / max(width, height))
    if share < 1:
        Gimp.context_push()
        Gimp.context_set_interpolation(Gimp.InterpolationType.LINEAR)
        image.scale(max(1, round(width * share)), max(1, round(height * share)))
        Gimp.context_pop()


def is_preview(image: Gimp.Image) -> bool:
    """Is an image such a copy?"""
    return image.get_parasite(PREVIEW_PARASITE) is not None


def remove_leftovers() -> None:
    """Remove the copies whose dialog is gone."""
    for image in Gimp.get_images():
        parasite = image.get_parasite(PREVIEW_PARASITE)
        if parasite is None:
            continue
        with suppress(ValueError, KeyError, TypeError):  # another program's
            owner = json.loads(bytes(parasite.get_data()))
            if not _is_running(owner["process"]) and Gimp.Display.id_is_valid(owner["window"]):
                Gimp.Display.get_by_id(owner["window"]).delete()


def _is_running(process: int) -> bool:
    if os.name == "nt":
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x1000, False, process)
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)
        return bool(handle)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _guard(window: int) -> Callable[[], object]:
    """Let a second process remove the window if this one dies; returns what ends that process.

    It keeps the connection to GIMP open, so that GIMP takes this one for alive until the window is gone.
    """
    if not hasattr(os, "fork"):
        return lambda: None
    hears, says = os.pipe()
    process = os.fork()
    if process == 0:
        _look_on(hears, window)
    os.close(hears)

    def end() -> None:
        os.write(says, b"end")
        os.close(says)
        os.waitpid(process, 0)

    return end


def _look_on(hears: int, window: int) -> None:
    """What the second process does: it never returns."""
    try:
        open_ones = {1, 2, hears, *(int(word) for word in sys.argv[3:5] if word.isdigit())}
        for number in range(os.sysconf("SC_OPEN_MAX") if os.sysconf("SC_OPEN_MAX") < 4096 else 4096):
            if number not in open_ones:
                with suppress(OSError):
                    os.close(number)
        if not os.read(hears, 1):
            Gimp.Display.get_by_id(window).delete()
            time.sleep(_LINGER_SECONDS)
    finally:
        os._exit(0)
