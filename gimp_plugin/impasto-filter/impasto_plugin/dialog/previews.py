"""The preview of what is chosen: asked for when the settings rest, shown as its painter calls back, kept as a try."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gi.repository import Gimp, GLib, Gtk

from impasto_plugin.arguments import BRUSHED, property_of
from impasto_plugin.crop import EDGES
from impasto_plugin.engine.forecasts import Forecast
from impasto_plugin.image.brushed import Brushed
from impasto_plugin.image.subjects import Target
from impasto_plugin.regions import arguments_of
from impasto_plugin.texts import _
from impasto_wire.errors import ImpastoError
from impasto_wire.pictures import Pixels
from impasto_wire.request import Window
from impasto_wire.settings import ranges

from .brush import Brush
from .comparison import Comparison
from .current_look import CurrentLook, LayerReader
from .keeping import Keeping
from .preview import Look, PreviewPainter, Request
from .regions import Regions
from .report import Report
from .thumbnails import Thumbnails
from .tries import Tries, Try, Values
from .view import scaled
from .window import painted_over, pixbuf_of

REST_MS = 80
"""How long the settings must rest before a preview of them is begun."""

OWN_SOURCES = ("style-file", "style-drawable")
TRIED = ("preset", *OWN_SOURCES, *EDGES, "detail-map", "region", "paint-at", "paint-size", *map(property_of, ranges()))
"""The arguments that decide how a painting looks; the crop comes after the picture that it crops."""


@dataclass(frozen=True)
class Shown:
    """The widgets that say what is to be previewed, and those that show it."""

    brush: Brush
    regions: Regions
    comparison: Comparison
    tries: Tries
    report: Report
    save: Gtk.Button
    thumbnails: Thumbnails


class Previews:
    """The viewer of a painter of previews. `on_look` is called when another look is the present one, or is finished."""

    def __init__(
        self,
        config: Gimp.ProcedureConfig,
        reader: LayerReader,
        current: CurrentLook,
        keeping: Keeping,
        shown: Shown,
        targets: Sequence[Target],
        frames: int,
        on_look: Callable[[], object],
    ) -> None:
        self._config, self._reader, self._current, self._keeping = config, reader, current, keeping
        self._shown, self._targets, self._frames, self._on_look = shown, targets, frames, on_look
        self.looked: Look | None = None
        """The present look."""
        self.digest = ""
        """The present look's."""
        self._forecast: Forecast | None = None
        self._forecast_for: object = None
        self._asked: Values = {}
        self._is_close = False
        self._compared: Try | None = None
        self._rests: bool | None = None
        """Is all painted? None: no; True: also what is looked at closely."""
        self._pending = 0
        self._anew = ""
        """The digest of a look that another computer is to paint, though it is a try already."""
        self._painter = PreviewPainter(self)
        shown.report.computer.follow(self._change_computer)

    def close(self) -> None:
        """End the preview."""
        self._painter.close()
        if self._pending:
            GLib.source_remove(self._pending)

    def rest(self, milliseconds: int = REST_MS) -> None:
        """Preview the settings when they have rested."""
        if self._pending:
            GLib.source_remove(self._pending)
        self._pending = GLib.timeout_add(milliseconds, self._preview)

    def preview_now(self) -> None:
        """Look at the settings at once, not when they have rested."""
        if self._pending:
            GLib.source_remove(self._pending)
        self._preview()

    def _change_computer(self) -> None:
        """Have the present look painted once more, and everything else, by the computer that is chosen now."""
        self._anew = self.digest
        self._shown.report.hide_remedies()
        self._shown.thumbnails.use(self._shown.report.computer.chosen)
        self.rest()

    def _preview(self) -> bool:
        self._pending = 0
        try:
            self._painter.paint(self._request())
        except ImpastoError as error:
            self._painter.forget()
            self.show_fault(error)
        return GLib.SOURCE_REMOVE

    def _request(self) -> Request:
        shown = self._shown
        self._current.brush(shown.brush.brushed())
        self._current.divide(shown.regions.chosen())
        look = self._current.look()
        if look == self.looked:
            assert self.looked
            look = self.looked
        settings, size = self._current.settings(), self._current.painted_size()
        self.looked, self._asked = look, self.values()
        self.digest = self._keeping.digest_of(look)
        computer = shown.report.computer.chosen
        asked = settings, size, look.style.recipe, [region.settings for region in look.layer.regions], computer
        if asked != self._forecast_for:
            self._forecast_for = asked
            shown.report.forget_forecast()
        known = shown.tries.find(self.digest)
        if known:
            shown.comparison.show_after(known.picture, None, self._sharpness(known.picture.get_width()))
        shown.save.set_sensitive(known is not None)
        self.show_current()
        self._on_look()
        close = self._current.close(shown.comparison.view)
        if close and not self._is_close:
            self._is_close = True
            shown.comparison.show_before(pixbuf_of(self._reader.pixels(max(self._reader.size))))
        is_known = known is not None and self.digest != self._anew
        return Request(look, settings, size, close, is_known, computer)

    def _sharpness(self, width: int, part: Window | None = None) -> float:
        """Painted pixels for each of the layer's, in a picture of the layer or of part of it that is so wide."""
        return width / (part.width if part else self._reader.size[0])

    def values(self) -> Values:
        """The present values of all arguments that decide how a painting looks."""
        values = {name: self._config.get_property(name) for name in TRIED}
        values |= arguments_of(self._shown.regions.chosen())
        brushed = self._shown.brush.brushed()
        return values if brushed == Brushed() else {**values, BRUSHED: brushed}

    def others(self) -> list[Try]:
        """The marked tries, without the one that has the present settings: that is painted anyway."""
        return [made for made in self._shown.tries.marked() if made.digest != self.digest]

    def compare(self, made: Try | None) -> None:
        """Show a try left of the line, and say so; None: the layer again."""
        self._compared = made
        self._shown.comparison.compare_with(made and made.picture)
        self.show_current()
        if self._rests is not None:
            self.show_rest(self._rests)

    def show_current(self) -> None:
        """Show which try has the present settings."""
        self._shown.tries.show_current(self.digest, self._asked)

    def show_forecast_again(self) -> None:
        """Show the forecast of as many paintings as there are now."""
        if self._forecast:
            self.show_forecast(self._forecast)

    # Called by the preview's painter

    def show_picture(self, look: Look, picture: Pixels, part: Window | None, is_done: bool) -> None:
        """Show the picture so far, with the layer's alpha, and the layer where nothing is selected."""
        comparison = self._shown.comparison
        if part is None:
            shown = painted_over(look.layer.layer, picture, None, look.layer.seen, self._reader.grey)
            comparison.show_after(shown, None, self._sharpness(picture.width), is_done)
            return
        longest = max(self._current.painted_size())
        share = max(self._reader.size) / longest
        whole, place = self._current.layer_pixels(longest), scaled(part, share, self._reader.size)
        shown = painted_over(whole.layer, picture, part, whole.seen, self._reader.grey)
        comparison.show_after(shown, place, self._sharpness(picture.width, place), is_done)

    def show_done(self, look: Look, picture: Pixels) -> None:
        """Show and keep the finished small preview; now there is time for the thumbnails."""
        digest = self._keeping.digest_of(look)
        self._anew = "" if digest == self._anew else self._anew
        shown = painted_over(look.layer.layer, picture, None, look.layer.seen, self._reader.grey)
        self._shown.comparison.show_after(shown, None, self._sharpness(picture.width))
        if self._shown.tries.find(digest) is None:
            made = Try(self._asked, look.style.title, digest, shown, time.time())
            self._shown.tries.add_try(made)
            self._keeping.keep_try(made)
        self._shown.tries.show_current(digest, self._asked)
        self._on_look()
        self._shown.report.hide_remedies()
        self._shown.save.set_sensitive(True)
        self._shown.thumbnails.begin()

    def show_text(self, text: str, fraction: float) -> None:
        """Show what is being done."""
        self._rests = None
        self._shown.report.show_text(text, fraction)

    def show_rest(self, is_close: bool) -> None:
        """Say what is seen, and how to compare it with what."""
        self._rests = is_close
        self._shown.report.show_text(resting_text(is_close, self._compared and self._compared.title), 1.0)

    def show_forecast(self, forecast: Forecast) -> None:
        """Show how long the painting will take."""
        self._forecast = forecast
        whole = forecast.of_frames(self._frames) if self._frames > 1 else forecast.of_layers(self._shares())
        self._shown.report.show_forecast(whole)

    def _shares(self) -> list[float]:
        """The size of each painting that Paint would make, where the first layer's is 1."""
        sizes = [target.layer.get_width() * target.layer.get_height() for target in self._targets]
        return [size / sizes[0] for size in sizes] * (1 + len(self.others()))

    def show_fault(self, error: ImpastoError) -> None:
        """Show what is wrong, and what to do about it."""
        self._rests = None
        self._shown.report.show_fault(error)


def resting_text(is_close: bool, compared: str | None) -> str:
    """What is seen when all is painted: a close look, or the whole beside the layer or beside a try in that style."""
    if compared is not None:
        text = _("Drag over the picture to compare with the try in “{style}”; hold the right button to see that alone")
        return text.format(style=_(compared))
    if is_close:
        return _("This is what Paint will give, right here")
    return _("Drag over the picture to compare with the layer; hold the right button to see the layer alone")
