"""The filter's visible texts in the person's language, and how it words times."""

import gettext
from pathlib import Path

_LOCALE = Path(__file__).resolve().parent.parent / "locale"
_ = gettext.translation("impasto-filter", _LOCALE, fallback=True).gettext


def time_left(seconds: float) -> str:
    """A length of time as a person would say it."""
    if seconds < 5:
        return _("a few seconds left")
    if seconds < 90:
        return _("about {seconds} s left").format(seconds=round(seconds / 5) * 5)
    return _("about {minutes} min left").format(minutes=round(seconds / 60))
