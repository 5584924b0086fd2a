"""The machines of a cluster, and how many workers each has room for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from impasto_wire import __version__
from impasto_wire.errors import VersionMismatch

from .connect import Ray

PAINTER = "impasto.cluster.remote_painter:open_painter"
"""What opens a painter for a seat."""


@dataclass(frozen=True)
class Share:
    """What of a machine one worker takes: so many CPUs (None: all), or a GPU where there is one and one is wanted."""

    cpus: int | None
    wants_gpu: bool


@dataclass(frozen=True)
class Seat:
    """Which of a cluster's workers a painter of the service speaks for, by number, and what paints there.

    The service names it to its own worker as if it were a device: as text.
    """

    address: str
    share: Share
    painter: str
    number: int = 0

    def __str__(self) -> str:
        kind = "gpu" if self.share.wants_gpu else "cpu"
        return f"{self.address} {kind} {self.share.cpus or 'all'} {self.painter} {self.number}"


def seat_from(text: str) -> Seat:
    """The seat that has that text."""
    address, kind, cpus, painter, number = text.split()
    return Seat(address, Share(None if cpus == "all" else int(cpus), kind == "gpu"), painter, int(number))


@dataclass(frozen=True)
class Machine:
    """A machine that lives, by Ray's name and by people's."""

    id: str
    name: str
    room: int
    """How many workers."""
    cpus: int
    """CPUs of each, where it isn't a GPU that it paints on."""
    has_gpu: bool = False


def find_machines(ray: Ray, share: Share) -> list[Machine]:
    """The machines that have room for workers; as soon as one has a GPU that is wanted, those with GPUs alone."""
    nodes = [node for node in ray.nodes() if node["Alive"]]
    if share.wants_gpu:
        with_gpus = [_machine(node, _count(node, "GPU"), 0, has_gpu=True) for node in nodes]
        if any(machine.room for machine in with_gpus):
            return [machine for machine in with_gpus if machine.room]
    machines = []
    for node in nodes:
        cpus = share.cpus or max(1, _count(node, "CPU"))
        machines.append(_machine(node, _count(node, "CPU") // cpus, cpus, has_gpu=False))
    return [machine for machine in machines if machine.room]


def _count(node: dict[str, Any], resource: str) -> int:
    return int(node["Resources"].get(resource, 0))


def _machine(node: dict[str, Any], room: int, cpus: int, has_gpu: bool) -> Machine:
    return Machine(node["NodeID"], node["NodeManagerHostname"], room, cpus, has_gpu)


def seats(machines: Sequence[Machine]) -> Iterator[Machine]:
    """Each machine as often as it has room, in turns."""
    for turn in zip_longest(*([machine] * machine.room for machine in machines)):
        yield from (machine for machine in turn if machine)


def hire(ray: Ray, worker: type, machine: Machine) -> Any:
    """A worker on that very machine, as soon as there is room for it there."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    return (
        ray.remote(worker)
        .options(
            num_cpus=machine.cpus,
            num_gpus=1 if machine.has_gpu else 0,
            max_restarts=0,
            scheduling_strategy=NodeAffinitySchedulingStrategy(machine.id, soft=False),
        )
        .remote()
    )


def importing_failed(name: str, error: Exception) -> VersionMismatch | None:
    """What to tell of a machine where a worker could not even be imported; None for any other error of Ray's."""
    if "ModuleNotFoundError" in str(error) or "ImportError" in str(error):
        return VersionMismatch(f"{name}: it has no Impasto {__version__}; install gimp-impasto[ray] there")
    return None
