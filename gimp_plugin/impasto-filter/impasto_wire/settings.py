"""The settings table: all that there is to say of a setting, said once, in one line of the class `Settings`.

From that line come the row in the dialog, the argument of GIMP's procedures, the option of the command line, the field
in a job's message, in a style's file and in a painting's record, and the line in the documentation. A new setting is one
line here, plus its use in `impasto.transfer`, plus its section in docs/settings.md.
"""

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from .errors import SettingError

Quality = Literal["draft", "standard", "fine"]
Seamless = Literal["no", "across", "down", "both"]
Purpose = Literal["final", "preview", "thumbnail"]
_SHOWN = 40  # characters of a wrong value, at most


@dataclass(frozen=True)
class Range:
    """What a setting allows and how it is shown: numbers in ``minimum..maximum``, or one of `choices` (value -> label)."""

    label: str
    help: str
    examples: tuple[Any, Any]
    """Two values that show what the setting does; the documentation has a painting of each."""
    minimum: float = 0
    maximum: float = 0
    choices: dict[str, str] = field(default_factory=dict)
    percent: bool = False
    """Is it shown as a percentage, on a slider?"""
    logarithmic: bool = False
    """Has the slider more room for the small values?"""
    by_style: bool = False
    """May a style suggest a value? Only for a number of 0 or more: -1 stands for the style's value."""

    fresh: Any = None
    """What the dialog begins with in a shipped style, or in a picture that is no style yet. Where nobody chooses, in
    calls, records and saved styles, the default is what it was before there was the setting. None: the default."""

    def __post_init__(self) -> None:
        assert not self.by_style or (not self.choices and self.minimum >= 0), self.label

    @property
    def allowed(self) -> str:
        """What may be given, in short: ``0..1`` or ``draft|standard|fine``."""
        return "|".join(self.choices) or f"{self.minimum:g}..{self.maximum:g}"

    def check(self, name: str, value: object, kind: type) -> Any:
        """The value as `kind`. Raises `SettingError` with the allowed range."""
        if self.choices:
            if not isinstance(value, str) or value not in self.choices:
                raise SettingError(f"{name} is {shown(value)}; it must be one of {', '.join(self.choices)}")
            return value
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not self.minimum <= value <= self.maximum:  # type: ignore[operator]
            raise SettingError(f"{name} is {shown(value)}; it must lie in {self.allowed}")
        if kind is int and value != int(value):  # type: ignore[call-overload]
            raise SettingError(f"{name} is {shown(value)}; it must be a whole number")
        return kind(value)


def shown(value: object) -> str:
    """A wrong value as an error's sentence shows it: short, in one line."""
    return repr(value)[:_SHOWN] if isinstance(value, (str, int, float)) else f"a {type(value).__name__}"


def _setting(default: Any, label: str, help: str, examples: tuple[Any, Any], **allowed: Any) -> Any:
    return field(default=default, metadata={"range": Range(label, help, examples, **allowed)})


_QUALITY = {"draft": "Draft", "standard": "Standard", "fine": "Fine"}

_SEAMLESS = {"no": "No", "across": "Left to right", "down": "Top to bottom", "both": "On all sides"}


# fmt: off
@dataclass(frozen=True)
class Settings:
    """How a layer is painted. Raises `SettingError` when a value is out of its range or not a number."""

    strength: float = _setting(0.5, "Strength", "How far the layer turns into the style", (0.2, 0.9), minimum=0, maximum=1, percent=True, by_style=True)
    brush_size: float = _setting(1.0, "Brush size", "Size of the strokes, relative to the layer's long side", (0.5, 2), minimum=0.25, maximum=4, percent=True, logarithmic=True, by_style=True)
    detail: float = _setting(0.5, "Detail", "How much of the layer's drawing is kept", (0.1, 0.9), minimum=0, maximum=1, percent=True, by_style=True)
    places: float = _setting(0.0, "Like to like", "From style spread alike everywhere to each place painted as its like in the painting", (0, 1), minimum=0, maximum=1, percent=True, by_style=True, fresh=1.0)
    original_colours: float = _setting(0.0, "Original colours", "From the painting's colours to the layer's own", (0, 1), minimum=0, maximum=1, percent=True, by_style=True)
    quality: Quality = _setting("standard", "Quality", "Finer takes longer", ("draft", "standard"), choices=_QUALITY)
    seamless: Seamless = _setting("no", "Seamless", "The painting tiles without a seam: as a texture, or a pattern", ("no", "both"), choices=_SEAMLESS)
    seed: int = _setting(0, "Variation", "Another number gives other strokes", (0, 1), minimum=0, maximum=2**31 - 1)
# fmt: on

    def __post_init__(self) -> None:
        for name in ranges():
            object.__setattr__(self, name, checked(name, getattr(self, name)))

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


def checked(name: str, value: object) -> Any:
    """The value of one setting, as a number of its type or one of its choices. Raises `SettingError`."""
    return ranges()[name].check(name, value, type(default_of(name)))


def suggested() -> tuple[str, ...]:
    """The names of the settings that a style may suggest."""
    return tuple(name for name, allowed in ranges().items() if allowed.by_style)
