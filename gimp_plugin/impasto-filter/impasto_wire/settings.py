"""The settings table: name, label, range and default of every setting, each said once.

The command line, GIMP's sliders, the wire and the engine all read this table. A new setting is one line here, plus its use.
"""

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from .errors import SettingError

Quality = Literal["draft", "standard", "fine"]
Purpose = Literal["final", "preview", "thumbnail"]
_SHOWN = 40  # characters of a wrong value


@dataclass(frozen=True)
class Range:
    """What a setting allows and how it is shown: numbers in ``minimum..maximum``, or one of `choices` (value -> label)."""

    label: str
    help: str
    minimum: float = 0
    maximum: float = 0
    choices: dict[str, str] = field(default_factory=dict)
    percent: bool = False
    logarithmic: bool = False

    def check(self, name: str, value: object, kind: type) -> Any:
        """The value as `kind`. Raises `SettingError` with the allowed range."""
        if self.choices:
            if not isinstance(value, str) or value not in self.choices:
                raise SettingError(f"{name} is {str(value)[:_SHOWN]!r}; it must be one of {', '.join(self.choices)}")
            return value
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not self.minimum <= value <= self.maximum:  # type: ignore[operator]
            raise SettingError(f"{name} is {str(value)[:_SHOWN]}; it must lie in {self.minimum:g}..{self.maximum:g}")
        if kind is int and value != int(value):  # type: ignore[call-overload]
            raise SettingError(f"{name} is {str(value)[:_SHOWN]}; it must be a whole number")
        return kind(value)


def _setting(default: Any, label: str, help: str, **allowed: Any) -> Any:
    return field(default=default, metadata={"range": Range(label, help, **allowed)})


_QUALITY = {"draft": "Draft", "standard": "Standard", "fine": "Fine"}


# fmt: off
@dataclass(frozen=True)
class Settings:
    """How a layer is painted. Raises `SettingError` when a value is out of its range or not a number."""

    strength: float = _setting(0.5, "Strength", "How far the layer turns into the style", minimum=0, maximum=1, percent=True)
    brush_size: float = _setting(1.0, "Brush size", "Size of the strokes, relative to the layer's long side", minimum=0.25, maximum=4, percent=True, logarithmic=True)
    detail: float = _setting(0.5, "Detail", "How much of the layer's drawing is kept", minimum=0, maximum=1, percent=True)
    original_colours: float = _setting(0.0, "Original colours", "From the painting's colours to the layer's own", minimum=0, maximum=1, percent=True)
    quality: Quality = _setting("standard", "Quality", "Finer takes longer", choices=_QUALITY)
    seed: int = _setting(0, "Variation", "Another number gives other strokes", minimum=0, maximum=2**31 - 1)
# fmt: on

    def __post_init__(self) -> None:
        for name, allowed in ranges().items():
            kind = type(next(f.default for f in fields(self) if f.name == name))
            object.__setattr__(self, name, allowed.check(name, getattr(self, name), kind))

    def as_dict(self) -> dict[str, Any]:
        """The settings as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Settings":
        """The settings from plain JSON values; unknown names are ignored. Raises `SettingError`."""
        return cls(**{name: values[name] for name in ranges() if name in values})


def ranges() -> dict[str, Range]:
    """Every setting's range by its name, in the order in which a person meets them."""
    return {f.name: f.metadata["range"] for f in fields(Settings)}


def default_of(name: str) -> Any:
    """The default of one setting."""
    return next(f.default for f in fields(Settings) if f.name == name)
