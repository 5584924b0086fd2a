"""The machine as the installer sees it: platform, home, environment, files; a view, so that tests can make one up."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from impasto_wire.programs import OUT_OF_SIGHT


@dataclass(frozen=True)
class System:
    """`platform` as in `sys.platform`; `root` is `/` except in tests."""

    platform: str
    home: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    root: Path = Path("/")

    def folder(self, variable: str, *otherwise: str) -> Path:
        """The folder that an environment variable names, or one in the home."""
        named = self.environ.get(variable, "")
        return Path(named) if Path(named).is_absolute() else self.home.joinpath(*otherwise)

    def programs(self, pattern: str) -> Iterator[Path]:
        """Every executable on the PATH whose whole name matches, in the PATH's order."""
        name = re.compile(pattern)
        for entry in self.environ.get("PATH", "").split(os.pathsep):
            folder = Path(entry)
            if not entry or not folder.is_dir():
                continue
            for path in sorted(folder.iterdir()):
                if name.fullmatch(path.name) and os.access(path, os.X_OK) and path.is_file():
                    yield path

    def ask(self, command: Sequence[str], seconds: float = 20) -> str:
        """What a program prints, in plain English; nothing at all if it fails or takes longer than that."""
        return self._output(command, seconds) or ""

    def succeeds(self, command: Sequence[str], seconds: float = 60) -> bool:
        """Run a program; True if it is there, ends in time and says that all is well.

        What it prints isn't read: a service that it starts may hold that open for as long as it lives.
        """
        return self._output(command, seconds, subprocess.DEVNULL) is not None

    def _output(self, command: Sequence[str], seconds: float, output: int = subprocess.PIPE) -> str | None:
        try:
            done = subprocess.run(
                list(command),
                env={**self.environ, "LC_ALL": "C", "HOME": str(self.home)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL,
                timeout=seconds,
                check=False,
                creationflags=OUT_OF_SIGHT,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return (done.stdout or b"").decode("utf-8", "replace") if done.returncode == 0 else None


def this_system() -> System:
    """The machine we run on."""
    return System(sys.platform, Path.home(), dict(os.environ))
