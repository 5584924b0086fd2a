"""The dialog's preview: the newest request is painted on a thread of its own, older ones are dropped."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Condition, Thread

from gi.repository import GLib

from impasto_wire.errors import EngineUnavailable, ImpastoError, JobCancelled
from impasto_wire.messages import Forecasted, Progress
from impasto_wire.pictures import Pixels
from impasto_wire.settings import Settings

from .client import Engine
from .launcher import find_or_start, read_config
from .styles import Style
from .texts import _


@dataclass(frozen=True)
class Request:
    """What to preview, and the size of the whole layer, whose painting is to be forecast."""

    layer: Pixels
    style: Style
    settings: Settings
    full_size: tuple[int, int]


class PreviewPainter:
    """Paints previews while the dialog lives. Its callbacks run on the main thread, for the newest request only."""

    def __init__(
        self,
        on_picture: Callable[[Pixels], object],
        on_text: Callable[[str, float], object],
        on_forecast: Callable[[Forecasted], object],
        on_engine_ill: Callable[[], object],
    ) -> None:
        self._on_forecast = on_forecast
        self._on_engine_ill = on_engine_ill
        self._on_picture = on_picture
        self._on_text = on_text
        self._wanted: Request | None = None
        self._is_closed = False
        self._changed = Condition()
        self._engine: Engine | None = None
        self._thread = Thread(target=self._work, name="impasto-preview", daemon=True)
        self._thread.start()

    def paint(self, request: Request) -> None:
        """Paint this now; what was being painted is dropped."""
        with self._changed:
            self._wanted = request
            self._changed.notify()

    def close(self) -> None:
        """Drop everything; nothing is called back any more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def _work(self) -> None:
        painted = None
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._is_closed or self._wanted is not painted)  # noqa: B023
                painted = self._wanted
                if self._is_closed or painted is None:
                    break
            self._paint(painted)
        if self._engine:
            self._engine.close()

    def _paint(self, request: Request) -> None:
        try:
            if self._engine is None:
                self._deliver(request, self._on_text, _("Finding the engine…"), 0.0)
                self._engine = find_or_start(read_config())
            self._deliver(request, self._on_picture, self._have_painted(self._engine, request))
            self._deliver(request, self._on_text, _("Drag over the picture to compare with the layer"), 1.0)
            self._forecast(self._engine, request)
        except JobCancelled:
            return
        except ImpastoError as error:
            if self._engine:
                self._engine.close()
            self._engine = None
            self._deliver(request, self._on_text, str(error), 0.0)
            if isinstance(error, EngineUnavailable):
                self._deliver(request, self._on_engine_ill)

    def _have_painted(self, engine: Engine, request: Request) -> Pixels:
        def tell(progress: Progress) -> None:
            self._deliver(request, self._on_text, _("Painting the preview…"), progress.fraction)

        return engine.paint(
            request.layer,
            request.style.pictures,
            replace(request.settings, quality="draft"),
            on_progress=tell,
            on_preview=lambda painted: self._deliver(request, self._on_picture, painted.picture),
            is_cancelled=lambda: self._is_closed or self._wanted is not request,
            purpose="preview",
            recipe=request.style.recipe,
        )

    def _forecast(self, engine: Engine, request: Request) -> None:
        with suppress(ImpastoError):  # a courtesy; what is wrong with the engine, painting will say
            forecast = engine.forecast(*request.full_size, request.settings, recipe=request.style.recipe)
            self._deliver(request, self._on_forecast, forecast)

    def _deliver(self, request: Request, callback: Callable[..., object], *values: object) -> None:
        def call() -> bool:
            if self._wanted is request and not self._is_closed:
                callback(*values)
            return GLib.SOURCE_REMOVE

        GLib.idle_add(call)
