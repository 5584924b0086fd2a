"""Real GIMP 3 in a folder: a Debian root for each version, built and unpacked once, outside the checkout.

Whoever tests shares it: it is mounted read-only. What programs write lies in a folder of the tests' own.
"""

import fcntl
import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from debian_roots import BUILD_SECONDS, build_archive, cache_folder

SUITES = {"3.0": "trixie", "3.2": "forky"}
"""The Debian suite that holds each version of GIMP."""
PACKAGES = (
    "gimp,gir1.2-gimp-3.0,gir1.2-gtk-3.0,python3,python3-gi,python3-gi-cairo,python3-zmq,"
    "xvfb,xauth,xdotool,openbox,imagemagick,x11-utils,adwaita-icon-theme,fonts-dejavu-core,"
    "at-spi2-core,dbus,gir1.2-atspi-2.0,fonts-noto-cjk"
)
FULL_VERSIONS = {"3.0": "3.0.4", "3.2": "3.2.6"}
"""What GIMP takes for its own version in a profile."""
LANGUAGE = "C.UTF-8"
WRITABLE = ("impasto", "root", "home", "tmp", "run")
"""What of a root is the tests' own: their files, the home folders, what programs need."""
SUPERUSER, ARTIST = 0, 1000
"""Whose programs run in a root; where the tests are not root themselves, all is an ordinary user's outside of it."""
HOMES = {SUPERUSER: "/root", ARTIST: "/home/artist"}


