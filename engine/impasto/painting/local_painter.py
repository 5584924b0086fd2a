"""The painter of this machine: the transfer, with its networks and the styles' statistics kept on one device."""

import hashlib
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from impasto.backbones import Backbone, load_backbone
from impasto.backbones.names import BACKBONES
from impasto.devices import describe_device, devices_beside
from impasto.folders import folders
from impasto.request import Forecast, PaintRequest, Picture, Step, WeightedStyle, drained
from impasto.transfer import (
    ALONE,
    NOT_KEPT,
    Recipe,
    SharedTargets,
    Speed,
    Team,
    forecast,
    measure_speed,
    recipe_named,
    shared_targets,
    stylize,
)
from impasto.transfer.areas import part_asked_for
from impasto.transfer.out_of_memory import free_memory, is_out_of_memory
from impasto.transfer.tiles import WHOLE_PIXELS
from impasto_wire.settings import Settings

from .checkpoints import CheckpointFolder
from .fine_artworks import as_fine_as_needed
from .frames import warped
from .recolouring import LatestPaintings
from .room import Room
from .trial import trusted_device

_MOST_LOOKS = 4
_MOST_SIZES = 24
"""How many looks are kept, and of how many sizes each; an entry takes a few megabytes at most."""


class LocalPainter:
    """Paints layers on one device; keeps the default backbone there, and each other one that a recipe has needed."""

    backbones = BACKBONES[:1]

    def __init__(
        self,
        device: str = "auto",
        recipe: Recipe | None = None,
        weights: Path | None = None,
        memory_budget: int | None = None,
        team: Team = ALONE,
        checkpoints: CheckpointFolder | None = None,
    ) -> None:
        """A `recipe` is used for all requests, whichever they name; `weights` is the file of its backbone.

        `memory_budget` is in bytes: the tiles are as large as fit into it. With a `team`, the painters of its processes
        are given the same requests and share each picture. With `checkpoints`, a long painting that ended before it was
        finished goes on from its last scale. Raises `WeightsMissing`, `SettingError`.
        """
        self.torch_device = trusted_device(device)
        self.device = describe_device(self.torch_device)
        self.more_devices = devices_beside(device)
        self._recipe, self._weights = recipe, weights
        self._memory_budget, self.team = memory_budget, team
        self._checkpoints = checkpoints if team.is_first else None
        self._room = Room(self.torch_device)
        self._speeds: dict[str, Speed] = {}
        self._targets = KeptTargets()
        self._latest = LatestPaintings()
        self._threads = torch.get_num_threads()
        self._backbones: dict[str, Backbone] = {}
        self._load(BACKBONES[0] if recipe is None else recipe.backbone)

    def paint(self, request: PaintRequest) -> Generator[Step | str, bool | None, Picture]:
        """Yield the steps of `stylize` and return its painting. Raises `MemoryError` for torch's errors of that kind,
        too."""
        recipe, part, quality = self._recipe_of(request), part_asked_for(request), request.settings.quality
        height, width = request.layer.shape[:2]
        budget = self._memory_budget or self._room.budget(width, height, quality, recipe)
        with self._room.taken_by(part.width, part.height, quality, recipe):
            return (yield from self._paint(request, recipe, budget))

    def _paint(
        self, request: PaintRequest, recipe: Recipe, budget: int | None
    ) -> Generator[Step | str, bool | None, Picture]:
        layer = request.layer
        shared = [self._targets.of(look, recipe) for look in request.in_each_look()]
        checkpoints = self._checkpoints.of(request, recipe) if self._checkpoints else NOT_KEPT
        uncoloured = self._latest.of(request, recipe)
        request = yield from self._with_fine_styles(request)
        if checkpoints.is_there():
            yield "Going on where it ended the last time"
        try:
            return (
                yield from stylize(
                    request,
                    self._load(recipe.backbone),
                    recipe,
                    memory_budget=budget,
                    shared=shared,
                    before=None if request.before is None else warped(request.before, layer),
                    team=self.team,
                    checkpoints=checkpoints,
                    uncoloured=uncoloured,
                )
            )
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            raise MemoryError from error
        finally:
            # GIMP and other programs need the memory too. What a preview or a small layer took is kept for the next
            # one, until the painter is closed.
            part = part_asked_for(request)
            if part.width * part.height > WHOLE_PIXELS:
                free_memory()

    def forecast(
        self, width: int, height: int, settings: Settings, recipe: str, regions: Sequence[Settings] = ()
    ) -> Forecast:
        """What a layer of that size would cost here, with regions of these settings, beside what is under way. The
        first call for a recipe measures the device's speed."""
        by = recipe_named(recipe)
        if recipe not in self._speeds:
            self._speeds[recipe] = measure_speed(self._load(by.backbone), by)
        budget = self._room.budget(width, height, settings.quality, by)
        return forecast(width, height, settings, self._speeds[recipe], by, self.torch_device, budget, regions)

    def has_room_for(self, width: int, height: int, settings: Settings, recipe: str) -> bool:
        """Does the memory hold it beside the paintings under way? A team paints one at a time: its processes must take
        their steps in one order."""
        if self.team is not ALONE:
            return self._room.is_empty
        return self._room.holds_one_more(width, height, settings.quality, self._recipe or recipe_named(recipe))

    def prepare(self, request: PaintRequest) -> list[SharedTargets]:
        """The styles' statistics, which requests like this one share. Raises `PictureError`, `OutOfMemory`."""
        recipe = self._recipe_of(request)
        fine = drained(self._with_fine_styles(request))
        return shared_targets(fine, self._load(recipe.backbone), recipe, memory_budget=self._memory_budget)

    def keep(self, request: PaintRequest, targets: Sequence[SharedTargets]) -> None:
        """Use what another painter has prepared for requests like this one."""
        for look, of_look in zip(request.in_each_look(), targets, strict=True):
            self._targets.of(look, self._recipe_of(request)).update(of_look)

    def leave_a_core(self, is_left: bool) -> None:
        """Paint on all cores but one from now on, or on all.

        Where there are only two, both are always used: a preview then takes half of the time, and the worker's low
        priority keeps GIMP responsive.
        """
        torch.set_num_threads(self._threads - (is_left and self._threads > 2))

    def close(self) -> None:
        """Free the backbones, and what torch keeps of a GPU's memory for later."""
        self._backbones.clear()
        self._targets = KeptTargets()
        self._latest = LatestPaintings()
        free_memory()

    def _recipe_of(self, request: PaintRequest) -> Recipe:
        return self._recipe or recipe_named(request.recipe)

    def _load(self, name: str) -> Backbone:
        """The network of that name. Raises `WeightsMissing`."""
        if name not in self._backbones:
            self._backbones[name] = load_backbone(name, self.torch_device, self._weights)
        return self._backbones[name]

    def _with_fine_styles(self, request: PaintRequest) -> Generator[str, Any, PaintRequest]:
        """The request with styles as fine as the layer needs them; yields sentences about what is being prepared."""
        fine = []
        for look in request.in_each_look():
            styles = []
            for style in look.styles:
                finer = yield from as_fine_as_needed(style.picture, look.layer, look.settings, self._recipe_of(look))
                styles.append(WeightedStyle(finer, style.weight))
            fine.append(tuple(styles))
        regions = [replace(region, styles=finer) for region, finer in zip(request.regions, fine[1:], strict=True)]
        return replace(request, styles=fine[0], regions=tuple(regions))


