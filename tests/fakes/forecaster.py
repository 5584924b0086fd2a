"""The fake painter, with the real painter's arithmetic for forecasts: what a question costs is real."""

from collections.abc import Sequence

from fakes.painter import Inverter
from impasto.request import Forecast
from impasto.transfer import Speed, forecast
from impasto_wire.settings import Settings


class Forecaster(Inverter):
    """Paints nothing real, and forecasts like a machine of middling speed."""

    def forecast(
        self, width: int, height: int, settings: Settings, recipe: str, regions: Sequence[Settings] = ()
    ) -> Forecast:
        return forecast(width, height, settings, Speed(per_pixel=1e-5, per_evaluation=0.01), regions=regions)


def open_painter(device: str) -> Forecaster:
    """What `impasto serve --painter` names."""
    return Forecaster()
