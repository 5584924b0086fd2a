"""First light: a photo goes over the whole bridge, from the filter's own code through ZeroMQ to the engine and back."""

from __future__ import annotations

from pathlib import Path

from .place import EngineNote

SCRIPT = Path(__file__).with_name("first_light.py")
PHOTO = Path(__file__).with_name("sample.jpg")
PATIENCE = 900.0


def first_light(python: Path, filter_folder: Path, note: EngineNote, picture: Path) -> str:
    """Paint the sample photo into `picture`; returns a few words on it. Raises `InstallError`."""
    return ""
