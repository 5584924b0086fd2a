"""Runs pip in the engine's environment: its own words go into a log, a person sees what is being downloaded."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from impasto_wire.programs import OUT_OF_SIGHT

from .errors import InstallError
from .speak import say, show, size

RAW_PROGRESS = (24, 1)  # the first pip that tells its progress in numbers
WORTH_A_LINE = 20 * 1024**2
DOWNLOADING = re.compile(r"Downloading (?:\S+/)?([A-Za-z0-9_.]+)-(\d[^-\s]*)\S* \(([\d.]+) (kB|MB|GB)\)")
PROGRESS = re.compile(r"Progress (\d+) of (\d+)")
FAILURES = (
    (re.compile(r"No space left on device", re.IGNORECASE), "the disk is full; make room and start again"),
    (
        re.compile(r"No matching distribution found for (torch\S*)"),
        r"there is no \1 for this Python or this machine; try again with another Python (3.11 to 3.14, 64-bit)",
    ),
    (
        re.compile(r"No matching distribution found for (\S+)"),
        r"\1 is not to be found; check the network, the proxy, or the folder of wheels",
    ),
    (
        re.compile(
            r"(Failed to establish|Max retries|Read timed out|Connection (broken|reset)|Temporary failure|SSLError)"
        ),
        "the network broke off; start again, and what was downloaded so far is used",
    ),
)


class Pip:
    """pip of one environment; `downloads` keeps what was fetched, so that a second try goes on from there."""

    def __init__(self, python: Path, downloads: Path, log: Path, wheels: Path | None = None) -> None:
        self._python = python
        self._log = log
        self._environment = environment(os.environ, downloads)
        self._source = ["--no-index", "--find-links", str(wheels)] if wheels else []
        self._progress: list[str] = []
        downloads.joinpath("tmp").mkdir(parents=True, exist_ok=True)

    def renew(self) -> None:
        """Bring pip itself up to date where that is possible; an older one works too, but says less."""
        command = [str(self._python), "-m", "pip"]
        with self._log.open("a", encoding="utf-8") as log:
            self._run([*command, "install", "--upgrade", *self._source, "pip"], log, is_shown=False)
        told = subprocess.run(
            [*command, "--version"],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            creationflags=OUT_OF_SIGHT,
        )
        numbers = re.match(r"pip (\d+)\.(\d+)", told.stdout)
        if numbers and (int(numbers[1]), int(numbers[2])) >= RAW_PROGRESS:
            self._progress = ["--progress-bar", "raw"]

    def install(self, *what: str) -> None:
        """Install, showing what is downloaded. Raises `InstallError` with the reason in a sentence."""
        command = [str(self._python), "-m", "pip", "install", *self._progress, *self._source, *what]
        with self._log.open("a", encoding="utf-8") as log:
            last = self._run(command, log)
        if last is not None:
            raise InstallError(f"{reason(last)}. What pip said is in {self._log}")

    def unpack(self, folder: Path, *what: str) -> bool:
        """Unpack packages into a folder, without a word; False where pip finds none that fit."""
        command = [str(self._python), "-m", "pip", "install", *self._source, "--target", str(folder), *what]
        with self._log.open("a", encoding="utf-8") as log:
            return self._run(command, log, is_shown=False) is None

    def _run(self, command: Sequence[str], log: TextIO, *, is_shown: bool = True) -> str | None:
        """None when all went well, otherwise the last lines of what was printed."""
        print("$", *command, file=log, flush=True)
        process = subprocess.Popen(
            list(command),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            creationflags=OUT_OF_SIGHT,
        )
        last: list[str] = []
        current = ""
        assert process.stdout
        with process:
            try:
                for line in process.stdout:
                    if not PROGRESS.match(line):
                        log.write(line)
                        last = [*last[-30:], line]
                    current = report(line, current) if is_shown else current
            except BaseException:
                process.terminate()
                raise
        return "".join(last) if process.returncode else None


def report(line: str, current: str) -> str:
    """Show one line of pip's to a person; returns what is being downloaded now."""
    begun = DOWNLOADING.search(line)
    if begun:
        name, version, amount, unit = begun.groups()
        current = f"{name} {version}"
        if float(amount) * {"kB": 1e3, "MB": 1e6, "GB": 1e9}[unit] >= WORTH_A_LINE:
            say(f"  downloading {current} ({amount} {unit})")
        return current
    far = PROGRESS.match(line)
    if far and int(far[2]):
        done, whole = int(far[1]), int(far[2])
        show(f"  {current}: {size(done)} of {size(whole)}, {100 * done // whole} %")
    elif line.startswith("Installing collected packages"):
        say("  unpacking; this takes a minute or two")
    return current


def reason(output: str) -> str:
    """Why pip failed, as a sentence for a person."""
    for pattern, sentence in FAILURES:
        found = pattern.search(output)
        if found:
            return found.expand(sentence) if "\\1" in sentence else sentence
    errors = [line.strip() for line in output.splitlines() if line.startswith("ERROR:")]
    return errors[-1][len("ERROR: ") :].rstrip(".") if errors else "pip broke off"


def environment(environ: Mapping[str, str], downloads: Path) -> dict[str, str]:
    """The person's environment and pip configuration, without what would lead pip out of the engine's environment."""
    own = {name: value for name, value in environ.items() if name not in ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")}
    own.update(PIP_USER="0", PIP_DISABLE_PIP_VERSION_CHECK="1", PYTHONNOUSERSITE="1", PYTHONUTF8="1", PIP_NO_INPUT="1")
    own.setdefault("PIP_CACHE_DIR", str(downloads))
    own["TMPDIR"] = str(downloads / "tmp")  # /tmp is often in memory, and PyTorch is large
    return own
