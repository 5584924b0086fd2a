"""The options of every command that paints: style, settings, recipe, network, Ray cluster; and the order they give."""

import argparse
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from impasto.pictures.print_size import parse_size
from impasto_presets import Preset, list_presets, load_preset, user_folder
from impasto_wire.errors import SettingError
from impasto_wire.request import RECIPE, WeightedStyle
from impasto_wire.settings import Settings, ranges, suggested

if TYPE_CHECKING:
    from impasto.cluster.driver import Plan
    from impasto.painting.order import Map, Order, OrderedRegion
    from impasto.request import Picture

_MOST_WORKERS = 1024
_MOST_CPUS = 1024
_NUMBER = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")


def add_options(parser: Any) -> None:
    """Add to a command what decides how a painting looks and how it is made."""
    style = parser.add_mutually_exclusive_group()
    style.add_argument(
        "--style",
        action="append",
        metavar="PICTURE[:WEIGHT]",
        help="a picture to take the style from; again for a mix, each with its weight",
    )
    style.add_argument("--preset", metavar="NAME", help="a style of the gallery; see: impasto presets list")
    add_settings(parser, ranges())
    parser.add_argument(
        "--detail-map", type=Path, metavar="PICTURE", help="grey: white keeps the drawing, black lets go"
    )
    parser.add_argument(
        "--selection", type=Path, metavar="PICTURE", help="grey: white is painted, black stays as it is"
    )
    parser.add_argument(
        "--region",
        action="append",
        default=[],
        metavar="MAP=STYLE[:STRENGTH]",
        help="grey: white is painted in another style, of the gallery or a picture; again for more regions",
    )
    parser.add_argument("--size", metavar="LONG_SIDE", help="paint at this size: pixels, or of a print 30cm@300dpi")
    parser.add_argument("--recipe", metavar="NAME", help="impasto|classic|gatys|pastiche; by style, impasto")
    parser.add_argument("--backbone", metavar="NAME", help="vgg19|vgg16|squeezenet; by recipe")
    parser.add_argument(
        "--weights", type=Path, metavar="FILE", help=".safetensors or .pth, or 'torchvision' for what it has fetched"
    )
    parser.add_argument("--steps", type=int, metavar="N", help="steps of all scales together, instead of the quality's")
    parser.add_argument("--memory-budget", type=float, metavar="GIB", help="paint in tiles that fit into this")
    parser.add_argument("--device", default="auto", metavar="auto|cpu|cuda|xpu|mps", help="what computes")


def add_settings(parser: Any, names: Iterable[str]) -> None:
    """Add an option for each setting of those names."""
    for name in names:
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, dest=name, metavar=ranges()[name].allowed, help=ranges()[name].help)


def check_workers(count: int) -> None:
    """Raises `SettingError` for a number of workers that is out of range."""
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
        regions=tuple(_region(text, settings) for text in chosen.region),
    )


def _preset(chosen: argparse.Namespace) -> Preset | None:
    """The style that is asked for, or the first; None where pictures are given instead."""
    if chosen.style is not None:
        return None
    return load_preset(chosen.preset, user_folder()) if chosen.preset else list_presets()[0]


def _settings(chosen: argparse.Namespace, preset: Preset | None) -> Settings:
    """The settings that were given; for the others what the style suggests for its own recipe, or the default."""
    is_suggested = preset is not None and chosen.recipe in (None, preset.recipe)
    return given_settings(chosen, ranges(), preset.settings if preset and is_suggested else Settings())


def given_settings(chosen: argparse.Namespace, names: Iterable[str], others: Settings) -> Settings:
    """The settings of those names that the command line gives, and the `others`. Raises `SettingError`."""
    given: dict[str, Any] = {name: getattr(chosen, name) for name in names}
    return replace(others, **{name: _value(name, text) for name, text in given.items() if text is not None})


def _value(name: str, text: str) -> Any:
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
) -> "tuple[tuple[WeightedStyle[Picture], ...], tuple[bytes | None, ...]]":
    """The style pictures, and the colour space of each."""
    from impasto.painting.order import read_styles_with_spaces

    return read_styles_with_spaces(preset.pictures if preset else map(weighted_style, chosen.style))


