"""The options of whatever paints: style, settings, recipe, network; and the order that they come to."""

import argparse
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from impasto.pictures.print_size import parse_size
from impasto_presets import Preset, list_presets, load_preset, user_folder
from impasto_presets.preset import RANGES
from impasto_wire.errors import SettingError
from impasto_wire.request import RECIPE
from impasto_wire.settings import Settings, ranges

if TYPE_CHECKING:
    from impasto.painting.order import Map, Order
    from impasto.request import WeightedStyle

_MOST_WORKERS = 1024
_NUMBER = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")


def add_options(parser: Any) -> None:
    """Hang them on a command."""
    style = parser.add_mutually_exclusive_group()
    style.add_argument(
        "--style",
        action="append",
        metavar="PICTURE[:WEIGHT]",
        help="a picture to take the style from; again for a mix, each with its weight",
    )
    style.add_argument("--preset", metavar="NAME", help="a style of the gallery; see: impasto presets list")
    for name, allowed in ranges().items():
        choices = "|".join(allowed.choices) or f"{allowed.minimum:g}..{allowed.maximum:g}"
        parser.add_argument(f"--{name.replace('_', '-')}", dest=name, metavar=choices, help=allowed.help)
    parser.add_argument(
        "--detail-map", type=Path, metavar="PICTURE", help="grey: white keeps the drawing, black lets go"
    )
    parser.add_argument(
        "--selection", type=Path, metavar="PICTURE", help="grey: white is painted, black stays as it is"
    )
    parser.add_argument("--size", metavar="LONG_SIDE", help="paint at this size: pixels, or of a print 30cm@300dpi")
    parser.add_argument("--recipe", metavar="NAME", help="impasto|classic|gatys|pastiche; by style, impasto")
    parser.add_argument("--backbone", metavar="NAME", help="vgg19|vgg16|squeezenet; by recipe")
    parser.add_argument(
        "--weights", type=Path, metavar="FILE", help=".safetensors or .pth, or 'torchvision' for what it has fetched"
    )
    parser.add_argument("--steps", type=int, metavar="N", help="steps of all scales together, instead of the quality's")
    parser.add_argument("--memory-budget", type=float, metavar="GIB", help="paint in tiles that fit into this")
    parser.add_argument("--device", default="auto", metavar="auto|cpu|cuda|mps", help="what computes")


def check_workers(count: int) -> None:
    """Raises `SettingError` for a number of workers that nobody can have."""
    if not 1 <= count <= _MOST_WORKERS:
        raise SettingError(f"workers is {count}; it must lie in 1..{_MOST_WORKERS}")


def read_order(chosen: argparse.Namespace) -> "Order":
    """All that the options ask for. Raises `SettingError`, `PresetError`, `PictureError`."""
    preset = _preset(chosen)
    settings = _settings(chosen, preset)
    budget = _bytes(chosen.memory_budget)
    _check_numbers(chosen)
    size = None if chosen.size is None else parse_size(chosen.size)

    from impasto.painting.order import Order
    from impasto.transfer import custom_recipe

    recipe = chosen.recipe or (preset.recipe if preset else RECIPE)
    styles, profiles = _styles(chosen, preset)
    return Order(
        styles=styles,
        style_profiles=profiles,
        settings=settings,
        recipe=custom_recipe(recipe, chosen.backbone, chosen.steps),
        selection=_map(chosen.selection),
        detail_map=_map(chosen.detail_map),
        weights=chosen.weights,
        device=chosen.device,
        size=size.pixels if size else None,
        per_inch=size.per_inch if size else None,
        memory_budget=budget,
    )


def _preset(chosen: argparse.Namespace) -> Preset | None:
    """The style that is asked for, or the first; None where pictures are given instead."""
    if chosen.style is not None:
        return None
    return load_preset(chosen.preset, user_folder()) if chosen.preset else list_presets()[0]


def _settings(chosen: argparse.Namespace, preset: Preset | None) -> Settings:
    """What was asked for, else what the style suggests for its own recipe, else the default."""
    settings = given_settings(chosen, ranges())
    if preset is None or chosen.recipe not in (None, preset.recipe):
        return settings
    return replace(settings, **{name: getattr(preset, name) for name in RANGES if getattr(chosen, name) is None})


def given_settings(chosen: argparse.Namespace, names: Iterable[str]) -> Settings:
    """The settings of those names that the command line gives; the others at their defaults. Raises `SettingError`."""
    given = {name: getattr(chosen, name) for name in names}
    return Settings.from_dict({name: _value(name, text) for name, text in given.items() if text is not None})


def _value(name: str, text: str) -> str | float:
    if ranges()[name].choices:
        return text
    try:
        return float(text)
    except ValueError as error:
        raise SettingError(f"{name} is {text!r}; it must be a number") from error


def _check_numbers(chosen: argparse.Namespace) -> None:
    if chosen.steps is not None and not 1 <= chosen.steps <= 100_000:
        raise SettingError(f"steps is {chosen.steps}; it must lie in 1..100000")


def _bytes(gib: float | None) -> int | None:
    if gib is None:
        return None
    if not 0 < gib <= 100_000:
        raise SettingError(f"memory_budget is {gib:g}; it must be a number of GiB above 0")
    return int(gib * (1 << 30))


def _styles(
    chosen: argparse.Namespace, preset: Preset | None
) -> "tuple[tuple[WeightedStyle, ...], tuple[bytes | None, ...]]":
    """The style pictures, and the colour space of each."""
    from impasto.pictures import files
    from impasto.request import WeightedStyle

    pictures = preset.pictures if preset else [weighted_style(text) for text in chosen.style]
    found = [(files.read_picture(path), weight) for path, weight in pictures]
    styles = tuple(WeightedStyle(picture.pixels, weight) for picture, weight in found)
    return styles, tuple(picture.profile for picture, _ in found)


def weighted_style(text: str) -> tuple[Path, float]:
    """A picture's path and its weight: what follows the last colon, if that is a number, else 1."""
    path, _, weight = text.rpartition(":")
    if not path or not _NUMBER.fullmatch(weight) or Path(text).exists():
        return Path(text), 1.0
    if not float(weight) > 0:
        raise SettingError(f"the weight of {path} is {weight}; it must be above 0")
    return Path(path), float(weight)


def _map(path: Path | None) -> "Map | None":
    if path is None:
        return None
    from impasto.painting.order import Map
    from impasto.pictures import files

    return Map(str(path), files.read_grey(path))
