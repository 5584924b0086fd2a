"""What this machine is: its platform as the lists name it, and which graphics card PyTorch could use."""

from __future__ import annotations

import ctypes.util
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from impasto_wire.programs import OUT_OF_SIGHT

from .errors import N_, Unsuitable

CPU, NVIDIA, AMD, APPLE = "cpu", "cuda", "rocm", "apple"
"""The kinds of build that there are lists of."""
PLATFORMS = {
    ("linux", "x86_64"): "linux-x86_64",
    ("linux", "aarch64"): "linux-aarch64",
    ("win32", "x86_64"): "windows-x86_64",
    ("darwin", "aarch64"): "macos-arm64",
}
MACHINES = {"amd64": "x86_64", "x86_64": "x86_64", "x64": "x86_64", "arm64": "aarch64", "aarch64": "aarch64"}
ROCM_CARDS = {90000, 90006, 90008, 90010, 90402, 100300, 110000, 110001, 110002, 120000, 120001}
"""AMD cards that PyTorch's ROCm builds are made for, as the kernel numbers them: gfx900, gfx906 ... gfx1201."""


def this_platform(system: str = sys.platform, machine: str | None = None) -> str:
    """`linux-x86_64` and the like. Raises `Unsuitable` where PyTorch isn't built for this machine."""
    told = machine or platform.machine()
    found = PLATFORMS.get((system, MACHINES.get(told.lower(), told)))
    if found is None or (system == "linux" and _is_musl()):
        raise Unsuitable(
            N_("there is no PyTorch for this machine ({machine}), so the engine can't run here"),
            machine=" ".join((system, told, "musl" if _is_musl() else "")).strip(),
        )
    return found


def kinds(on: str, root: Path = Path("/")) -> list[str]:
    """The kinds of build that may be chosen on a platform, the one that fits best first."""
    if on == "macos-arm64":
        return [APPLE]
    if has_nvidia(root):
        return [NVIDIA, CPU]
    if on == "linux-x86_64" and has_rocm_card(root):
        return [AMD, CPU, NVIDIA]
    return [CPU, NVIDIA]


def has_nvidia(root: Path = Path("/"), environ: Mapping[str, str] = os.environ) -> bool:
    """Is there an NVIDIA card with its driver?"""
    if (root / "proc/driver/nvidia/version").exists():
        return True
    if sys.platform == "win32" and environ is os.environ and ctypes.util.find_library("nvcuda"):
        return True
    try:
        told = subprocess.run(
            ["nvidia-smi", "-L"],
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=10,
            check=False,
            creationflags=OUT_OF_SIGHT,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return told.returncode == 0 and bool(told.stdout.strip())


def has_rocm_card(root: Path = Path("/")) -> bool:
    """Is there an AMD card that PyTorch's ROCm builds are made for?"""
    return any(card in ROCM_CARDS for card in _amd_cards(root))


def _amd_cards(root: Path) -> Iterator[int]:
    for told in (root / "sys/class/kfd/kfd/topology/nodes").glob("*/properties"):
        found = re.search(
            r"^gfx_target_version (\d+)$", told.read_text(encoding="ascii", errors="replace"), re.MULTILINE
        )
        if found:
            yield int(found[1])


def _is_musl() -> bool:
    return not platform.libc_ver()[0] and any(Path("/lib").glob("ld-musl-*"))
