"""One line of the doctor's report."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "wrong"]
STATES: tuple[State, ...] = ("ok", "warning", "wrong")
"""From good to bad."""


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is, what there is to say, and what to do; `mend` does it where that is safe."""

    what: str
    state: State
    told: str
    remedy: str = ""
    mend: Callable[[], object] | None = None
    was_mended: bool = False
