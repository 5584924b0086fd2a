"""Orders and styles' statistics as plain values and bytes: nothing else is sent to another machine."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch

from impasto.losses.gram import Gram, Moments
from impasto.painting.order import Map, Order, OrderedRegion
from impasto.request import WeightedStyle
from impasto.transfer import Recipe, SharedTargets, custom_recipe
from impasto_wire.settings import Settings

from .values import Values, array_from, array_values

_STATISTICS = {kind.__name__: kind for kind in (Moments, Gram)}


def order_values(order: Order) -> Values:
    """An order. Of the weights only the path is sent: it must be the same on every machine."""
    recipe = {
        "name": order.recipe.name,
        "backbone": order.recipe.backbone,
        "total_steps": order.recipe.total_steps,
    }
    assert _recipe_from(recipe) == order.recipe, "only recipes that have a name can be sent"
    return {
        "styles": _styles_values(order.styles),
        "settings": asdict(order.settings),
        "recipe": recipe,
        "maps": {
            name: None if given is None else (given.name, array_values(given.grey))
            for name, given in (("selection", order.selection), ("detail_map", order.detail_map))
        },
        "weights": None if order.weights is None else str(order.weights),
        "device": order.device,
        "size": order.size,
        "memory_budget": order.memory_budget,
        "style_profiles": order.style_profiles,
        "regions": [_region_values(region) for region in order.regions],
        "per_inch": order.per_inch,
    }


def order_from(values: Values) -> Order:
    """The order that `order_values` was made from. Raises `SettingError`."""
    maps = {
        name: None if given is None else Map(given[0], array_from(given[1])) for name, given in values["maps"].items()
    }
    return Order(
        styles=_styles_from(values["styles"]),
        settings=Settings.from_dict(values["settings"]),
        recipe=_recipe_from(values["recipe"]),
        **maps,
        weights=None if values["weights"] is None else Path(values["weights"]),
        device=values["device"],
        size=values["size"],
        memory_budget=values["memory_budget"],
        style_profiles=tuple(values["style_profiles"]),
        regions=tuple(map(_region_from, values["regions"])),
        per_inch=values["per_inch"],
    )


def _styles_values(styles: Sequence[WeightedStyle]) -> list[tuple[Values, float]]:
    return [(array_values(style.picture), style.weight) for style in styles]


def _styles_from(values: list[tuple[Values, float]]) -> tuple[WeightedStyle, ...]:
    return tuple(WeightedStyle(array_from(picture), weight) for picture, weight in values)


def _region_values(region: OrderedRegion) -> Values:
    return {
        "map": (region.map.name, array_values(region.map.grey)),
        "styles": _styles_values(region.styles),
        "settings": asdict(region.settings),
        "style_profiles": region.style_profiles,
    }


def _region_from(values: Values) -> OrderedRegion:
    name, grey = values["map"]
    return OrderedRegion(
        Map(name, array_from(grey)),
        _styles_from(values["styles"]),
        Settings.from_dict(values["settings"]),
        tuple(values["style_profiles"]),
    )


def _recipe_from(values: Values) -> Recipe:
    return custom_recipe(values["name"], values["backbone"], values["total_steps"])


def targets_values(targets: Sequence[SharedTargets]) -> list[list[Values]]:
    """The statistics that paintings in the same looks share, look by look."""
    return [_of_look(look) for look in targets]


def _of_look(targets: SharedTargets) -> list[Values]:
    return [
        {
            "key": tuple(tuple(part) if isinstance(part, tuple) else part for part in key),
            "layers": {
                name: (type(found).__name__, [array_values(part.cpu().numpy()) for part in found])
                for name, found in layers.items()
            },
        }
        for key, layers in targets.items()
    ]


def targets_from(values: list[list[Values]], device: torch.device) -> list[SharedTargets]:
    """The statistics that `targets_values` was made from, on a device."""
    return [_look_from(look, device) for look in values]


def _look_from(values: list[Values], device: torch.device) -> SharedTargets:
    return {
        entry["key"]: {
            name: _STATISTICS[kind](*(torch.from_numpy(array_from(part)).to(device) for part in parts))
            for name, (kind, parts) in entry["layers"].items()
        }
        for entry in values
    }
