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
_ALL, _MOST_OF_OLD, _SMALL = (1 << 31) - 1, 32 << 20, 1 << 20
"""Everything; the largest threshold that glibc takes before 2.35; less than any feature map that matters."""
_PLENTY, _PLENTY_FOR_SMALL = 6 << 30, 3 << 30
"""Where so many bytes are free, freed memory may be kept: for any layer, for one that isn't cut into tiles."""

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


def keep_freed_memory(up_to: int | None = None) -> None:
    """Have the C library keep freed memory for the next step, if there is plenty: all, or pieces of up to so many bytes
    where a layer is cut into tiles. `give_back` gives it back; how it is kept stays until the next call.

    glibc gives pieces as large as a feature map back to the system at once. The system clears each piece that it gives
    out again, which takes up to a third of the time.
    """
    libc = _glibc()
    if libc is None:
        return
    free = psutil.virtual_memory().available + psutil.Process().memory_info().rss  # what is kept is free, too
    is_plenty = free > (_PLENTY_FOR_SMALL if up_to is None else _PLENTY)
    if not is_plenty and up_to is None:
        return
    threshold = (up_to or _ALL) if is_plenty else _SMALL
    if not libc.mallopt(_M_MMAP_THRESHOLD, threshold):
        libc.mallopt(_M_MMAP_THRESHOLD, min(threshold, _MOST_OF_OLD))
    libc.mallopt(_M_TRIM_THRESHOLD, _ALL if is_plenty else 0)


def give_back() -> None:
    """Give what is free back to the system."""
    if libc := _glibc():
        libc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    """The C library, where it is glibc: others, such as musl, have none of this."""
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None
