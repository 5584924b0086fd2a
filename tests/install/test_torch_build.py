"""The right PyTorch for the machine, and what it costs, before anything is downloaded."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from impasto_install.torch_build import choose_build, is_reachable

from .conftest import MakeSystem


def always(_: str) -> bool:
    return True


def never(_: str) -> bool:
    return False


def give_nvidia(tmp_path: Path) -> None:
    driver = tmp_path / "root/proc/driver/nvidia/version"
    driver.parent.mkdir(parents=True)
    driver.touch()


def test_without_a_card_the_small_build_is_taken(machine: MakeSystem) -> None:
    build = choose_build("auto", machine(), always)
    assert (build.name, build.note) == ("cpu", "")
    assert build.index and build.index.endswith("/cpu")
    assert build.download < 1e9


def test_with_an_nvidia_card_the_standard_build_is_taken_on_linux(machine: MakeSystem, tmp_path: Path) -> None:
    give_nvidia(tmp_path)
    build = choose_build("auto", machine(), never)
    assert (build.name, build.index, build.note) == ("default", None, "")
    assert build.download > 2e9


def test_with_an_nvidia_card_windows_needs_the_cuda_index(machine: MakeSystem, tmp_path: Path) -> None:
    give_nvidia(tmp_path)
    build = choose_build("auto", machine("win32"), always)
    assert build.name == "cuda"


@pytest.mark.parametrize(("card", "build"), [(110000, "rocm"), (100300, "rocm"), (90012, "cpu"), (0, "cpu")])
def test_an_amd_card_that_pytorch_knows_gets_its_build(
    machine: MakeSystem, tmp_path: Path, card: int, build: str
) -> None:
    told = tmp_path / "root/sys/class/kfd/kfd/topology/nodes/1/properties"
    told.parent.mkdir(parents=True)
    told.write_text(f"simd_count 4\ngfx_target_version {card}\nvendor_id 4098\n")
    assert choose_build("auto", machine(), always).name == build


def test_intels_build_does_not_promise_what_the_engine_cannot_do(machine: MakeSystem) -> None:
    assert "doesn't paint on Intel graphics yet" in choose_build("xpu", machine(), always).note


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_elsewhere_the_standard_build_is_already_small(machine: MakeSystem, platform: str) -> None:
    build = choose_build("auto", machine(platform), never)
    assert build.name == "default"
    assert build.download < 1e9


@pytest.mark.parametrize("choice", ["cpu", "cuda", "rocm", "xpu"])
def test_an_index_out_of_reach_falls_back_and_says_so(machine: MakeSystem, choice: str) -> None:
    build = choose_build(choice, machine(), never)
    assert (build.name, build.index) == ("default", None)
    assert "can't be reached" in build.note
    assert build.download > 2e9, "the size announced must be that of the build that comes"


def test_an_older_cuda_is_taken_where_the_newest_is_not_offered(machine: MakeSystem) -> None:
    build = choose_build("cuda", machine(), lambda url: "cu128" in url)
    assert build.index and build.index.endswith("/cu128")


@pytest.fixture
def index() -> Iterator[str]:
    """A package index that knows /cpu/torch/ and never answers on /slow/; as a proxy it knows index.invalid's."""
    release = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/slow/"):
                release.wait(30)
            self.send_response(200 if self.path.removeprefix("http://index.invalid") == "/cpu/torch/" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    release.set()
    server.shutdown()
    server.server_close()


def test_a_mirror_can_be_named(machine: MakeSystem, index: str) -> None:
    build = choose_build("cpu", machine(IMPASTO_TORCH_INDEX=index + "/"))
    assert build.index == f"{index}/cpu"
    assert choose_build("cuda", machine(IMPASTO_TORCH_INDEX=index)).index is None


def test_an_index_that_is_silent_is_not_waited_for(machine: MakeSystem, index: str) -> None:
    assert not is_reachable(machine(), f"{index}/slow/", seconds=0.2)
    assert not is_reachable(machine(), "http://127.0.0.1:1/", seconds=0.2)
    assert not is_reachable(machine(), "no address at all")


def test_the_index_is_looked_for_through_pips_own_proxy(
    machine: MakeSystem, index: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    behind = "http://index.invalid/cpu/torch/"  # nobody has that name: only a proxy answers for it
    assert not is_reachable(machine(PIP_PROXY="http://127.0.0.1:1"), f"{index}/cpu/torch/", seconds=0.5)
    assert is_reachable(machine(PIP_PROXY=index), behind, seconds=5)
    (home / ".config/pip").mkdir(parents=True)
    (home / ".config/pip/pip.conf").write_text(f"[global]\nproxy = {index}\n")
    assert is_reachable(machine(), behind, seconds=5)
