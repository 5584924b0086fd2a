"""The two archives of a release, built from a checkout, and what must be in them and nothing else."""

import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from impasto_install.source import FILTER, files_below, version_of

PLUG_IN = f"gimp_plugin/{FILTER}"
PACKAGES = (
    *("engine/impasto", "engine/impasto_artworks", "install/impasto_install"),
    *(f"{PLUG_IN}/{package}" for package in ("impasto_wire", "impasto_presets", "impasto_setup")),
)
"""What an engine's Python finds by name."""
SOURCES = (
    *("pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "NOTICE", "check"),
    *("docs", "engine", "gimp_plugin", "install", "tests"),
)
METADATA = ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE", "licenses/NOTICE")
ENTRY_POINTS = "[console_scripts]\nimpasto = impasto.cli:main\n"


def build(checkout: Path, folder: Path) -> tuple[Path, Path]:
    """A checkout's sdist, and the wheel that is built from that sdist alone, as an installer far away builds it."""
    _run("sdist", checkout, folder)
    (sdist,) = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        # Python 3.11 has the filter since 3.11.4 only.
        archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, path: member)
        archive.extractall(folder / "unpacked")
    (unpacked,) = (folder / "unpacked").iterdir()
    _run("wheel", unpacked, folder)
    (wheel,) = folder.glob("*.whl")
    return sdist, wheel


def wrong_in_sdist(sdist: Path, checkout: Path) -> list[str]:
    """What is missing from the sdist, and what has no business there."""
    top = f"gimp_impasto-{version_of(checkout / PLUG_IN)}"
    expected = {path.relative_to(checkout).as_posix() for part in SOURCES for path in files_below(checkout / part)}
    # Hatchling adds both of these itself.
    expected |= {"PKG-INFO", ".gitignore"}
    with tarfile.open(sdist) as archive:
        found = {member.name for member in archive.getmembers() if not member.isdir()}
    return sorted(_differences({f"{top}/{name}" for name in expected}, found))


def wrong_in_wheel(wheel: Path, checkout: Path) -> list[str]:
    """What is missing from the wheel, and what has no business there."""
    version = version_of(checkout / PLUG_IN)
    info = f"gimp_impasto-{version}.dist-info"
    expected = {f"{info}/{name}" for name in METADATA}
    for package in PACKAGES:
        folder = checkout / package
        expected |= {path.relative_to(folder.parent).as_posix() for path in files_below(folder)}
    expected |= {_in_wheel(path, checkout) for path in files_below(checkout / PLUG_IN)}
    with zipfile.ZipFile(wheel) as archive:
        wrong = list(_differences(expected, set(archive.namelist())))
        if archive.read(f"{info}/entry_points.txt").decode() != ENTRY_POINTS:
            wrong.append("the command impasto is not what it should be")
        if f"\nVersion: {version}\n" not in archive.read(f"{info}/METADATA").decode():
            wrong.append(f"the metadata don't speak of version {version}")
    return sorted(wrong)


def _in_wheel(path: Path, checkout: Path) -> str:
    """Where the plug-in's files lie in the wheel, so that an installed engine can place them."""
    return f"impasto/_filter/{FILTER}/{path.relative_to(checkout / PLUG_IN).as_posix()}"


def _differences(expected: set[str], found: set[str]) -> Iterator[str]:
    yield from (f"{name} is missing" for name in expected - found)
    yield from (f"{name} doesn't belong there" for name in found - expected)


def _run(target: str, checkout: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise RuntimeError(f"hatchling could not build the {target}: {done.stdout}{done.stderr}")
