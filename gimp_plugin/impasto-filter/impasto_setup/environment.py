"""Makes the engine's environment: a new folder beside the old one, so that an interruption harms nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .download import download, sha256_of, with_retries
from .errors import (
    HAS_FAILED,
    N_,
    VIRUS,
    Barred,
    NetworkError,
    ProgramFailed,
    SetUpError,
    in_sentences,
    stopped_by_scanner,
)
from .index import Indexes, find
from .lists import Wheel
from .network import Network
from .places import COMPLETE, DOWNLOADS, LOG, PYTHONS, libraries_in, python_in
from .programs import clean_environment, note, run_program
from .progress import CHECKING, DOWNLOADING, UNPACKING, Meter
from .uv import Uv, archive_for, unpack

PYTHON_SIZE = 35_000_000
"""About how many bytes uv's own Python takes; nobody knows before its server is asked."""
ENGINE_PATHS = ("connection_file", "log_file", "config", "cache")
RUNTIME = "https://aka.ms/vs/17/release/vc_redist.x64.exe"


@dataclass(frozen=True)
class Maker:
    """What makes an environment in a prefix: the network and its indexes, and the meter that counts what comes."""

    prefix: Path
    network: Network
    indexes: Indexes
    meter: Meter

    @property
    def log(self) -> Path:
        """Where everything is written down."""
        return self.prefix / LOG

    @property
    def _wheels(self) -> Path:
        return self.prefix / DOWNLOADS / "wheels"

    def bring_uv(self, wheel: Wheel) -> Uv:
        """uv, fetched and unpacked. Raises `SetUpError`."""
        self._fetch(wheel)
        program = unpack(self._wheels / wheel.file, self.prefix / DOWNLOADS / f"uv-{wheel.version}")
        downloads = self.prefix / DOWNLOADS
        return Uv(program, downloads / "uv-cache", self.prefix / PYTHONS, self.log, self.meter.check)

    def bring_python(self, uv: Uv, wanted: str, minors: Sequence[str]) -> tuple[str, str]:
        """A Python, and its minor version: uv's own, or else one of the system's. Raises `SetUpError`.

        A distribution's Python goes with its next upgrade, and the environment with it: so uv's own comes first.
        """
        if not (python := uv.find_python("--managed-python", "--offline", wanted)):
            try:
                self._fetch_python(uv, wanted)
            except NetworkError as error:
                note(self.log, f"{error}\n")
                return self._systems_python(uv, sorted(minors, key=lambda minor: minor != wanted), error)
            python = uv.find_python("--managed-python", "--offline", wanted)
        if not python:
            raise ProgramFailed(HAS_FAILED, program="uv", reason=f"no Python {wanted}")
        return python, wanted

    def _fetch_python(self, uv: Uv, wanted: str) -> None:
        url = uv.python_url(wanted)
        archive = archive_for(url, self.prefix / DOWNLOADS / "pythons")
        self.meter.begin(DOWNLOADING, f"Python {wanted}")
        if not archive.exists():
            download(self.network, url, archive, None, PYTHON_SIZE, self.meter, is_exact=False)
        try:
            uv.install_python(wanted, url, archive)
        except ProgramFailed:
            archive.unlink(missing_ok=True)  # what came may be something else
            raise

    def _systems_python(self, uv: Uv, minors: Sequence[str], error: Exception) -> tuple[str, str]:
        for minor in minors:
            if python := uv.find_python("--no-managed-python", "--system", minor):
                self.meter.expect(-PYTHON_SIZE)
                return python, minor
        raise error

    def make(
        self,
        uv: Uv,
        python: str,
        wheels: Sequence[Wheel],
        tags: Sequence[str],
        own: Sequence[Path],
        environment: Path,
        old: Path | None,
    ) -> None:
        """The whole environment with the engine in it. Raises `SetUpError`; half of one is made anew next time."""
        with in_sentences(environment):
            shutil.rmtree(environment, ignore_errors=True)
        uv.do("venv", "--no-project", "--python", python, str(environment))
        if old:
            take_over(old, environment, "pip", "_virtualenv")
        for tag in tags:
            if self._resolve(uv, environment, tag, is_last=tag == tags[-1]):
                break
        missing = missing_in(environment, wheels)
        self.meter.expect(sum(wheel.size for wheel in missing) - sum(wheel.size for wheel in wheels))
        for wheel in missing:
            self._fetch(wheel)
        self.meter.begin(UNPACKING)
        self._install(uv, environment, *(f"{wheel.project}=={wheel.version}" for wheel in missing), *map(str, own))
        with in_sentences(environment):
            (environment / COMPLETE).touch()

    def _install(self, uv: Uv, environment: Path, *what: str) -> None:
        """Unpack what lies in the downloads, without a network: each file was checked when it came."""
        python = ("--python", str(python_in(environment)))
        folder = ("--offline", "--no-index", "--find-links", str(self._wheels))
        uv.do("pip", "install", *python, *folder, "--no-deps", "--no-build", *what)

    def _resolve(self, uv: Uv, environment: Path, tag: str, *, is_last: bool) -> bool:
        """Let uv take torch from PyTorch's own index; False where that has no such folder and another is left."""
        self.meter.begin(DOWNLOADING, f"PyTorch ({tag})")
        where = ("--python", str(python_in(environment)), "--default-index", self.indexes.of(tag))
        command = ("pip", "install", *where, "torch", "torchvision")
        if is_last:
            uv.do(*command)
            return True
        return uv.ask(*command, seconds=3600) is not None

    def _fetch(self, wheel: Wheel) -> None:
        """See to it that a wheel is there. Raises `SetUpError`."""
        self.meter.begin(DOWNLOADING, f"{wheel.project} {wheel.version}")
        target = self._wheels / wheel.file
        if target.exists() and wheel.sha256 in (None, sha256_of(target)):
            self.meter.add(wheel.size)
            return
        url, sha256 = with_retries(
            self.network, self.meter, lambda: find(self.network, self.indexes, wheel, self.meter.check)
        )
        note(self.log, f"{wheel.file}: {url}\n")
        download(self.network, url, target, sha256, wheel.size, self.meter, is_exact=bool(wheel.sha256))

    def prove(self, environment: Path, has_torch: bool) -> dict[str, str]:
        """Where the engine keeps its files, told by the engine itself. Raises `SetUpError` when it can't start."""
        self.meter.begin(CHECKING)
        python, environ = str(python_in(environment)), clean_environment()
        if has_torch:
            loads = [python, "-c", "import impasto, torch"]  # as the engine does: impasto lets Windows find the runtime
            status, said = run_program(loads, environ, self.log, self.meter.check, seconds=300)
            if status and os.name == "nt" and ("WinError 126" in said or "VCRUNTIME" in said):
                raise Barred(
                    N_(
                        "Windows lacks the Visual C++ runtime that PyTorch needs; install {link} and press Set Up again"
                    ),
                    link=RUNTIME,
                )
            if status:
                raise _unable(said, environment)
        status, said = run_program(
            [python, "-m", "impasto", "paths", "--json"], environ, self.log, self.meter.check, 300
        )
        try:
            told = json.loads(said[said.index("{") :])
            return {name: str(told[name]) for name in ENGINE_PATHS}
        except (ValueError, KeyError, TypeError) as error:
            raise _unable(said, environment) from error


