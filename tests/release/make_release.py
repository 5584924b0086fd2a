"""Make a release's archives and check them: `python tests/release/make_release.py dist` (in ./check's environment).

Publishes nothing. Checked are the version, the tag, the changelog, the working tree, and what is in the archives. The
same commit gives the same bytes. `--anyway` writes them although something is wrong, to try them.

For a person there is impasto-filter-VERSION.zip, to be unzipped, and no program to click on: unsigned, such a one is
held back by Windows and macOS with a warning that scares more people away than a folder to copy does.
"""

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "tests"))

from impasto_install.source import version_of  # noqa: E402
from release.archives import PLUG_IN, build, wrong_in_sdist, wrong_in_wheel  # noqa: E402
from release.filter_zip import build_pyvips, write_filter_zip  # noqa: E402

VERSION = re.compile(r"\d+\.\d+\.\d+")
HEADING = re.compile(r"^## (?P<version>\S+) \((?P<date>[^)]+)\)$", re.MULTILINE)


def wrong_in_checkout(checkout: Path) -> Iterator[str]:
    """Why this checkout can't be released as it stands."""
    version = version_of(checkout / PLUG_IN)
    if not VERSION.fullmatch(version):
        yield f"the version is {version}; it must be three numbers, such as 1.2.3"
    if _git(checkout, "tag", "--list", f"v{version}"):
        yield f"there is a tag v{version} already; raise the version in {PLUG_IN}/impasto_wire/__init__.py"
    heading = HEADING.search((checkout / "CHANGELOG.md").read_text(encoding="utf-8"))
    if heading is None or heading["version"] != version:
        yield f"the changelog's first heading must be: ## {version} (YYYY-MM-DD)"
    elif not re.fullmatch(r"\d{4}-\d\d-\d\d", heading["date"]):
        yield f"the changelog says that {version} is {heading['date']}; write the day instead, as YYYY-MM-DD"
    for line in _git(checkout, "status", "--porcelain").splitlines():
        yield f"{line[3:]} is not as it is in git"


def _git(checkout: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=checkout, capture_output=True, text=True, check=True).stdout.strip(
        "\n"
    )


def main() -> int:
    """Check, build, check what was built; the archives are only put into the folder when all is well."""
    parser = argparse.ArgumentParser(description="Make a release's archives and check them.")
    parser.add_argument("folder", type=Path, help="where the archives go")
    parser.add_argument("--anyway", action="store_true", help="write them although something is wrong")
    chosen = parser.parse_args()
    wrong = list(wrong_in_checkout(CHECKOUT))
    with tempfile.TemporaryDirectory() as made:
        archives = make_archives(CHECKOUT, Path(made), int(_git(CHECKOUT, "log", "-1", "--format=%ct")))
        wrong += wrong_in_sdist(archives[0], CHECKOUT) + wrong_in_wheel(archives[1], CHECKOUT)
        for sentence in wrong:
            print(f"- {sentence}")
        if wrong and not chosen.anyway:
            return 1
        chosen.folder.mkdir(parents=True, exist_ok=True)
        for archive in archives:
            content = archive.read_bytes()
            (chosen.folder / archive.name).write_bytes(content)
            print(f"{hashlib.sha256(content).hexdigest()}  {archive.name}  {len(content)} bytes")
    return int(bool(wrong))


def make_archives(checkout: Path, folder: Path, changed: int) -> tuple[Path, Path, Path]:
    """The sdist, the wheel and the filter's zip of a checkout that was changed at that time."""
    os.environ["SOURCE_DATE_EPOCH"] = str(changed)  # hatchling's own date would do, pip's wouldn't
    sdist, wheel = build(checkout, folder)
    target = folder / f"impasto-filter-{version_of(checkout / PLUG_IN)}.zip"
    write_filter_zip(checkout, [wheel, build_pyvips(folder, changed)], target, changed)
    return sdist, wheel, target


if __name__ == "__main__":
    sys.exit(main())
