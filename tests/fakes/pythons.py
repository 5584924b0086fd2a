"""A Python as uv would download it: packed by its standalone builds' rules, and a table that names it."""

import hashlib
import json
from pathlib import Path
from urllib.parse import quote

BUILD = "20310504"
RELEASES = "https://github.com/astral-sh/python-build-standalone/releases/download"


def archive_name(version: str, machine: str, system: str) -> str:
    """What the archive of a Python is called; `system` is as in `unknown-linux-gnu`."""
    return f"cpython-{version}+{BUILD}-{machine}-{system}-install_only_stripped.tar.gz"


def write_table(archive: Path, table: Path, version: str, machine: str, system: str, libc: str) -> None:
    """A table of downloads for uv (UV_PYTHON_DOWNLOADS_JSON_URL) that holds this Python alone."""
    major, minor, patch = map(int, version.split("."))
    told = {
        "name": "cpython",
        "os": system,
        "libc": libc,
        "arch": {"family": machine, "variant": None},
        "major": major,
        "minor": minor,
        "patch": patch,
        "prerelease": "",
        "variant": None,
        "build": BUILD,
        "url": f"{RELEASES}/{BUILD}/{quote(archive.name)}",
        "sha256": hashlib.sha256(archive.read_bytes()).hexdigest(),
    }
    table.write_text(json.dumps({f"cpython-{version}-{system}-{machine}-{libc}": told}), encoding="utf-8")
