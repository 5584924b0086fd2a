"""The options of whatever can paint on a Ray cluster."""

import argparse
from typing import TYPE_CHECKING, Any

from impasto_wire.errors import SettingError

if TYPE_CHECKING:
    from impasto.cluster.driver import Plan

_MOST_CPUS = 1024


def add_ray_options(parser: Any) -> None:
    """Hang them on a command."""
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
    """Raises `SettingError` for what can't be, and where Ray is not installed."""
    if chosen.worker_cpus is not None and not 1 <= chosen.worker_cpus <= _MOST_CPUS:
        raise SettingError(f"worker_cpus is {chosen.worker_cpus}; it must lie in 1..{_MOST_CPUS}")
    if chosen.ray is None:
        if chosen.worker_cpus is not None:
            raise SettingError("worker_cpus is for workers on a Ray cluster; give --ray auto or its address too")
        return
    from impasto.cluster.connect import check_ray

    check_ray(chosen.ray)


def read_plan(chosen: argparse.Namespace, device: str, most: int) -> "Plan":
    """The cluster that is asked for, with at most so many workers."""
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
