"""GIMP's Python modules for a Python without GIMP, as far as arguments, records and settings rows need them.

Import this before `impasto_plugin`. A class, a constant, a function: whatever is asked for is there and does nothing.
"""

import sys
from types import ModuleType
from typing import Any


class _Kind(type):
    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__") and name != "__gtype__":
            raise AttributeError(name)
        return _Kind(name, (Thing,), {})

    def __or__(cls, other: Any) -> Any:
        return cls if isinstance(other, int) else type.__or__(cls, other)  # flags are classes here, too


class Thing(metaclass=_Kind):
    """An object of GIMP's or Gtk's: it takes every call and remembers it, with what it gave back."""

    def __init__(self, *arguments: object, **named: object) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: object, **named: object) -> "Thing":
            answer = Thing()
            self.calls.append((name, *arguments, answer))
            return answer

        return call

    def __iter__(self) -> Any:
        return iter(())


class _Repository(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Kind(name, (Thing,), {})


_gi = ModuleType("gi")
_gi.require_version = lambda name, version: None  # type: ignore[attr-defined]
_gi.repository = _Repository("gi.repository")  # type: ignore[attr-defined]
sys.modules.update({"gi": _gi, "gi.repository": _gi.repository})  # type: ignore[attr-defined]
