"""Write the lists of wheels that a set-up downloads: `python tests/release/make_lists.py`; needs the network and uv.

uv resolves pyproject.toml for each platform, Python and kind of card. What is installed here of torch is the newest
that is taken, since the tests ran with that. PyTorch's own index is asked for its builds; where it can't be reached,
their wheels are named by the rule that it has always named them by, without a SHA-256, and this says so.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "gimp_plugin" / "impasto-filter"))

from impasto_setup.index import chosen_indexes  # noqa: E402
from impasto_setup.lists import FOLDER  # noqa: E402

UV = "0.13.9"
PYTHON = "3.13"
"""The minor version of uv's own Python that an engine gets."""
MINORS = ("3.11", "3.12", "3.13", "3.14")
OF_CUDA = re.compile(r"nvidia-|cuda-|triton$")
BUILT = ("pyvips",)
"""What no index has as a wheel: make_release.py puts it into the filter's zip."""
GB = 10**9


@dataclass(frozen=True)
class Target:
    """One platform: as uv names it, its tag in PyTorch's wheels, and the ending of uv's own wheel."""

    platform: str
    tag: str
    uv: str


@dataclass(frozen=True)
class Build:
    """One kind of build: `index` is empty for PyPI's torch; the size of its torch where nobody can be asked."""

    kind: str
    index: str
    disk: float
    torch_size: int = 0
    resolved: tuple[str, ...] = ()


TARGETS = {
    "linux-x86_64": Target(
        "x86_64-manylinux_2_28", "manylinux_2_28_x86_64", "manylinux_2_17_x86_64.manylinux2014_x86_64"
    ),
    "linux-aarch64": Target("aarch64-manylinux_2_28", "manylinux_2_28_aarch64", "manylinux_2_28_aarch64"),
    "windows-x86_64": Target("x86_64-pc-windows-msvc", "win_amd64", "win_amd64"),
    "macos-arm64": Target("aarch64-apple-darwin", "macosx_11_0_arm64", "macosx_11_0_arm64"),
}
BUILDS = {
    "linux-x86_64": (
        Build("cuda", "", 6.1),
        Build("cpu", "cpu", 1.3, 200_000_000),
        Build("rocm", "", 16, resolved=("rocm7.1", "rocm7.0", "rocm6.4")),
    ),
    "linux-aarch64": (Build("cuda", "", 6.1), Build("cpu", "cpu", 1.2, 150_000_000)),
    "windows-x86_64": (Build("cpu", "", 1.3), Build("cuda", "cu130", 6.1, 1_900_000_000)),
    "macos-arm64": (Build("apple", "", 1.0),),
}
ROCM_SIZE = 4_600_000_000


def locked(target: Target, minor: str, backend: str) -> dict[str, Any]:
    """What uv resolves, as a pylock.toml."""
    with tempfile.TemporaryDirectory() as folder:
        limits = Path(folder, "limits.txt")
        limits.write_text("".join(f"{name}<={version(name).split('+')[0]}\n" for name in ("torch", "torchvision")))
        output = Path(folder, "pylock.toml")
        command = ["uv", "pip", "compile", str(CHECKOUT / "pyproject.toml"), "--output-file", str(output), "--quiet"]
        command += ["--python-version", minor, "--python-platform", target.platform, "--constraint", str(limits)]
        command += ["--only-binary", ":all:", *(word for name in BUILT for word in ("--no-binary", name))]
        command += ["--torch-backend", backend] if backend else []
        environ = {**os.environ, "UV_NO_CONFIG": "1", "MACOSX_DEPLOYMENT_TARGET": "14.0"}
        subprocess.run(command, env=environ, check=True, timeout=600)
        return tomllib.loads(output.read_text(encoding="utf-8"))


def wheels_of(lock: dict[str, Any], index: str = "") -> Iterator[dict[str, Any]]:
    """The wheels of a lock, the best of each package."""
    for package in lock["packages"]:
        if package["name"] in BUILT:
            continue
        wheel = package["wheels"][-1]  # of two, the one for the newer systems
        is_torchs = index and package["name"] in ("torch", "torchvision")
        yield _line(
            wheel.get("name") or wheel["url"].rsplit("/", 1)[-1].replace("%2B", "+"),
            wheel.get("size", 0),
            wheel["hashes"]["sha256"],
            index if is_torchs else "",
        )


