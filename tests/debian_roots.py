"""Debian systems in a folder, to test in: built once by mmdebstrap, outside the checkout, and kept as archives."""

import os
import shutil
import subprocess
from pathlib import Path

DEFAULT_MIRROR = "http://deb.debian.org/debian"
BUILD_SECONDS = 1200


class CannotBuild(Exception):
    """This machine can't make a root; the message says why."""


def cache_folder(name: str) -> Path:
    """The folder, which may not exist yet, of what is built for tests of that name."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "impasto" / name


def build_archive(suite: str, packages: str, archive: Path) -> None:
    """Write a suite with these packages, separated by commas, into an archive. Raises `CannotBuild`."""
    missing = [program for program in ("mmdebstrap", "zstd", "unshare") if shutil.which(program) is None]
    if missing:
        raise CannotBuild(
            f"building a system to test in needs {', '.join(missing)}; run: apt-get install mmdebstrap zstd"
        )
    if os.geteuid() != 0:
        raise CannotBuild(f"building a system to test in needs root; another user finds it built in {archive.parent}")
    part = archive.with_suffix(".part")
    # A testing suite's Release file counts as expired in a mirror that stands still.
    command = ["mmdebstrap", "--quiet", "--variant=apt", '--aptopt=Acquire::Check-Valid-Until "false"']
    command += ["--dpkgopt=force-unsafe-io"]  # who pulls the plug begins anew anyway
    command += [f"--include={packages}", "--format=tar", suite, "-", _mirror()]
    with part.open("wb") as file:
        bootstrap = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        subprocess.run(["zstd", "-q", "-3", "-T2", "-c"], stdin=bootstrap.stdout, stdout=file, check=True)
        _, errors = bootstrap.communicate(timeout=BUILD_SECONDS)
    if bootstrap.returncode != 0:
        part.unlink()
        raise CannotBuild(f"mmdebstrap {suite} failed: {errors.decode(errors='replace').strip()[-400:]}")
    part.replace(archive)


def _mirror() -> str:
    """The Debian mirror that this machine's own apt uses."""
    apt = Path("/etc/apt")
    sources = [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]
    found = [uri for file in sources if file.is_file() for uri in archives_in(file.name, file.read_text())]
    debian = [uri for uri in found if uri.rstrip("/").endswith("/debian")]
    return debian[0] if debian else DEFAULT_MIRROR


def archives_in(name: str, text: str) -> list[str]:
    """The URIs in one of apt's source files, in the one-line format (``.list``) or in deb822 (``.sources``)."""
    if name.endswith(".sources"):
        return [uri for stanza in text.split("\n\n") for uri in _stanza_uris(stanza)]
    if name.endswith(".list"):
        return [uri for line in text.splitlines() for uri in _line_uris(line)]
    return []


def _stanza_uris(stanza: str) -> list[str]:
    lines = [line for line in stanza.splitlines() if not line.startswith("#") and ":" in line and line[0] != " "]
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if fields.get("enabled", "yes").lower() == "no" or "deb" not in fields.get("types", "").split():
        return []
    return fields.get("uris", "").split()


def _line_uris(line: str) -> list[str]:
    words = line.partition("#")[0].split()
    if not words or words[0] != "deb":
        return []
    rest = words[1:]
    if rest and rest[0].startswith("["):
        end = next((i for i, word in enumerate(rest) if word.endswith("]")), len(rest))
        rest = rest[end + 1 :]
    return rest[:1]
