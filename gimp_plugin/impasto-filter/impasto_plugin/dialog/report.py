"""What the dialog tells under the preview: what is being done, what it will take, what is wrong and what helps."""

from collections.abc import Callable

from gi.repository import Gtk, Pango

from impasto_plugin.engine.forecasts import Forecast
from impasto_plugin.texts import as_sentence
from impasto_wire.errors import EngineUnavailable, ImpastoError

from .illness import Illness


class Report(Gtk.Box):
    """A bar and a few lines. `on_retry` is called when the engine should be tried again."""

    def __init__(self, on_retry: Callable[[], object]) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=4)
        self._bar = Gtk.ProgressBar()
        self._status = Gtk.Label(xalign=0, ellipsize=Pango.EllipsizeMode.END, wrap=True, lines=3, max_width_chars=20)
        self._illness = Illness(on_retry, self.show_text)
        self._forecast = Gtk.Label(xalign=0, ellipsize=Pango.EllipsizeMode.END)
        self._advice = Gtk.Label(xalign=0, ellipsize=Pango.EllipsizeMode.END, wrap=True, lines=2, no_show_all=True)
        for widget in (self._bar, self._status, self._illness, self._forecast, self._advice):
            self.pack_start(widget, False, False, 0)

    def show_text(self, text: str, fraction: float) -> None:
        """Show what is being done, and how far it is; 0 and 1 at rest."""
        self._status.set_text(as_sentence(text))
        self._status.set_tooltip_text(text)
        self._bar.set_fraction(fraction)
        self._bar.set_opacity(0.0 if fraction in (0.0, 1.0) else 1.0)

    def show_well(self) -> None:
        """The engine is well again."""
        self._illness.hide()

    def show_forecast(self, forecast: Forecast) -> None:
        """Show what it will take."""
        self._forecast.set_text(forecast.sentence())
        self._forecast.set_tooltip_text(forecast.plan)
        self._advice.set_text(forecast.advice())
        self._advice.set_visible(forecast.is_long)

    def show_fault(self, error: ImpastoError) -> None:
        """Show what is wrong, and what to do about it."""
        self.show_text(str(error), 0.0)
        self._illness.set_visible(isinstance(error, EngineUnavailable))
