"""uv, which makes the engine's environment: brought as a wheel of a pinned version, and run apart from all settings."""

from __future__ import annotations

import json
import re
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .errors import (
    HAS_FAILED,
    N_,
    NOT_THERE,
    DiskFull,
    ProgramFailed,
    Refused,
    barred_by_firewall,
    held_by_another,
    in_sentences,
    stopped_by_scanner,
    unreachable,
)
from .network import proxy_variables
from .programs import clean_environment, run_program

UV_NAME = "uv.exe" if sys.platform == "win32" else "uv"
OWN_ROOTS = {} if sys.platform.startswith("linux") else {"UV_SYSTEM_CERTS": "1"}
"""Whom it believes: a Linux without authorities would keep it from doing anything, and SSL_CERT_FILE works there."""
VIRUS_WORDS = ("(os error 225)", "(os error 226)")
HELD_WORDS = ("(os error 32)", "(os error 33)")
FIREWALL_WORDS = ("(os error 10013)",)
FULL_WORDS = ("No space left", "os error 28", "os error 112", "Disk quota")


def unpack(wheel: Path, folder: Path) -> Path:
    """Take the program out of its wheel; returns it. A wheel knows no run bit."""
    program = folder / UV_NAME
    with in_sentences(program):
        folder.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(wheel) as archive:
            (member,) = [name for name in archive.namelist() if name.endswith(f".data/scripts/{UV_NAME}")]
            program.write_bytes(archive.read(member))
        program.chmod(0o755)
    return program


@dataclass(frozen=True)
class Uv:
    """uv with all its files in a set-up's own folders. `check` raises when it shall stop."""

    program: Path
    cache: Path
    pythons: Path
    log: Path
    check: Callable[[], object]

    def ask(self, *arguments: str, seconds: float = 120) -> str | None:
        """What it prints; None where it ends badly."""
        status, said = self._run(arguments, seconds, {})
        return None if status else said

    def do(self, *arguments: str, seconds: float = 3600, **variables: str) -> str:
        """What it prints. Raises `SetUpError` where it ends badly."""
        status, said = self._run(arguments, seconds, variables)
        if status:
            raise failure_of(said, self.program)
        return said

    def _run(self, arguments: tuple[str, ...], seconds: float, variables: dict[str, str]) -> tuple[int, str]:
        environ = {
            **clean_environment(),
            "UV_NO_CONFIG": "1",
            "UV_CACHE_DIR": str(self.cache),
            "UV_PYTHON_INSTALL_DIR": str(self.pythons),
            "UV_PYTHON_INSTALL_REGISTRY": "0",
            "UV_NO_PROGRESS": "1",
            **OWN_ROOTS,
            **proxy_variables(),
            **variables,
        }
        return run_program([str(self.program), *arguments], environ, self.log, self.check, seconds)

    def python_url(self, minor: str) -> str:
        """Where uv would take its own Python of a minor version from. Raises `Refused`."""
        said = self.ask("python", "list", f"cpython-{minor}", "--only-downloads", "--output-format", "json") or "[]"
        told = [found for found in json.loads(said[said.index("[") :]) if found["implementation"] == "cpython"]
        if not told:
            raise Refused(NOT_THERE, server="uv", file=f"Python {minor}")
        return str(told[0]["url"])

    def install_python(self, minor: str, url: str, archive: Path) -> None:
        """Unpack a Python that lies at `archive` and came from `url`; uv checks its SHA-256."""
        build, name = unquote(urlsplit(url).path).rsplit("/", 2)[-2:]
        mirror = archive.parent.parent
        assert archive == mirror / build / name, "uv looks for it by that name"
        self.do(
            *("python", "install", f"cpython-{minor}", "--no-bin"), UV_PYTHON_INSTALL_MIRROR=mirror.absolute().as_uri()
        )

    def find_python(self, *options: str) -> str | None:
        """A Python that uv finds; None where it finds none."""
        said = self.ask("python", "find", "--no-project", *options)
        return said.strip().splitlines()[-1] if said and said.strip() else None


def archive_for(url: str, mirror: Path) -> Path:
    """Where a Python that comes from a URL must lie, for uv to find it in a mirror."""
    build, name = unquote(urlsplit(url).path).rsplit("/", 2)[-2:]
    return mirror / build / name


def failure_of(said: str, program: Path) -> Exception:
    """Why uv ended badly, in a sentence."""
    if any(word in said for word in VIRUS_WORDS):
        return stopped_by_scanner(program.name, program.parent)
    if any(word in said for word in HELD_WORDS):
        return held_by_another(program.parent)
    if any(word in said for word in FULL_WORDS):
        return DiskFull(
            N_("the disk is full at {place}; make room and press Set Up again, it goes on"), place=program.parent
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(("error:", "cause:"))] or lines or ["no word"]
    reason = told[-1].partition(": ")[2] or told[-1]
    if fetching := re.search(r"Failed to (?:fetch|download)\b.*?(https?://\S+)", said):
        server = urlsplit(fetching[1]).hostname or fetching[1]
        is_barred = any(word in said for word in FIREWALL_WORDS)
        return barred_by_firewall(server) if is_barred else unreachable(server, reason)
    return ProgramFailed(HAS_FAILED, program=program.name, reason=reason)
