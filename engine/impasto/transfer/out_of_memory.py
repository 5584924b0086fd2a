"""Too little memory: how torch says so, and how to give memory back."""

import ctypes
import gc
import sys

import psutil
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

_M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD = -3, -1
"""Name from how many bytes on glibc takes a piece from the system by itself, and gives it back so; from how many free
bytes on it gives back others (malloc.h)."""
_ALL, _SMALL = (1 << 31) - 1, 1 << 20
_PLENTY = 6 << 30
"""Where so many bytes are free, freed memory may be kept."""

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
    give_back()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()


def keep_freed_memory(up_to: int = _ALL) -> None:
    """Have the C library keep freed pieces of up to so many bytes for the next step, until `give_back`, if there is
    plenty of memory.

    glibc gives pieces as large as a feature map back to the system at once. The system clears each piece that it gives
    out again, which takes up to a third of the time.
    """
    if libc := _glibc():
        is_plenty = psutil.virtual_memory().available > _PLENTY
        libc.mallopt(_M_MMAP_THRESHOLD, up_to if is_plenty else _SMALL)
        libc.mallopt(_M_TRIM_THRESHOLD, _ALL if is_plenty else 0)


def give_back() -> None:
    """Give what is free back to the system."""
    if libc := _glibc():
        libc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    """The C library, where it is glibc: others, such as musl, have none of this."""
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None
