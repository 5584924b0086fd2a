"""The dialog's preview: the newest request is painted on a thread of its own, older ones are dropped."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Condition, Thread
from typing import Protocol

from gi.repository import GLib

from impasto_plugin.engine.client import Engine
from impasto_plugin.engine.computers import Computer, broken_off, engine_of
from impasto_plugin.engine.forecasts import Forecast, forecast_of
from impasto_plugin.engine.jobs import Painted
from impasto_plugin.image.layer_pixels import LayerPixels
from impasto_plugin.image.styles import Style
from impasto_plugin.notices import notices
from impasto_plugin.painting import waiting_sentence
from impasto_plugin.texts import _, time_left
from impasto_wire.errors import ImpastoError, JobCancelled
from impasto_wire.messages import Progress
from impasto_wire.pictures import Pixels
from impasto_wire.request import RECIPE, Window
from impasto_wire.settings import Settings

_TEXTURE_STEPS = 2
"""Of the first scale that is finer than the small preview: strokes are seen then, and the exact ones come sooner."""


@dataclass(frozen=True)
class Look:
    """What decides how the preview looks: the small layer with its maps, the style and the settings.

    The quality is always draft: a preview doesn't depend on what Paint is asked for.
    """

    layer: LayerPixels
    style: Style
    settings: Settings

    def goes_on_to(self, other: "Look") -> bool:
        """Can the preview of another look begin from the picture of this one?

        Not from other strokes. Where nothing but the layer's own colours is mixed in, the engine needs no steps at all.
        """
        mine, its = (
            (look.layer.layer, look.style.pictures, look.style.recipe, look.settings.seed, look.settings.seamless)
            for look in (self, other)
        )
        without_colours = replace(other, settings=replace(other.settings, original_colours=0.0))
        return self.can_be_gone_on_from and mine == its and without_colours != self

    @property
    def can_be_gone_on_from(self) -> bool:
        """Is its picture one to paint on? Not with the layer's own colours in it: those would be painted. And other
        recipes than the filter's own always begin anew."""
        settings = [self.settings, *(region.settings for region in self.layer.regions)]
        return self.style.recipe == RECIPE and not any(one.original_colours for one in settings)


@dataclass(frozen=True)
class Request:
    """A preview of a look; then, at a close look, of part of the layer in all its pixels."""

    look: Look
    settings: Settings
    """With the quality that Paint is asked for."""
    painted_size: tuple[int, int]
    """The size at which the layer will be painted, for the forecast."""
    close: tuple[LayerPixels, Window] | None = None
    """All of the layer's pixels, and the part that is looked at."""
    is_known: bool = False
    """Has this look been painted before?"""
    computer: Computer | None = None
    """The computer that paints it; None: this one."""


class Viewer(Protocol):
    """Shows the previews. Its methods are called on the main thread, for the newest request only."""

    def show_picture(self, look: Look, picture: Pixels, part: Window | None, is_done: bool) -> None:
        """The picture so far, of the whole layer or of part of it; perhaps smaller until it is done."""

    def show_done(self, look: Look, picture: Pixels) -> None:
        """The finished preview of a look."""

    def show_text(self, text: str, fraction: float) -> None:
        """What is being done, and how far it is; 0 and 1 when nothing is being done."""

    def show_rest(self, is_close: bool) -> None:
        """All that was asked for is seen: the small preview, or what is looked at closely."""

    def show_forecast(self, forecast: Forecast) -> None:
        """What painting the whole layer would take."""

    def show_fault(self, error: ImpastoError) -> None:
        """Why there is no preview."""


