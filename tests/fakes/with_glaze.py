"""Imported before everything else, this adds a made-up setting to the table: `glaze`, which a style may suggest."""

from dataclasses import dataclass

from impasto_wire import settings


@dataclass(frozen=True)
class SettingsWithGlaze(settings.Settings):
    """The settings, and one more."""

    glaze: float = settings._setting(
        0.25, "Glaze", "How thick the varnish is", (0.1, 0.9), minimum=0, maximum=1, percent=True, by_style=True
    )


settings.Settings = SettingsWithGlaze
