"""What a job asks for: a layer, styles, settings. One value, from the filter and the command line to the painter.

`PaintRequest` is generic over what a picture is: `Pixels` in the filter, a digest (`PictureRef`) on the wire, an array
in the engine; of a style on disk, a file. A new field of a job is a line here, a line in `with_pictures`, and its use.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from .errors import PictureError, SettingError
from .settings import Settings

MAX_STYLES = 16
"""Most style pictures of one job, and of each of its regions."""
MAX_REGIONS = 8
OF_ALL = ("quality", "seamless", "seed")
"""Settings of the whole painting, which no region has for itself."""
RECIPE = "impasto"
"""The recipe that is used where none is named."""
MAX_RECIPE = 40
"""Most characters of a recipe's name."""


def check_regions(count: int) -> None:
    """Raises `PictureError` for too many regions."""
    if count > MAX_REGIONS:
        raise PictureError(f"a job has {count} regions; it can have at most {MAX_REGIONS}")


def check_recipe(name: str) -> None:
    """Raise `SettingError` for what no recipe can be called."""
    if len(name) > MAX_RECIPE:
        raise SettingError(f"recipe is {name[:MAX_RECIPE]!r}…; a recipe's name has at most {MAX_RECIPE} characters")


def check_styles(styles: Sequence[object]) -> None:
    """Raise `PictureError` for too few or too many."""
    if not 1 <= len(styles) <= MAX_STYLES:
        raise PictureError(f"a job has {len(styles)} styles; it must have 1..{MAX_STYLES}")


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
class Region(Generic[P]):
    """A part of the layer that is painted in styles and by settings of its own.

    Its map has one channel and the layer's size; 0 is outside, between is a soft edge. What lies in a later region is
    no longer an earlier one's. The settings `OF_ALL` are those of the whole painting.
    """

    map: P
    styles: tuple[WeightedStyle[P], ...]
    settings: Settings = field(default_factory=Settings)

    def __post_init__(self) -> None:
        check_styles(self.styles)

    def with_pictures(self, of: Callable[[P], Q]) -> "Region[Q]":
        """The same region with `of(picture)` in the place of each picture."""
        return Region(of(self.map), tuple(style.map(of) for style in self.styles), self.settings)


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
    `before`, the painting begins from that frame's, moved to where things are now. Its `regions` are painted in styles
    of their own. From an `earlier` painting of the layer, RGB, of its size or smaller, it goes on: that is much
    quicker, and not quite what is painted without. Raises `PictureError`.
    """

    layer: P
    styles: tuple[WeightedStyle[P], ...]
    settings: Settings = field(default_factory=Settings)
    selection: P | None = None
    detail_map: P | None = None
    recipe: str = RECIPE
    window: Window | None = None
    before: FrameBefore[P] | None = None
    regions: tuple[Region[P], ...] = ()
    earlier: P | None = None

    def __post_init__(self) -> None:
        check_styles(self.styles)
        check_regions(len(self.regions))
        if self.before and self.earlier is not None:
            raise PictureError("a painting goes on from the frame before or from an earlier painting, not from both")
        check_recipe(self.recipe)

    def pictures(self) -> Iterator[P]:
        """Every picture of the request."""
        yield self.layer
        yield from (style.picture for style in self.styles)
        yield from (picture for picture in (self.selection, self.detail_map, self.earlier) if picture is not None)
        if self.before:
            yield self.before.layer
            yield self.before.painting
        for region in self.regions:
            yield region.map
            yield from (style.picture for style in region.styles)

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
            regions=tuple(region.with_pictures(of) for region in self.regions),
            earlier=None if self.earlier is None else of(self.earlier),
        )

    def in_each_look(self) -> "Iterator[PaintRequest[P]]":
        """The request as it would be if all of it were painted as what lies in no region, then as each region is."""
        yield replace(self, regions=())
        for region in self.regions:
            settings = replace(region.settings, **{name: getattr(self.settings, name) for name in OF_ALL})
            yield replace(self, regions=(), styles=region.styles, settings=settings)