def missing_in(environment: Path, wheels: Sequence[Wheel]) -> list[Wheel]:
    """Those wheels whose packages an environment hasn't, or has in other versions."""
    libraries = libraries_in(environment)
    there = set()
    for info in libraries.glob("*.dist-info") if libraries else ():
        name, _, version = info.name.removesuffix(".dist-info").partition("-")
        there.add((re.sub(r"[-_.]+", "-", name).lower(), version))
    return [wheel for wheel in wheels if (wheel.project, wheel.version) not in there]


def _unable(said: str, environment: Path) -> SetUpError:
    """Why an engine doesn't start. It isn't whole any more, so that it is made anew the next time."""
    (environment / COMPLETE).unlink(missing_ok=True)
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if any(f"[WinError {number}]" in said for number in VIRUS):
        return stopped_by_scanner(environment.name, environment.parent)
    return ProgramFailed(
        N_("the engine was unpacked but doesn't start ({reason}); Copy Report has the details, Set Up makes it anew"),
        reason=lines[-1] if lines else "no word",
    )


def take_over(old: Path, new: Path, *left_out: str) -> None:
    """Give the new environment the old one's packages as hard links: an update then downloads only what changed.

    Not the engine's own, nor Microsoft's runtime, whose libraries lie beside the packages, nor those whose names begin
    with `left_out`. uv and pip replace files and never write into them, so the old environment stays as it is.
    """
    there, target = libraries_in(old), libraries_in(new)
    if there is None or target is None or minor_in(old) != minor_in(new):
        return  # another Python: nothing fits
    for package in there.iterdir():
        if not package.name.startswith(("gimp_impasto", "impasto", "msvc_runtime", "~", *left_out)):
            _link_package(package, target / package.name)


def minor_in(environment: Path) -> str:
    """The minor version of an environment's Python, as its own file says."""
    config = environment / "pyvenv.cfg"
    told = config.read_text(encoding="utf-8") if config.exists() else ""
    found = re.search(r"^version\w* *= *(3\.\d+)", told, re.MULTILINE)
    return found[1] if found else ""


def _link_package(package: Path, target: Path) -> None:
    """Take over a package by hard links; where the file system has none, it is downloaded again."""
    try:
        if package.is_dir():
            shutil.copytree(package, target, symlinks=True, copy_function=os.link)
        else:
            os.link(package, target)
    except (OSError, shutil.Error):
        shutil.rmtree(target, ignore_errors=True)
