"""The machines of a cluster, and the worker slots of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from impasto_wire import __version__
from impasto_wire.errors import VersionMismatch

from .connect import Ray

CLUSTER_PAINTER = "impasto.cluster.remote_painter:open_painter"
"""What opens a painter for a `ClusterDevice`."""


@dataclass(frozen=True)
class Share:
    """What one worker takes of a machine: that many CPUs (None: all), or a GPU if one is wanted and there is one."""

    cpus: int | None
    wants_gpu: bool


@dataclass(frozen=True)
class ClusterDevice:
    """What a worker of the service paints on when the engine uses a cluster: one of the cluster's workers, by number.

    `painter` is what opens a painter there. As text it is passed on like the name of any other device.
    """

    address: str
    share: Share
    painter: str
    number: int = 0

    def __str__(self) -> str:
        kind = "gpu" if self.share.wants_gpu else "cpu"
        return f"{self.address} {kind} {self.share.cpus or 'all'} {self.painter} {self.number}"


def cluster_device_from(text: str) -> ClusterDevice:
    """The cluster device that has that text."""
    address, kind, cpus, painter, number = text.split()
    return ClusterDevice(address, Share(None if cpus == "all" else int(cpus), kind == "gpu"), painter, int(number))


@dataclass(frozen=True)
class Machine:
    """A machine of the cluster that runs; `id` is Ray's name for it, `name` its host name."""

    id: str
    name: str
    slots: int
    """How many workers it has room for."""
    cpus: int
    """CPUs of each worker; 0 where workers use GPUs."""
    has_gpu: bool = False


def find_machines(ray: Ray, share: Share) -> list[Machine]:
    """The machines that have room for workers. If a GPU is wanted and some of them have one, only those."""
    nodes = [node for node in ray.nodes() if node["Alive"]]
    if share.wants_gpu:
        with_gpus = [_machine(node, _count(node, "GPU"), 0, has_gpu=True) for node in nodes]
        if any(machine.slots for machine in with_gpus):
            return [machine for machine in with_gpus if machine.slots]
    machines = []
    for node in nodes:
        cpus = share.cpus or max(1, _count(node, "CPU"))
        machines.append(_machine(node, _count(node, "CPU") // cpus, cpus, has_gpu=False))
    return [machine for machine in machines if machine.slots]


def _count(node: dict[str, Any], resource: str) -> int:
    return int(node["Resources"].get(resource, 0))


def _machine(node: dict[str, Any], slots: int, cpus: int, has_gpu: bool) -> Machine:
    return Machine(node["NodeID"], node["NodeManagerHostname"], slots, cpus, has_gpu)


def worker_slots(machines: Sequence[Machine]) -> Iterator[Machine]:
    """Each machine once for each of its slots; the machines take turns."""
    for turn in zip_longest(*([machine] * machine.slots for machine in machines)):
        yield from (machine for machine in turn if machine)


def start_worker(ray: Ray, worker: type, machine: Machine) -> Any:
    """An actor of that class on that machine. Ray starts it as soon as the machine has room for it."""
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


def import_error_on(name: str, error: Exception) -> VersionMismatch | None:
    """The error for a person if a machine can't import the worker's class; None for any other error of Ray's."""
    if "ModuleNotFoundError" in str(error) or "ImportError" in str(error):
        return VersionMismatch(f"{name}: it has no Impasto {__version__}; install gimp-impasto[ray] there")
    return None