class PreviewPainter:
    """Paints previews while the dialog lives."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._wanted: Request | None = None
        self._tried: Request | None = None
        self._has_failed = False
        self._painted: tuple[Look, Pixels] | None = None
        """The latest finished preview."""
        self._is_closed = False
        self._changed = Condition()
        self._engine: Engine | None = None
        self._computer: Computer | None = None
        """The computer of the present session, or of the latest."""
        self._thread = Thread(target=self._work, name="impasto-preview", daemon=True)
        self._thread.start()

    def paint(self, request: Request) -> None:
        """Paint this now, and drop the earlier request."""
        with self._changed:
            self._wanted = request
            self._changed.notify()

    def forget(self) -> None:
        """Drop the present request."""
        with self._changed:
            self._wanted = None

    def close(self) -> None:
        """Drop everything; nothing is called back any more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def _work(self) -> None:
        while request := self._next():
            self._has_failed = not self._try(request)
        self._leave()

    def _next(self) -> Request | None:
        """The next request, once there is one; None when the dialog is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or self._is_new(self._wanted))
            self._tried = self._wanted
            return None if self._is_closed else self._tried

    def _is_new(self, request: Request | None) -> bool:
        """Is there something to do? The same once more, where it has failed: the engine may be there again."""
        if request is None or request is self._tried:
            return False
        return self._has_failed or request != self._tried

    def _try(self, request: Request) -> bool:
        """Paint a request; False when that failed."""
        if request.computer != self._computer:
            self._leave()
            self._painted, self._computer = None, request.computer
        try:
            if self._engine is None:
                self._deliver(request, self._viewer.show_text, _("Finding the engine…"), 0.0)
                self._engine = engine_of(request.computer)
            self._paint(self._engine, request)
        except JobCancelled:
            return True
        except ImpastoError as error:
            told = broken_off(request.computer, error) if self._engine else error
            self._leave()
            self._deliver(request, self._viewer.show_fault, told)
            return False
        return True

    def _leave(self) -> None:
        """End the session with the engine."""
        if self._engine:
            self._engine.close()
        self._engine = None

    def _paint(self, engine: Engine, request: Request) -> None:
        look = request.look
        if not request.is_known:
            if self._painted is None or self._painted[0] != look:
                is_shown = self._quickly_changed(engine, request)
                self._painted = look, self._painted_by(engine, request, look.layer, None, is_silent=is_shown)
            # Perhaps once more: when it was finished for the first time, another look may have been wanted.
            self._deliver_small(request, self._viewer.show_done, *self._painted)
            if self._wanted is not request:  # the same look is wanted with another quality
                raise JobCancelled("the painting was cancelled")
        if request.close is None:
            self._deliver(request, self._viewer.show_rest, False)
        with suppress(ImpastoError):  # without a forecast, painting still shows what is wrong
            regions = tuple(region.settings for region in look.layer.regions)
            forecast = forecast_of(engine, request.painted_size, request.settings, look.style.recipe, regions)
            named = replace(forecast, computer=request.computer.name if request.computer else "")
            self._deliver(request, self._viewer.show_forecast, named)
        if request.close:
            layer, part = request.close
            self._show_texture(engine, request, layer, part)
            picture = self._painted_by(engine, request, layer, part)
            self._deliver(request, self._viewer.show_picture, look, picture, part, True)
            self._deliver(request, self._viewer.show_rest, True)

    def _quickly_changed(self, engine: Engine, request: Request) -> bool:
        """Show the preview as it is, changed to the new settings in a few steps; was that possible?

        It comes soon, and is much like what Paint gives; the true preview takes its place when that is finished.
        """
        look = request.look
        if self._painted is None or not self._painted[0].goes_on_to(look):
            return False
        changed = self._painted_by(engine, request, look.layer, None, earlier=self._painted[1])
        self._deliver_small(request, self._viewer.show_picture, look, changed, None, False)
        return True

    def _show_texture(self, engine: Engine, request: Request, layer: LayerPixels, part: Window) -> None:
        """Show strokes on the small preview where it is looked at closely, until they are painted as Paint would."""
        look = request.look
        if self._painted is None or self._painted[0] != look or not look.can_be_gone_on_from:
            return
        small, longest = self._painted[1], max(layer.size)

        def has_texture(progress: Progress) -> bool:
            side = longest / 2 ** (progress.scales - progress.scale)
            return side > max(small.width, small.height) and progress.step >= _TEXTURE_STEPS

        picture = self._painted_by(engine, request, layer, part, earlier=small, enough=has_texture)
        self._deliver(request, self._viewer.show_picture, look, picture, part, False)

    def _painted_by(
        self,
        engine: Engine,
        request: Request,
        layer: LayerPixels,
        part: Window | None,
        is_silent: bool = False,
        earlier: Pixels | None = None,
        enough: Callable[[Progress], bool] | None = None,
    ) -> Pixels:
        """The painting of a layer or of part of it, as far as it is when a step is `enough`; before it is finished, its
        pictures are shown, if not silent."""
        look = request.look
        text = _("Painting the preview…") if part is None else _("Painting what you look at, as Paint would…")

        deliver = self._deliver_small if part is None else self._deliver

        def show(progress: Progress) -> None:
            left = progress.seconds_left
            said = text if left is None else f"{text} {time_left(left)}"
            deliver(request, self._viewer.show_text, said, progress.fraction)

        def show_waiting(before: int) -> None:
            if before or notices():
                deliver(request, self._viewer.show_text, waiting_sentence(max(1, before)), 0.0)

        def show_picture(painted: Painted) -> None:
            deliver(request, self._viewer.show_picture, look, painted.picture, part, False)

        is_as_paint_gives = part is not None and earlier is None
        settings = request.settings if is_as_paint_gives else look.settings
        return engine.paint(
            look.style.request(layer, settings, part, earlier=earlier),
            on_progress=show,
            on_preview=None if is_silent else show_picture,
            is_cancelled=lambda: not (self._is_small_wanted(request) if part is None else self._is_wanted(request)),
            on_waiting=show_waiting,
            purpose="preview",
            enough=enough,
        )

    def _is_wanted(self, request: Request) -> bool:
        return self._wanted is request and not self._is_closed

    def _is_small_wanted(self, request: Request) -> bool:
        """Is the small preview of a request still of use? It is, as long as its look is wanted, by that computer."""
        wanted = self._wanted
        is_same = wanted is not None and (wanted.look, wanted.computer) == (request.look, request.computer)
        return is_same and not self._is_closed

    def _deliver_small(self, request: Request, callback: Callable[..., object], *values: object) -> None:
        """Call back on the main thread, if the small preview is still of use then."""

        def call() -> bool:
            if self._is_small_wanted(request):
                callback(*values)
            return GLib.SOURCE_REMOVE

        GLib.idle_add(call)

    def _deliver(self, request: Request, callback: Callable[..., object], *values: object) -> None:
        def call() -> bool:
            if self._is_wanted(request):
                callback(*values)
            return GLib.SOURCE_REMOVE

        GLib.idle_add(call)
