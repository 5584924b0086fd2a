"""Wheels that hold nothing but a line for Python's `site`: to be installed in place of real packages."""

import zipfile
from collections.abc import Mapping
from pathlib import Path


def build_wheel(
    folder: Path,
    version: str,
    pth_line: str,
    name: str = "gimp_impasto",
    requires: str | None = None,
    files: Mapping[str, str | bytes] | None = None,
) -> Path:
    """A wheel of gimp-impasto, or another package, with that line and perhaps more files; returns it."""
    info = f"{name}-{version}.dist-info"
    needs = f"Requires-Dist: {requires}\n" if requires else ""
    held: dict[str, str | bytes] = {
        **(files or {}),
        f"{name}_borrowed.pth": pth_line + "\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    held[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in (*held, f"{info}/RECORD"))
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for file, content in held.items():
            wheel.writestr(file, content)
    return path
