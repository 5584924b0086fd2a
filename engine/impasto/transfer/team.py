"""Several processes that paint one picture: each owns a band of its rows, and sends the others what they need of it.

The sums of the statistics and of dot products are added up over all processes. The rows at a band's edges go to the
neighbours, and the gradients that the neighbours found for them come back. Everything else stays where it is.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import torch
import torch.distributed as dist
from torch import Tensor

from .optimise import Space
from .tiles import STRIDE, Tile, cut_tiles, tile_side


@dataclass(frozen=True)
class RowBand:
    """Rows ``top..bottom`` of a picture of that height; its owner sees them and `halo` more rows on each side."""

    top: int
    bottom: int
    height: int
    halo: int

    @classmethod
    def whole(cls, height: int) -> "RowBand":
        """All rows of a picture."""
        return cls(0, height, height, 0)

    @property
    def is_whole(self) -> bool:
        """Is it all of the picture?"""
        return (self.top, self.bottom) == (0, self.height)

    @property
    def first(self) -> int:
        """The first row that is seen."""
        return max(0, self.top - self.halo)

    @property
    def last(self) -> int:
        """The row after the last that is seen."""
        return min(self.height, self.bottom + self.halo)

    def own(self, picture: Tensor) -> Tensor:
        """Its rows of the whole picture."""
        return picture[..., self.top : self.bottom, :]

    def seen(self, picture: Tensor) -> Tensor:
        """The rows that are seen of the whole picture."""
        return picture[..., self.first : self.last, :]

    def own_of_seen(self, seen: Tensor, cell: int = 1) -> Tensor:
        """Its rows of those that are seen, where one row stands for `cell` pixels."""
        return seen[..., (self.top - self.first) // cell : -(-(self.bottom - self.first) // cell), :]

    def tile_side(self, width: int, side: int) -> int:
        """The side of the tiles that the seen rows are cut into, where tiles of `side` pixels are asked for."""
        return tile_side(self.last - self.first, width, side)

    def tiles(self, width: int, side: int, halo: int) -> list[Tile]:
        """The tiles of its rows, placed in what is seen; each has `halo` pixels around it, at most the band's own."""
        tiles = cut_tiles(self.height, width, side, halo, (self.top, self.bottom))
        return [tile.moved_up(self.first) for tile in tiles]


@dataclass(frozen=True)
class Portion:
    """What one process paints of a picture, and the team it shares the picture with."""

    team: "Team"
    band: RowBand

    def space(self, picture: Tensor) -> Space:
        """Where the optimiser of its rows moves, of that whole picture."""
        return Space(picture.numel()) if self.band.is_whole else SharedSpace(picture, self)


class Team(Protocol):
    """The processes that paint one picture together."""

    is_first: bool
    """Is this the process that speaks for all?"""

    def portion(self, height: int, halo: int) -> Portion:
        """What this process paints of a picture of that height; all of it, alone, if it is too small to be shared."""

    def add(self, *tensors: Tensor) -> None:
        """Make each tensor the sum of all processes' tensors, in place."""

    def share(self, tensor: Tensor) -> None:
        """Make it the first process's tensor, in place."""

    def take_edges(self, picture: Tensor, band: RowBand) -> None:
        """Bring the whole picture's rows that are seen around a band up to date."""

    def give_edges_back(self, gradient: Tensor, band: RowBand) -> Tensor:
        """The gradient of the band's own rows, with what the neighbours found for them; `gradient` is that of the rows
        that are seen."""

    def gather(self, picture: Tensor, halo: int) -> None:
        """Bring the whole picture up to date."""


class Alone:
    """A team of one process: its band is the whole picture."""

    is_first = True

    def portion(self, height: int, halo: int) -> Portion:
        return Portion(self, RowBand.whole(height))

    def add(self, *tensors: Tensor) -> None:
        pass

    def share(self, tensor: Tensor) -> None:
        pass

    def take_edges(self, picture: Tensor, band: RowBand) -> None:
        pass

    def give_edges_back(self, gradient: Tensor, band: RowBand) -> Tensor:
        return gradient

    def gather(self, picture: Tensor, halo: int) -> None:
        pass


