"""Chooses which build of PyTorch to download: for the processor alone, or for the graphics card that is there."""

from __future__ import annotations

import functools
import ssl
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

from impasto_setup.machine import has_nvidia, has_rocm_card

from .system import System

INDEX = "https://download.pytorch.org/whl"
CHOICES = ("auto", "default", "cpu", "cuda", "rocm", "xpu")
TAGS = {"cpu": ("cpu",), "cuda": ("cu130", "cu128"), "rocm": ("rocm7.1", "rocm7.0", "rocm6.4"), "xpu": ("xpu",)}
GB = 10**9
INTEL = "Impasto doesn't paint on Intel graphics yet; with this build too it paints on the processor."


@dataclass(frozen=True)
class TorchBuild:
    """Where PyTorch comes from (`index` is None for pip's own), and about how many bytes it takes."""

    name: str
    index: str | None
    download: int
    disk: int
    note: str = ""


def choose_build(choice: str, system: System, reachable: Callable[[str], bool] | None = None) -> TorchBuild:
    """The build for a `--torch` choice; where its index can't be reached, pip's own, and the note says so."""
    wanted = _wanted(choice, system)
    if wanted == "default":
        return _default(system)
    base = system.environ.get("IMPASTO_TORCH_INDEX", INDEX).rstrip("/")
    answers = reachable or functools.partial(is_reachable, system)
    for tag in TAGS[wanted]:
        if answers(f"{base}/{tag}/torch/"):
            note = INTEL if wanted == "xpu" else ""
            return TorchBuild(wanted, f"{base}/{tag}", *_sizes(wanted, system), note)
    note = f"PyTorch's index of {wanted} builds ({base}) can't be reached; the registry's standard build comes instead."
    plain = _default(system)
    return TorchBuild(plain.name, None, plain.download, plain.disk, note)


def is_reachable(system: System, url: str, seconds: float = 5) -> bool:
    """Does a package index answer within a few seconds, by the way that pip would take?"""
    try:
        with _opener(system).open(url, timeout=seconds) as answer:
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False


def _opener(system: System) -> urllib.request.OpenerDirector:
    """Opens URLs through the proxy and by the certificates that pip is set to."""
    handlers: list[urllib.request.BaseHandler] = []
    if proxy := _pip_setting(system, "proxy"):
        handlers.append(urllib.request.ProxyHandler({"http": proxy, "https": proxy}))
    if cert := _pip_setting(system, "cert"):
        handlers.append(urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=cert)))
    return urllib.request.build_opener(*handlers)


def _pip_setting(system: System, name: str) -> str:
    """A setting of pip's, from its variable or its files; empty where it has none, or this Python no pip."""
    named = system.environ.get(f"PIP_{name.upper()}", "")
    return named or system.ask([sys.executable, "-m", "pip", "config", "get", f"global.{name}"]).strip()


def _wanted(choice: str, system: System) -> str:
    """`auto`, decided: what the registry's standard build does not already serve best."""
    if choice != "auto":
        return choice
    if system.platform == "darwin":
        return "default"  # one build, for Apple's graphics too
    if has_nvidia(system.root, system.environ):
        return "cuda" if system.platform == "win32" else "default"
    if has_rocm_card(system.root):
        return "rocm"
    return "default" if system.platform == "win32" else "cpu"


def _default(system: System) -> TorchBuild:
    """pip's own index: with CUDA on Linux, without it elsewhere."""
    return TorchBuild("default", None, *_sizes("cuda" if system.platform.startswith("linux") else "cpu", system))


def _sizes(build: str, system: System) -> tuple[int, int]:
    """About how many bytes are downloaded, and how many lie on the disk in the end."""
    sizes = {"cpu": (0.4, 1.3), "cuda": (3.2, 6.1), "rocm": (5.0, 16.0), "xpu": (3.0, 9.0)}[build]
    if system.platform == "darwin":
        sizes = (0.3, 1.0)
    return int(sizes[0] * GB), int(sizes[1] * GB)