def wheels_by_rule(lock: dict[str, Any], build: Build, target: Target, minor: str) -> Iterator[dict[str, Any]]:
    """The same packages with torch of another index, which can't be asked; without what only CUDA needs."""
    python = f"cp{minor.replace('.', '')}"
    for package in lock["packages"]:
        name = package["name"]
        if name in ("torch", "torchvision"):
            file = f"{name}-{package['version']}+{build.index}-{python}-{python}-{target.tag}.whl"
            yield _line(file, build.torch_size if name == "torch" else 3_000_000, None, build.index)
        elif not OF_CUDA.match(name):
            yield from wheels_of({"packages": [package]})


def wheels_without_torch(lock: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What is left when uv itself brings torch: its needs come with it."""
    packages = [one for one in lock["packages"] if not OF_CUDA.match(one["name"])]
    yield from wheels_of({"packages": [one for one in packages if one["name"] not in ("torch", "torchvision")]})


def _line(file: str, size: int, sha256: str | None, index: str) -> dict[str, Any]:
    return {"file": file, "size": size, "sha256": sha256, **({"index": index} if index else {})}


def write(path: Path, told: dict[str, Any]) -> None:
    """A list with one wheel a line, so that a change is seen."""
    minors = []
    for minor, wheels in told.pop("wheels").items():
        lines = ",\n".join(f"    {json.dumps(wheel)}" for wheel in wheels)
        minors.append(f'   "{minor}": [\n{lines}\n   ]')
    head = "".join(f' "{name}": {json.dumps(value)},\n' for name, value in told.items())
    path.write_text("{\n" + head + ' "wheels": {\n' + ",\n".join(minors) + "\n }\n}\n", encoding="utf-8")


def write_uv(path: Path) -> None:
    """The wheels of uv itself, by platform."""
    request = urllib.request.Request(
        f"{chosen_indexes().packages}/uv/", headers={"Accept": "application/vnd.pypi.simple.v1+json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        files = {file["filename"]: file for file in json.load(answer)["files"]}
    told = {}
    for platform, target in TARGETS.items():
        file = files[f"uv-{UV}-py3-none-{target.uv}.whl"]
        told[platform] = _line(file["filename"], file["size"], file["hashes"]["sha256"], "")
    lines = ",\n".join(f' "{platform}": {json.dumps(line)}' for platform, line in told.items())
    path.write_text('{\n "python": "' + PYTHON + '",\n' + lines + "\n}\n", encoding="utf-8")


def is_reachable(index: str) -> bool:
    """Does PyTorch's own index answer?"""
    try:
        with urllib.request.urlopen(f"{chosen_indexes().torch}/{index}/torch/", timeout=20):
            return True
    except OSError:
        return False


def main() -> int:
    """Write all lists; 1 if some of them had to be made by rule."""
    by_rule = []
    write_uv(FOLDER / "uv.json")
    for platform, target in TARGETS.items():
        plain = {minor: locked(target, minor, "") for minor in MINORS}
        for build in BUILDS[platform]:
            name, told = f"{platform}-{build.kind}.json", {"disk": int(build.disk * GB)}
            if build.resolved:
                told |= {"resolved": build.resolved, "extra": ROCM_SIZE}
                wheels = {minor: [*wheels_without_torch(plain[minor])] for minor in MINORS}
            elif not build.index:
                wheels = {minor: [*wheels_of(plain[minor])] for minor in MINORS}
            elif is_reachable(build.index):
                locks = {minor: locked(target, minor, build.index) for minor in MINORS}
                wheels = {minor: [*wheels_of(lock, build.index)] for minor, lock in locks.items()}
            else:
                by_rule.append(name)
                wheels = {minor: [*wheels_by_rule(plain[minor], build, target, minor)] for minor in MINORS}
            write(FOLDER / name, {**told, "wheels": wheels})
            sys.stdout.write(f"{name}: {sum(wheel['size'] for wheel in wheels['3.13'])} bytes\n")
    for name in by_rule:
        sys.stdout.write(f"{name}: PyTorch's index can't be reached; its wheels are named by rule, without a SHA-256\n")
    return int(bool(by_rule))


if __name__ == "__main__":
    sys.exit(main())