class KeptTargets:
    """The styles' statistics, kept for the next paintings in the same styles, such as frames and previews.

    A look is all that paintings must have in common to share statistics: styles, recipe, brush size.
    """

    def __init__(self) -> None:
        self._looks: dict[bytes, SharedTargets] = {}

    def of(self, request: PaintRequest, recipe: Recipe) -> SharedTargets:
        """The statistics that paintings of the request's look share; `stylize` uses and adds to them."""
        key = _key(request.styles, request.settings, recipe)
        shared = self._looks.pop(key, {})
        if len(shared) > _MOST_SIZES:
            shared = {}
        self._looks[key] = shared
        for oldest in list(self._looks)[:-_MOST_LOOKS]:
            del self._looks[oldest]
        return shared


def _key(styles: Sequence[WeightedStyle], settings: Settings, recipe: Recipe) -> bytes:
    """A digest of all that the statistics depend on, except sizes."""
    digest = hashlib.blake2b(repr((recipe, settings.brush_size, settings.strength == 0)).encode(), digest_size=16)
    for style in styles:
        digest.update(repr((style.picture.shape, style.picture.dtype.str, style.weight)).encode())
        digest.update(np.ascontiguousarray(style.picture).data.cast("B"))
    return digest.digest()


def open_painter(device: str) -> LocalPainter:
    """A painter on a device by name. Raises `WeightsMissing`, `SettingError`."""
    return LocalPainter(device, checkpoints=CheckpointFolder(folders().checkpoints))
