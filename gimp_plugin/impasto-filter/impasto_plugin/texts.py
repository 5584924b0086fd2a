"""The filter's visible texts in the person's language, and how it words times."""

import gettext
from pathlib import Path

from impasto_setup.errors import N_
from impasto_wire.programs import INSTALL

__all__ = ["N_", "_", "as_sentence", "duration", "painting_name", "time_left"]

_LOCALE = Path(__file__).resolve().parent.parent / "locale"
_catalogue = gettext.translation("impasto-filter", _LOCALE, fallback=True)


def _(text: str) -> str:
    """The text in the person's language, with the installer as it is started on this system."""
    return _catalogue.gettext(text).replace("python3 install/install.py", INSTALL)


def duration(seconds: float) -> str:
    """A length of time as a person would say it."""
    if seconds < 5:
        return _("a few seconds")
    if seconds < 90:
        return _("about {seconds} s").format(seconds=round(seconds / 5) * 5)
    if seconds < 5400:
        return _("about {minutes} min").format(minutes=round(seconds / 60))
    return _("about {hours} h").format(hours=round(seconds / 3600))


def time_left(seconds: float) -> str:
    """How long it still takes."""
    return _("{duration} left").format(duration=duration(seconds))


def as_sentence(message: str) -> str:
    """An error's message as a sentence of its own, with a capital letter."""
    return message[:1].upper() + message[1:]


def painting_name(layer: str, style: str, strength: float) -> str:
    """The name of a layer's painting: what tells two of them apart comes first, since the dock shows few letters."""
    return f"{style}, {round(strength * 100)} % — {layer}"
