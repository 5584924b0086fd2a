"""How programs are started: the installer by a person; others by ours, in no window and with their own libraries."""

from __future__ import annotations  # the installer, which imports this, tells older Pythons what they need

import contextlib
import subprocess
import sys
from collections.abc import Iterator

INSTALL = "py install/install.py" if sys.platform == "win32" else "python3 install/install.py"
"""How a person starts the installer; on Windows `python3` is a program that only offers the Store's."""
OUT_OF_SIGHT = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""What every call of `subprocess` here is given as `creationflags`.

Not with `DETACHED_PROCESS`, beside which it counts for nothing: an environment's python.exe starts the real one, which
would open a console of its own, and whoever closes that ends the engine.
"""


@contextlib.contextmanager
def own_libraries() -> Iterator[None]:
    """While this lasts, a program that is started finds its libraries by its own place.

    GIMP has all that it starts look in GIMP's folder first, and those hand it on.
    """
    named = _libraries()
    if named:
        _look_in(None)
    try:
        yield
    finally:
        if named:
            _look_in(named)


if sys.platform == "win32":
    import ctypes

    _kernel = ctypes.WinDLL("kernel32")

    def _libraries() -> str:
        folder = ctypes.create_unicode_buffer(32768)
        _kernel.GetDllDirectoryW(len(folder), folder)
        return folder.value

    def _look_in(folder: str | None) -> None:
        _kernel.SetDllDirectoryW(folder)

else:

    def _libraries() -> str:
        return ""

    def _look_in(folder: str | None) -> None:
        pass