@dataclass(frozen=True)
class Root:
    """A root. Programs run inside it, in a mount namespace of their own that ends with them."""

    version: str
    tree: Path
    """Shared; nobody writes there."""
    folder: Path
    """The tests' own, mounted over the tree's folders of the same names."""
    user: int = SUPERUSER
    hides: str = ""
    """A folder of which programs see nothing."""

    @property
    def known_plug_ins(self) -> Path:
        """What GIMP's own plug-ins have answered when they were asked for their procedures: for a profile's pluginrc.

        Without it GIMP asks all of them, for ten seconds."""
        return self.tree.with_name(f"{self.tree.name}.pluginrc")

    @property
    def home(self) -> Path:
        """The home folder inside, seen from outside."""
        return self.folder / HOMES[self.user].removeprefix("/")

    @property
    def _is_another(self) -> bool:
        """Are programs to run as somebody else than the tests?"""
        return self.user != SUPERUSER and os.geteuid() == 0

    def hand_over(self, place: Path) -> None:
        """Let what the tests have put there belong to the user."""
        if self._is_another:
            for path in (place, *place.rglob("*")):
                os.chown(path, self.user, self.user, follow_symlinks=False)

    def run(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        seconds: float = 60,
    ) -> subprocess.CompletedProcess[str]:
        """A program's exit status and output. Past its time, it and its children are killed."""
        with self.start(command, environment=environment) as process:
            output, _ = process.communicate(timeout=seconds)
        return subprocess.CompletedProcess(list(command), process.returncode, output)

    def run_beside(
        self, process: subprocess.Popen[str], command: Sequence[str], *, environment: Mapping[str, str], seconds: float
    ) -> subprocess.CompletedProcess[str]:
        """A program's exit status and output, run in the root as a running program sees it. It starts at once."""
        entering = ["nsenter", "--target", str(process.pid), "--mount", "--root"]
        if os.geteuid() != 0:
            entering += ["--user", "--preserve-credentials"]
        elif self._is_another:
            entering += ["--setgid", str(self.user), "--setuid", str(self.user)]
        return subprocess.run(
            [*entering, *self._inside(environment), *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )

    @contextmanager
    def start(
        self, command: Sequence[str], *, environment: Mapping[str, str] | None = None
    ) -> Iterator[subprocess.Popen[str]]:
        """A program running inside the root; it and its children end with the context."""
        process = subprocess.Popen(
            self._entering(command, environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        try:
            yield process
        finally:
            _kill_group(process)

    def _entering(self, command: Sequence[str], environment: Mapping[str, str]) -> list[str]:
        mounts = [["--bind", self.tree, self.tree], ["-o", "remount,ro,bind", self.tree]]
        mounts += [["--rbind", f"/{folder}", self.tree / folder] for folder in ("dev", "proc")]
        mounts += [["--bind", self.folder / folder, self.tree / folder] for folder in WRITABLE]
        if self.hides:
            mounts += [["-t", "tmpfs", "tmpfs", f"{self.tree}{self.hides}"]]
        as_user = [f"--userspec={self.user}:{self.user}", "--groups="] if self._is_another else []
        inside = shlex.join(["chroot", *as_user, str(self.tree), *self._inside(environment), *command])
        steps = [shlex.join(["mount", *map(str, mount)]) for mount in mounts]
        return ["unshare", "-m" if os.geteuid() == 0 else "-Urm", "sh", "-c", " && ".join([*steps, f"exec {inside}"])]

    def _inside(self, environment: Mapping[str, str]) -> list[str]:
        """What gives a program inside its environment."""
        variables = {"HOME": HOMES[self.user], "PATH": "/usr/bin:/bin", "LANG": LANGUAGE, **environment}
        return ["/usr/bin/env", "-i", *(f"{name}={value}" for name, value in variables.items())]


def _kill_group(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)
    if process.stdout:
        process.stdout.close()


def root_of(version: str, folder: Path) -> Root:
    """A root for one version of GIMP, with nothing in what of it is the tests' own. Raises `CannotBuild`."""
    own = folder / f"gimp-{version}"
    for part in WRITABLE:
        (own / part).mkdir(parents=True)
    (own / "tmp").chmod(0o1777)
    return Root(version, built_tree(version), own)


def write_gimprc(profile: Path, version: str) -> None:
    """Have a GIMP that starts with this profile ask a person nothing, and only those plug-ins that it doesn't know."""
    lines = [f'(config-version "{FULL_VERSIONS[version]}")', f'(prev-language "{LANGUAGE}")']
    lines += ["(show-welcome-dialog no)", "(check-updates no)", ""]
    (profile / "gimprc").write_text("\n".join(lines))


def built_tree(version: str) -> Path:
    """The root, built and unpacked now if this machine has none yet. Raises `CannotBuild`."""
    folder = cache_folder("gimp-roots")
    key = sha256(PACKAGES.encode()).hexdigest()[:8]
    archive = folder / f"gimp-{version}-{SUITES[version]}-{key}.tar.zst"
    tree = folder / archive.name.removesuffix(".tar.zst")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{archive.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not archive.exists():
            build_archive(SUITES[version], PACKAGES, archive)
        if not tree.exists():
            _unpack(archive, tree)
        with TemporaryDirectory() as own:
            root = Root(version, tree, Path(own))
            if not root.known_plug_ins.exists():
                _ask_plug_ins(root)
    return tree


def _ask_plug_ins(root: Root) -> None:
    """Let GIMP ask its own plug-ins, and keep what they answer."""
    for part in WRITABLE:
        (root.folder / part).mkdir()
    profile = root.folder / "impasto" / "profile"
    profile.mkdir()
    write_gimprc(profile, root.version)
    command = ["gimp-console", "-i", "-d", "-f", "--quit"]
    done = root.run(command, environment={"GIMP3_DIRECTORY": "/impasto/profile"}, seconds=BUILD_SECONDS)
    assert (profile / "pluginrc").exists(), done.stdout
    part = root.known_plug_ins.with_name(f"{root.known_plug_ins.name}.part")
    shutil.copy(profile / "pluginrc", part)
    part.replace(root.known_plug_ins)


def _unpack(archive: Path, tree: Path) -> None:
    part = tree.with_name(f"{tree.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    for folder in WRITABLE:
        (part / folder).mkdir(parents=True, exist_ok=True)
    subprocess.run(["tar", "--zstd", "--exclude=./dev/*", "-C", str(part), "-xf", str(archive)], check=True)
    part.rename(tree)
