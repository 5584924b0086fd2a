"""One version of GIMP with the filter installed, run from outside of its root."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import platformdirs

from fakes.engine import EngineHome
from gimp import roots

NOBODY = ("/no/such/program",)
ZMQ = "/usr/lib/python3/dist-packages/zmq"
"""Where a root's Python has its ZeroMQ."""


@dataclass
class RealGimp:
    """One version of GIMP with the filter installed."""

    root: roots.Root
    checkout: Path

    @property
    def work(self) -> Path:
        """The folder of the tests inside the root, seen from outside."""
        return self.root.folder / "impasto"

    def new_profile(self, what_for: str) -> Path:
        """A fresh profile with the filter in it."""
        profile = Path(mkdtemp(prefix=f"profile-{what_for}-", dir=self.work))
        source = self.checkout / "gimp_plugin" / "impasto-filter"
        shutil.copytree(source, profile / "plug-ins" / source.name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(self.root.known_plug_ins, profile / "pluginrc")
        roots.write_gimprc(profile, self.root.version)
        return profile

    def knows(self, name: str, engine: EngineHome, command: Sequence[str] = NOBODY) -> None:
        """Let the checks inside reach a running engine by its name, which they can't start."""
        place = self.work / "engines" / name
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy2(engine.connection_file, place / "connection.json")
        self.describe(name, command=[*command, "serve", "--no-such-option"])

    def relaying_command(self) -> list[str]:
        """What runs the engine's own Python inside the root, with no more in it than a relay takes."""
        place = self.work / "engine"
        if not place.exists():
            filter_folder = self.checkout / "gimp_plugin" / "impasto-filter"
            packages = [self.checkout / "engine" / "impasto", Path(platformdirs.__file__).parent]
            packages += [filter_folder / "impasto_wire", filter_folder / "impasto_presets"]
            packages += [self.checkout / "install" / "impasto_install", Path(f"{self.root.tree}{ZMQ}")]
            for package in packages:
                shutil.copytree(package, place / package.name, ignore=shutil.ignore_patterns("__pycache__"))
        return ["/usr/bin/env", "PYTHONPATH=/impasto/engine", "/usr/bin/python3", "-m", "impasto"]

    def pretends(self, name: str, engine: EngineHome, command: Sequence[str] = NOBODY, **lies: Any) -> None:
        """Describe an engine that is not what its connection file says."""
        self.knows(name, engine, command)
        file = self.work / "engines" / name / "connection.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), **lies}))

    def has_doctor(self, name: str, report: str) -> None:
        """Describe an engine that doesn't start; its doctor says that report."""
        self.describe(name, command=["sh", f"/impasto/engines/{name}/impasto", "serve"])
        program = self.work / "engines" / name / "impasto"
        program.write_text(f'case "$*" in "doctor --fix") echo "{report}";; *) exit 1;; esac\n', encoding="utf-8")

    def describe(self, name: str, **values: Any) -> None:
        """Write the `engine.json` of an engine."""
        place = self.work / "engines" / name
        place.mkdir(parents=True, exist_ok=True)
        inside = f"/impasto/engines/{name}"
        described = {
            "connection_file": f"{inside}/connection.json",
            "log_file": f"{inside}/engine.log",
            "version": "0",
            **values,
        }
        (place / "engine.json").write_text(json.dumps(described), encoding="utf-8")
