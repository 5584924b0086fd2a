"""Too little memory: how torch says so, and how to give memory back."""

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
"""Torch mostly raises a plain RuntimeError with the words of the library that it uses."""

_M_MMAP_THRESHOLD = -3
"""Names the size in bytes from which on glibc maps each piece of memory by itself (malloc.h)."""

MEMORY_ERRORS = (MemoryError, RuntimeError)
"""The types of an error that may mean too little memory; ask `is_out_of_memory`."""


def is_out_of_memory(error: BaseException) -> bool:
    """Does this error mean that there was too little memory?"""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _SAYINGS)


def free_memory() -> None:
    """Free what a failed attempt has left in memory."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()


def give_back_at_once() -> None:
    """Have the C library give freed memory back to the system at once.

    glibc keeps pieces of up to 32 MiB for later: for a layer in tiles that is a third of the memory, and of no use.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
        if mallopt is not None:
            mallopt(_M_MMAP_THRESHOLD, 1 << 20)
