"""How a person likes the dialog, in a small file beside their own styles: what of it is unfolded."""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from impasto_presets import user_folder
from impasto_wire.files import write_whole


@dataclass(frozen=True)
class Habits:
    """What the dialog remembers of itself."""

    is_more_shown: bool = False


def read_habits() -> Habits:
    """The habits in the file; the first ones if there is no file, or if it is damaged."""
    with suppress(OSError, ValueError, TypeError):
        written = json.loads(_habits_file().read_text(encoding="utf-8"))
        if isinstance(written, dict) and isinstance(written.get("is_more_shown"), bool):
            return Habits(written["is_more_shown"])
    return Habits()


def write_habits(habits: Habits) -> None:
    """Write them; if that fails, the dialog is folded the next time."""
    with suppress(OSError):
        _habits_file().parent.mkdir(parents=True, exist_ok=True)
        write_whole(_habits_file(), json.dumps(asdict(habits)).encode())


def _habits_file() -> Path:
    return user_folder().parent / "dialog.json"
