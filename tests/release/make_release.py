"""Make a release's archives and check them: `python tests/release/make_release.py dist` (in ./check's environment).

Publishes nothing. Checked are the version, the tag, the changelog, the working tree, and what is in the archives.
"""

import argparse
import hashlib
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
    parser.add_argument("folder", type=Path, help="where the sdist and the wheel go")
    folder = parser.parse_args().folder
    wrong = list(wrong_in_checkout(CHECKOUT))
    with tempfile.TemporaryDirectory() as made:
        sdist, wheel = build(CHECKOUT, Path(made))
        wrong += wrong_in_sdist(sdist, CHECKOUT) + wrong_in_wheel(wheel, CHECKOUT)
        for sentence in wrong:
            print(f"- {sentence}")
        if wrong:
            return 1
        folder.mkdir(parents=True, exist_ok=True)
        for archive in (sdist, wheel):
            content = archive.read_bytes()
            (folder / archive.name).write_bytes(content)
            print(f"{hashlib.sha256(content).hexdigest()}  {archive.name}  {len(content)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
