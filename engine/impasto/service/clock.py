"""The clock by which the broker judges who was silent for too long: its own stalls don't count."""

import time
from collections.abc import Callable

_MOST_SECONDS = 1.0
"""What counts between two ticks at most. The broker ticks several times a second, unless it was stopped, the machine
slept, or the system had no time for it: then nobody could show a sign of life."""


class Clock:
    """Seconds in which this process could hear others. It never goes back, whatever the time of day does."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._ticked = monotonic()
        self._seconds = 0.0

    def tick(self) -> None:
        """Show that the process runs; called in every turn of the broker's loop."""
        self._seconds = self.now()
        self._ticked = self._monotonic()

    def now(self) -> float:
        """Seconds since the clock was made, without this process's own stalls."""
        return self._seconds + min(self._monotonic() - self._ticked, _MOST_SECONDS)