def weighted_style(text: str) -> WeightedStyle[Path]:
    """A picture's file and its weight: the number after the last colon, if there is one, else 1."""
    path, _, weight = text.rpartition(":")
    if not path or not _NUMBER.fullmatch(weight) or Path(text).exists():
        return WeightedStyle(Path(text))
    if not float(weight) > 0:
        raise SettingError(f"the weight of {path} is {weight}; it must be above 0")
    return WeightedStyle(Path(path), float(weight))


def _region(text: str, settings: Settings) -> "OrderedRegion":
    """A region, from its map's file, its style's name or picture, and its strength. Raises `ImpastoError`."""
    from impasto.painting.order import OrderedRegion, read_styles_with_spaces

    file, equals, wanted = text.rpartition("=")
    if not (file and equals and wanted):
        raise SettingError(f"region is {text!r}; it must be MAP=STYLE or MAP=STYLE:STRENGTH, as sky.png=woodcut:0.8")
    style, _, strength = wanted.rpartition(":")
    if not style or not _NUMBER.fullmatch(strength) or Path(wanted).exists():
        style, strength = wanted, ""
    own = replace(settings, strength=float(strength)) if strength else settings
    map_ = _map(Path(file))
    assert map_
    if Path(style).is_file():
        pictures, profiles = read_styles_with_spaces([WeightedStyle(Path(style))])
    else:
        preset = load_preset(style, user_folder())
        pictures, profiles = read_styles_with_spaces(preset.pictures)
        own = replace(own, **{name: getattr(preset.settings, name) for name in suggested()})
        own = replace(own, strength=float(strength)) if strength else own
    return OrderedRegion(map_, pictures, own, profiles)


def _map(path: Path | None) -> "Map | None":
    if path is None:
        return None
    from impasto.painting.order import Map
    from impasto.pictures import files

    return Map(str(path), files.read_grey(path))


def add_ray_options(parser: Any) -> None:
    """Add to a command what names a Ray cluster."""
    parser.add_argument(
        "--ray",
        metavar="auto|ADDRESS",
        help="paint on a Ray cluster: one of its own on this machine (auto), or that at HOST:PORT",
    )
    parser.add_argument(
        "--worker-cpus",
        type=int,
        metavar="N",
        help="CPUs of each worker on the cluster, where it has no GPU; 1, with auto this machine's share",
    )


def check_ray_options(chosen: argparse.Namespace) -> None:
    """Raises `SettingError` for options that contradict each other, and if Ray is not installed."""
    if chosen.worker_cpus is not None and not 1 <= chosen.worker_cpus <= _MOST_CPUS:
        raise SettingError(f"worker_cpus is {chosen.worker_cpus}; it must lie in 1..{_MOST_CPUS}")
    if chosen.ray is None:
        if chosen.worker_cpus is not None:
            raise SettingError("worker_cpus is for workers on a Ray cluster; give --ray auto or its address too")
        return
    from impasto.cluster.connect import check_ray

    check_ray(chosen.ray)


def read_plan(chosen: argparse.Namespace, device: str, most: int) -> "Plan":
    """The cluster that is asked for, with at most `most` workers."""
    from impasto.cluster.connect import AUTO
    from impasto.cluster.driver import Plan
    from impasto.cluster.machines import Share

    wants_gpu = device in ("auto", "cuda")
    if chosen.ray != AUTO:
        asked = most if chosen.workers is None else min(chosen.workers, most)
        return Plan(chosen.ray, Share(chosen.worker_cpus or 1, wants_gpu), asked)
    import torch

    cores = torch.get_num_threads()
    if chosen.workers is None:
        cpus = chosen.worker_cpus or 1
        return Plan(AUTO, Share(cpus, wants_gpu), min(most, max(1, cores // cpus)))
    # As processes without Ray would share the cores.
    workers = min(chosen.workers, most)
    return Plan(AUTO, Share(chosen.worker_cpus or max(1, cores // workers), wants_gpu), workers)
