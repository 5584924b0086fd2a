"""How much memory this process has taken at most."""

import resource

import torch


def peak_memory() -> int:
    """Bytes: of a GPU, where there is one, else resident."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_reserved()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
