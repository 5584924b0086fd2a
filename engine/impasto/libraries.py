"""The libraries that PyTorch needs of the system: where Windows finds them, and a sentence where it doesn't."""

import os
import sys
from pathlib import Path

from impasto_wire.programs import INSTALL

_RUNTIME = "https://aka.ms/vs/17/release/vc_redist.x64.exe"
_NOT_FOUND = (126, 127)
"""Windows' errors for a library that isn't there, or lacks a function because it is too old."""


def find_runtime() -> None:
    """Let Windows find Microsoft's runtime that pip has put beside this Python: not every machine has a new one."""
    if sys.platform == "win32":
        for folder in (Path(sys.prefix), Path(sys.prefix, "Scripts")):
            if folder.is_dir():
                os.add_dll_directory(str(folder))


def why_not_loaded(error: ImportError | OSError) -> str:
    """A sentence on PyTorch, or what else paints, that can't be loaded."""
    told = next(iter(str(error).splitlines()), "")[:200]
    if lacks_runtime(error):
        return (
            f"PyTorch can't be loaded, since Windows lacks its Visual C++ Redistributable ({told});"
            f" install that from {_RUNTIME} and try again"
        )
    return f"PyTorch can't be loaded ({told}); install again: {INSTALL}"


def lacks_runtime(error: BaseException) -> bool:
    """Is it Windows that doesn't find a library which another one needs?"""
    is_named = isinstance(error, ImportError) and "DLL load failed" in str(error)
    return is_named or getattr(error, "winerror", None) in _NOT_FOUND
