"""One painting under way: every scale from coarse to fine, in tiles that get smaller when memory runs short."""

import logging
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from impasto.request import PaintRequest, Step

from .areas import Area, Size, painted_areas, part_asked_for
from .canvas import Canvas, to_pixels, to_tensor
from .checkpoints import NOT_KEPT, Checkpoint, Checkpoints
from .going_on import GoingOn
from .grain import add_grain
from .holds import held, kept_from_afar, seen_from_afar, selected
from .looks import Look, coloured, in_parts, palette_of
from .objective import Aim, Objective
from .optimise import Evaluate, Losses, Space, optimise
from .out_of_memory import MEMORY_ERRORS, free_memory, give_back, is_out_of_memory
from .pyramid import refine, resize
from .recipes import Like, Recipe
from .replay import replayed
from .scale import Scale
from .seamless import Wrap, wrapped
from .start import colour_map, dissolved, enlivened, palette_blots, varied
from .team import ALONE, Team
from .tiles import LARGE_PIXELS, smaller_side

log = logging.getLogger(__name__)

_SCALES_OF_A_FRAME = 2
"""How many of the finest scales are painted of a frame that begins from the one before: the coarser are settled."""


class Painting:
    """A painting of a request, or of its window; `picture` is the iterate, ``(1, 3, H, W)`` at the current scale."""

    def __init__(
        self,
        canvas: Canvas,
        request: PaintRequest,
        looks: Sequence[Look],
        side: int,
        team: Team = ALONE,
        checkpoints: Checkpoints = NOT_KEPT,
    ) -> None:
        """`canvas` is the request's layer, `side` that of the tiles, in pixels. Raises `SettingError`."""
        self.canvas, self.looks, self.settings = canvas, looks, request.settings
        self.encoder = looks[0].styles.encoder
        self.recipe, self.side, self.team, self.checkpoints = self.encoder.recipe, side, team, checkpoints
        self.part, self.wrap = part_asked_for(request), Wrap.of(request.settings.seamless)
        height, width = canvas.content.shape[-2:]
        sizes = self.recipe.sizes(width, height)
        first = 0 if canvas.before is None else max(0, len(sizes) - _SCALES_OF_A_FRAME)
        self.sizes = sizes[first:]
        self.steps = self.recipe.schedule(self.settings.quality, len(sizes))[first:]
        self.going_on = None
        if request.earlier is not None and self.recipe.going_on:
            self.going_on = GoingOn(to_tensor(request.earlier[..., :3], canvas.content.device))
            self.sizes, self.steps = self.going_on.plan(sizes, self.steps, self.recipe)
        self.is_only_changed = self.going_on is not None and self.going_on.is_large_enough(sizes[-1])
        self.areas = painted_areas(self.part, self.sizes, (width, height))
        self.picture = canvas.content

    def paint(self) -> Generator[Step, bool | None, bool]:
        """Paint every scale that isn't finished, coarse to fine; returns whether every step was taken.

        Being sent True, it takes no more steps and only enlarges the picture.
        """
        finished = self._take_earlier() or self._go_on()
        costs = list(self._costs())
        work, is_enough = _Work(sum(costs), sum(costs[:finished])), False
        for scale in self._scales():
            if scale.number <= finished:
                continue
            broad_strokes = self._begin(scale)
            if scale.canvas.has_something() and not is_enough:
                is_enough = yield from self._improve(scale, broad_strokes, work)
            if scale.number < len(self.sizes) and not is_enough:
                self.checkpoints.keep(Checkpoint(scale.number, self.picture, self.side), work.seconds())
        return not is_enough

    def result(self) -> Tensor:
        """The finished picture of what is asked for, ``(1, 3, H, W)`` in 0..1, in the styles' colours."""
        picture = self._view(self.sizes[-1], self.areas[-1]).cut(self.picture)
        return resize(picture, self.part.width, self.part.height)

    def _take_earlier(self) -> int:
        """Take the earlier painting for the scale that it stands for. Returns 1, or 0 where there is no such scale."""
        if not self.going_on or self.steps[0] > 0:
            return 0
        self.picture = self.going_on.at(self.sizes[0], self.areas[0])
        return 1

    def _go_on(self) -> int:
        """Take the picture of the last checkpoint. Returns how many scales are finished, 0 without a checkpoint.

        Only the first process of a team looks for it, and shares it with the others.
        """
        last = self.checkpoints.last()
        if last and not self._fits(last):
            last = None
        numbers = torch.tensor([last.scale, last.side] if last else [0, 0])
        self.team.share(numbers)
        finished, side = int(numbers[0]), int(numbers[1])
        if finished:
            area = self.areas[finished - 1]
            self.picture = last.picture if last else torch.empty(1, 3, area.height, area.width)
            self.picture = self.picture.to(self.canvas.content.device)
            self.team.share(self.picture)
            self.side = side
            log.info("going on after scale %d of %d", finished, len(self.sizes))
        return finished

    def _fits(self, last: Checkpoint) -> bool:
        """Is it the picture of one of the scales but the finest?"""
        if not 1 <= last.scale < len(self.sizes):
            return False
        area = self.areas[last.scale - 1]
        return last.picture.shape == (1, 3, area.height, area.width) and last.picture.dtype == torch.float32

    def _costs(self) -> Iterator[float]:
        """What all steps of each scale cost together."""
        for size, area, steps in zip(self.sizes, self.areas, self.steps, strict=True):
            yield _cost(self.recipe.at(*size), area) * steps

    def _scales(self) -> Iterator[Scale]:
        """Each scale, made when it is asked for: the finest fills the memory."""
        palette = None
        for number, (size, area, steps) in enumerate(zip(self.sizes, self.areas, self.steps, strict=True), start=1):
            canvas, recipe = self.canvas.part(area, size, self.recipe.resampling), self.recipe.at(*size)
            is_whole, looks, like = area == Area.whole(size), self.looks, self._like_at(number, size)
            if like:
                looks, shares = in_parts(looks, self.canvas, like, size, self.team)
                canvas = replace(canvas, shares=shares)
            if palette is None or is_whole:  # a part alone would tell other colours
                palette = palette_of(looks, canvas if is_whole else self.canvas.at(*size), size)
            wrap = self.wrap if is_whole else None
            team = ALONE if wrap else self.team  # a band's neighbour at the opposite edge has no edge to give
            portion = team.portion(area.height, max(recipe.halo, recipe.optimiser.reach))
            view = self._view(size, area)
            yield Scale(number, size, area, view, steps, recipe, canvas, looks, palette, portion, wrap)

    def _like_at(self, number: int, size: Size) -> Like | None:
        """How like is painted as its like at a scale; None where it isn't."""
        like = self.recipe.like
        if like is None or number == len(self.sizes) or max(size) > like.up_to:
            return None
        return like if any(look.likes for look in self.looks) else None

    def _view(self, size: Size, area: Area) -> Area:
        """What is asked for of an area that is painted at the scale of that size."""
        height, width = self.canvas.content.shape[-2:]
        return self.part.at((width, height), size).within(area)

    def _begin(self, scale: Scale) -> Tensor | None:
        """Bring the picture to a scale. Returns the broad strokes that the scale must keep, or None."""
        if self.is_only_changed:
            self.picture = self._changed_picture(scale)
            return None
        start = self._start(scale)
        if scale.number == 1:
            self.picture = self._first_picture(scale, start)
            return None
        self.picture = refine(self._coarser_picture(scale), start, scale.canvas.detail)
        is_held = self.recipe.hold > 0 and all(look.styles.are_outgrown_at(scale.size) for look in self.looks)
        broad_strokes = seen_from_afar(self.picture) if is_held else None
        self._add_grain(scale)
        return broad_strokes

    def _start(self, scale: Scale) -> Tensor:
        """What a scale begins from, beside the coarser picture: the layer in the palette, or the frame before."""
        start, canvas = scale.in_palette(self.recipe.start), scale.canvas
        if canvas.before is None or canvas.trust is None:
            return start
        return start.lerp(canvas.before, canvas.trust)

    def _changed_picture(self, scale: Scale) -> Tensor:
        """What a scale begins with where an earlier painting is only changed: that painting, as far as the coarser
        scales have changed it, in the colours that the layer's are now to be."""
        assert self.going_on
        earlier = self.going_on.at(scale.size, scale.area)
        if scale.number > 1:
            return refine(self._coarser_picture(scale), earlier)
        wanted = scale.in_palette(self.recipe.start)
        return colour_map(earlier, wanted, scale.canvas.weights, scale.canvas.weights)(earlier)

    def _first_picture(self, scale: Scale, start: Tensor) -> Tensor:
        """What the coarsest scale begins with."""
        canvas, seed = scale.canvas, self.settings.seed
        if canvas.before is not None:
            return start.clone()
        if self.recipe.grain > 0:
            blots = [
                scale.area.cut(palette_blots(map_, *scale.size, seed)) * share
                for map_, share in zip(scale.palette.maps, scale.palette.shares, strict=True)
            ]
            start = enlivened(start, canvas.content, canvas.blended(blots))
        return varied(dissolved(start, canvas.detail), self.settings.seed)

    def _coarser_picture(self, scale: Scale) -> Tensor:
        """The scale's area as the next coarser scale has painted it."""
        size, area = self.sizes[scale.number - 2], self.areas[scale.number - 2]
        return scale.area.at(scale.size, size).within(area).cut(self.picture)

    def _add_grain(self, scale: Scale) -> None:
        """Add noise as strong as the styles' finest marks; none where the picture begins from the frame before."""
        if self.recipe.grain == 0:
            return
        amounts = [look.grain(self.recipe, scale.size) for look in self.looks]
        canvas, trust = scale.canvas, scale.canvas.trust
        share = None if trust is None else 1 - trust
        if len(amounts) > 1:
            varying = canvas.blended([canvas.content.new_full((), amount) for amount in amounts])
            share = varying if share is None else share * varying
            amounts = [1.0]
        add_grain(self.picture, amounts[0], self.settings.seed, scale.area, share)

    def _improve(self, scale: Scale, broad_strokes: Tensor | None, work: "_Work") -> Generator[Step, bool | None, bool]:
        """Take the steps of one scale. Returns whether True was sent, after which no step follows."""
        is_enough, cost = False, _cost(scale.recipe, scale.area)
        for step, losses in enumerate(self._optimised(scale, broad_strokes), start=1):
            work.done += cost
            is_enough = bool((yield self._report(scale, step, losses, work)))
            if is_enough:
                break
        scale.portion.team.gather(self.picture, scale.portion.band.halo)
        return is_enough

    def _optimised(self, scale: Scale, broad_strokes: Tensor | None) -> Iterator[Losses]:
        """Improve this process's rows of the picture, step by step."""
        picture, team, band = self.picture, scale.portion.team, scale.portion.band
        space = scale.portion.space(picture)
        evaluate = self._evaluation(scale, broad_strokes, space)

        def evaluate_own(own: Tensor) -> tuple[Losses, Tensor]:
            """`own` are the band's rows of the picture, changed in place."""
            team.take_edges(picture, band)
            losses, gradient = evaluate(band.seen(picture))
            return losses, team.give_edges_back(gradient, band)

        return optimise(band.own(picture), evaluate_own, scale.steps, self.recipe.optimiser, space)

    def _evaluation(self, scale: Scale, broad_strokes: Tensor | None, space: Space) -> Evaluate:
        """All that is minimised over the rows that this process sees."""
        band = scale.portion.band
        canvas = scale.canvas.rows(band.first, band.last)
        evaluate = held(canvas, space, selected(canvas, self._objective_in_tiles(scale)))
        if broad_strokes is None:
            return evaluate
        seen = broad_strokes[..., band.first // 2 : -(-band.last // 2), :]
        return kept_from_afar(seen, self.recipe.hold / space.size, space, evaluate)

    def _objective_in_tiles(self, scale: Scale) -> Evaluate:
        """The objective of one scale; where memory runs short, it goes on in smaller tiles."""
        objective: Evaluate | None = None

        def evaluate(picture: Tensor) -> tuple[Losses, Tensor]:
            nonlocal objective
            while True:
                try:
                    if objective is None:
                        objective = replayed(self._evaluation_in_tiles(scale), picture, scale.steps)
                    found = objective(picture)
                    if picture[0, 0].numel() > LARGE_PIXELS:
                        give_back()  # the optimiser's own pictures are as large as all that a tile needs
                    return found
                except MEMORY_ERRORS as error:
                    smaller = self._smaller_side(scale) if is_out_of_memory(error) else None
                    if smaller is None:
                        raise
                # Out of the `except`, whose error holds what the failed evaluation has left in memory.
                objective, self.side = None, smaller
                free_memory()
                log.warning("memory runs short; going on in tiles of %d pixels", self.side)

        return evaluate

    def _evaluation_in_tiles(self, scale: Scale) -> Evaluate:
        evaluate = self._objective(scale).evaluate
        return wrapped(scale.wrap, scale.recipe.halo, evaluate) if scale.wrap else evaluate

    def _smaller_side(self, scale: Scale) -> int | None:
        """The side of smaller tiles, or None: there are none, or other processes wait for the sums of this one."""
        if not scale.portion.band.is_whole:
            return None
        return smaller_side(scale.area.height, scale.area.width, self.side)

    def _objective(self, scale: Scale) -> Objective:
        """The objective of one scale.

        By default the content is the layer half-way to the styles' palette: its own colours alone would pull against
        the style's, and the drawing would be lost between them.
        """
        portion, encoder = scale.portion, self.encoder.at(*scale.size)
        aims = [
            Aim(look.styles.targets(scale.size, self.side), look.content_weight(scale.recipe), look.style_share)
            for look in scale.looks
        ]
        canvas = replace(scale.canvas, content=scale.in_palette(self.recipe.drawing))
        if scale.wrap:
            canvas = scale.wrap.around(canvas, scale.recipe.halo)
            portion = portion.team.portion(canvas.content.shape[-2], 0)
        canvas = canvas.rows(portion.band.first, portion.band.last)
        side = portion.band.tile_side(canvas.content.shape[-1], self.side)
        return Objective(encoder, canvas, aims, side, portion)

    def _report(self, scale: Scale, step: int, losses: Losses, work: "_Work") -> Step:
        picture, canvas = scale.view.cut(self.picture), scale.canvas.cut(scale.view)
        return Step(
            scale=scale.number,
            scales=len(self.sizes),
            step=step,
            steps=scale.steps,
            fraction=work.done / work.whole,
            loss=losses.total.item(),
            style_loss=losses.style.item(),
            content_loss=losses.content.item(),
            seconds=work.elapsed(),
            seconds_left=work.seconds_left(),
            picture=lambda: to_pixels(coloured(picture, canvas, scale.looks), np.dtype(np.uint8)),
        )


@dataclass
class _Work:
    """How far a painting is: costs in pixels that go through all of the network's layers."""

    whole: float
    done: float = 0.0
    """With what an earlier try has done, from whose checkpoint this painting goes on."""
    started: float = field(default_factory=time.monotonic)
    done_before: float = field(init=False)

    def __post_init__(self) -> None:
        self.done_before = self.done

    def elapsed(self) -> float:
        """For how many seconds it has been painted."""
        return time.monotonic() - self.started

    def seconds_left(self) -> float:
        """How many more seconds it will take, at the speed so far."""
        return self.elapsed() * (self.whole - self.done) / (self.done - self.done_before)

    def seconds(self) -> float:
        """How many seconds the whole painting takes; 0 before the first step."""
        own = self.done - self.done_before
        return self.elapsed() * self.whole / own if own else 0.0


def _cost(recipe: Recipe, area: Area) -> float:
    """What one step costs at a scale where that area is painted."""
    return recipe.work * area.width * area.height