ALONE = Alone()


class ProcessTeam:
    """A team over `torch.distributed`, whose group of processes must exist."""

    def __init__(self) -> None:
        self._rank, self._size = dist.get_rank(), dist.get_world_size()
        self.is_first = self._rank == 0

    def portion(self, height: int, halo: int) -> Portion:
        bands = self._bands(height, halo)
        return Portion(self, bands[self._rank]) if bands else ALONE.portion(height, halo)

    def _bands(self, height: int, halo: int) -> list[RowBand]:
        """Bands as equal as the stride allows; an empty list where a band would be smaller than its halo."""
        cells = height // STRIDE
        edges = [cells * number // self._size * STRIDE for number in range(self._size)] + [height]
        bands = [RowBand(top, bottom, height, halo) for top, bottom in pairwise(edges)]
        return bands if all(band.bottom - band.top >= halo for band in bands) else []

    def add(self, *tensors: Tensor) -> None:
        whole = torch.cat([tensor.flatten() for tensor in tensors])
        dist.all_reduce(whole)
        for tensor, total in zip(tensors, torch.split(whole, [tensor.numel() for tensor in tensors]), strict=True):
            tensor.copy_(total.view_as(tensor))

    def share(self, tensor: Tensor) -> None:
        dist.broadcast(tensor, 0)

    def take_edges(self, picture: Tensor, band: RowBand) -> None:
        above, below = picture[..., band.first : band.top, :], picture[..., band.bottom : band.last, :]
        own = band.own(picture)
        self._exchange(own[..., : band.halo, :], above, own[..., -band.halo :, :], below)

    def give_edges_back(self, gradient: Tensor, band: RowBand) -> Tensor:
        top, bottom = band.top - band.first, band.bottom - band.first
        own = band.own_of_seen(gradient).contiguous()
        from_above, from_below = torch.zeros_like(own[..., : band.halo, :]), torch.zeros_like(own[..., : band.halo, :])
        self._exchange(gradient[..., :top, :], from_above, gradient[..., bottom:, :], from_below)
        own[..., : band.halo, :] += from_above
        own[..., -band.halo :, :] += from_below
        return own

    def _exchange(self, to_above: Tensor, from_above: Tensor, to_below: Tensor, from_below: Tensor) -> None:
        """Send rows to the neighbours and receive theirs."""
        operations, arrivals = [], []
        sides = ((self._rank - 1, to_above, from_above), (self._rank + 1, to_below, from_below))
        for neighbour, outgoing, incoming in sides:
            if 0 <= neighbour < self._size:
                arrived = torch.empty_like(incoming, memory_format=torch.contiguous_format)
                operations.append(dist.P2POp(dist.isend, outgoing.contiguous(), neighbour))
                operations.append(dist.P2POp(dist.irecv, arrived, neighbour))
                arrivals.append((incoming, arrived))
        for request in dist.batch_isend_irecv(operations) if operations else ():
            request.wait()
        for incoming, arrived in arrivals:
            incoming.copy_(arrived)

    def gather(self, picture: Tensor, halo: int) -> None:
        for owner, band in enumerate(self._bands(picture.shape[-2], halo)):
            rows = band.own(picture).contiguous()
            dist.broadcast(rows, owner)
            band.own(picture).copy_(rows)


class SharedSpace(Space):
    """Where an optimiser moves that owns a band of a picture."""

    def __init__(self, picture: Tensor, portion: Portion) -> None:
        super().__init__(picture.numel())
        self._picture, self._band, self._team = picture, portion.band, portion.team

    def dot(self, one: Tensor, other: Tensor) -> Tensor:
        product = super().dot(one, other)
        self._team.add(product)
        return product

    def seen(self, own: Tensor) -> Tensor:
        whole = torch.empty_like(self._picture)  # only the rows that are seen are ever written or read
        self._band.own(whole).copy_(own)
        self._team.take_edges(whole, self._band)
        return self._band.seen(whole)

    def own(self, seen: Tensor, cell: int = 1) -> Tensor:
        return self._band.own_of_seen(seen, cell)
