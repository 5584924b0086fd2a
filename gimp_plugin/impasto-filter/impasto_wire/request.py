"""What a job asks for: a layer, styles, settings. One value, from the filter and the command line to the painter.

`PaintRequest` is generic over what a picture is: `Pixels` in the filter, a digest (`PictureRef`) on the wire, an array
in the engine; of a style on disk, a file. A new field of a job is a line here, a line in `with_pictures`, and its use.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from .errors import PictureError, SettingError
from .settings import Settings

MAX_STYLES = 16
"""Most style pictures of one job."""
RECIPE = "impasto"
"""The recipe that is used where none is named."""
MAX_RECIPE = 40
"""Most characters of a recipe's name."""


def check_recipe(name: str) -> None:
    """Raise `SettingError` for what no recipe can be called."""
    if len(name) > MAX_RECIPE:
        raise SettingError(f"recipe is {name[:MAX_RECIPE]!r}…; a recipe's name has at most {MAX_RECIPE} characters")


P = TypeVar("P")
"""What a picture is."""
Q = TypeVar("Q")


@dataclass(frozen=True)
class WeightedStyle(Generic[P]):
    """A picture to take the style from, and its share in the mix: any positive number; shares are normalised."""

    picture: P
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not self.weight > 0:
            raise PictureError(f"a style's weight is {self.weight}; it must be a positive number")

    def map(self, of: Callable[[P], Q]) -> "WeightedStyle[Q]":
        """`of(picture)` with the same share."""
        return WeightedStyle(of(self.picture), self.weight)


@dataclass(frozen=True)
class Window:
    """Part of a layer, in its pixels."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class FrameBefore(Generic[P]):
    """The frame before in an animation: its layer and the painting of it, RGB; both of the layer's size."""

    layer: P
    painting: P


@dataclass(frozen=True)
class PaintRequest(Generic[P]):
    """One painting that is asked for.

    Layer and styles: RGBA or RGB; selection and detail map: one channel, the layer's size. In the selection 0 is a
    pixel that stays as it is; in the detail map 1 keeps the drawing, 0 lets it dissolve into strokes. With a `window`
    only that part of the painting is asked for, as it would be in a painting of the whole layer. With the frame
    `before`, the painting begins from that frame's, moved to where things are now. Raises `PictureError`.
    """

    layer: P
    styles: tuple[WeightedStyle[P], ...]
    settings: Settings = field(default_factory=Settings)
    selection: P | None = None
    detail_map: P | None = None
    recipe: str = RECIPE
    window: Window | None = None
    before: FrameBefore[P] | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.styles) <= MAX_STYLES:
            raise PictureError(f"a job has {len(self.styles)} styles; it must have 1..{MAX_STYLES}")
        check_recipe(self.recipe)

    def pictures(self) -> Iterator[P]:
        """Every picture of the request."""
        yield self.layer
        yield from (style.picture for style in self.styles)
        yield from (map_ for map_ in (self.selection, self.detail_map) if map_ is not None)
        if self.before:
            yield self.before.layer
            yield self.before.painting

    def with_pictures(self, of: Callable[[P], Q]) -> "PaintRequest[Q]":
        """The same request with `of(picture)` in the place of each picture."""
        before = self.before
        return PaintRequest(
            layer=of(self.layer),
            styles=tuple(style.map(of) for style in self.styles),
            settings=self.settings,
            selection=None if self.selection is None else of(self.selection),
            detail_map=None if self.detail_map is None else of(self.detail_map),
            recipe=self.recipe,
            window=self.window,
            before=None if before is None else FrameBefore(of(before.layer), of(before.painting)),
        )
