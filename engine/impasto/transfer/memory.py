"""Memory that doesn't suffice: how torch tells it, and how much a person has given."""

import ctypes
import gc
import sys

import torch

_SAYINGS = (
    "not enough memory",
    "can't allocate memory",
    "Cannot allocate memory",
    "bad_alloc",
    "could not create a memory",
    "could not create a primitive",
    "could not execute a primitive",
    "ALLOC_FAILED",
    "out of memory",
)
"""Torch raises a plain RuntimeError for most of it, in the words of the library beneath."""

_M_MMAP_THRESHOLD = -3
"""From this size on, in bytes, glibc maps each piece by itself (malloc.h)."""

MEMORY_ERRORS = (MemoryError, RuntimeError)
"""What an error for want of memory may be; whether it is one, `is_out_of_memory` tells."""


def is_out_of_memory(error: BaseException) -> bool:
    """Was there too little memory?"""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _SAYINGS)


def free_memory() -> None:
    """Give back what a failed attempt has left behind."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def give_back_at_once() -> None:
    """Have the C library give freed memory back, whatever the size: glibc keeps pieces of up to 32 MiB for later, which
    for a layer in tiles comes to a third of all that is held, for nothing."""
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
        if mallopt is not None:
            mallopt(_M_MMAP_THRESHOLD, 1 << 20)
