"""`impasto weights`: what it fetches, the networks find."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from fakes import file_server
from fakes.file_server import FileServer
from impasto.backbones import load_backbone
from impasto.backbones.published import PUBLISHED
from impasto.cli import main
from impasto_wire.errors import WeightsMissing

CPU = torch.device("cpu")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where torch keeps what it fetches: an empty place."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.delenv("IMPASTO_WEIGHTS_MIRROR", raising=False)
    return tmp_path / "torch" / "hub" / "checkpoints"


@pytest.fixture
def squeezenet(squeezenet_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Real weights as a file that stands for the published one: only its own digest is another."""
    torch.save(load_file(squeezenet_weights), tmp_path / "state.pth")
    digest = hashlib.sha256((tmp_path / "state.pth").read_bytes()).hexdigest()
    path = (tmp_path / "state.pth").rename(tmp_path / f"squeezenet1_0-{digest[:8]}.pth")
    stands_in = replace(PUBLISHED["squeezenet"], file=path.name, sha256=digest, most_bytes=path.stat().st_size)
    monkeypatch.setitem(PUBLISHED, "squeezenet", stands_in)
    return path


@pytest.fixture
def unpinned(squeezenet: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The same, but nobody publishes its whole digest; returns that."""
    digest = PUBLISHED["squeezenet"].sha256
    monkeypatch.setitem(PUBLISHED, "squeezenet", replace(PUBLISHED["squeezenet"], sha256=None))
    assert digest
    return digest


@pytest.fixture
def mirror(squeezenet: Path) -> Iterator[FileServer]:
    with file_server.running(squeezenet.read_bytes()) as server:
        yield server


def listed(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    assert main(["weights", "list", "--json"]) == 0
    return {row["name"]: row["state"] for row in json.loads(capsys.readouterr().out)}


def test_what_is_fetched_is_found_by_its_network(
    cache: Path, mirror: FileServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(WeightsMissing, match="run: impasto weights fetch squeezenet"):
        load_backbone("squeezenet", CPU)
    assert "impasto weights fetch squeezenet" in listed(capsys)["squeezenet"]
    monkeypatch.setenv("IMPASTO_WEIGHTS_MIRROR", mirror.address)
    assert main(["weights", "fetch", "squeezenet"]) == 0
    assert "licence: BSD" in capsys.readouterr().err
    assert load_backbone("squeezenet", CPU).name == "squeezenet"
    assert listed(capsys)["squeezenet"] == "fetched"
    assert main(["weights", "path", "squeezenet"]) == 0
    assert Path(capsys.readouterr().out.strip()).parent == cache
    assert len([*cache.iterdir()]) == 1


def test_what_is_here_is_not_fetched_again_unless_it_is_damaged(
    cache: Path, squeezenet: Path, mirror: FileServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["weights", "fetch", "squeezenet", "--from", str(squeezenet)]) == 0
    assert main(["weights", "fetch", "squeezenet", "--mirror", mirror.address]) == 0
    assert mirror.ranges == []
    (cache / squeezenet.name).write_bytes(b"half of it")
    assert "damaged" in listed(capsys)["squeezenet"]
    assert main(["weights", "fetch", "squeezenet", "--mirror", mirror.address + "/"]) == 0
    assert mirror.ranges == [None]
    assert (cache / squeezenet.name).read_bytes() == squeezenet.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["fetch", "alexnet"], "there are no weights for 'alexnet'; it must be one of vgg19, vgg16, squeezenet"),
        (["fetch", "vgg19", "--from", "nosuch.pth"], "there is no file nosuch.pth; check the name"),
        (["path", "vgg16"], "there are no weights of vgg16; run: impasto weights fetch vgg16"),
    ],
)
def test_a_mistake_gets_one_sentence(
    cache: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert main(["weights", *arguments]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"impasto: {sentence}"


def test_eight_digits_prove_nothing(
    cache: Path, squeezenet: Path, unpinned: str, mirror: FileServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file whose whole digest isn't published is taken, and used, only by one that a person gives."""
    fetch = ["weights", "fetch", "squeezenet", "--mirror", mirror.address]
    for more in ([], ["--from", str(squeezenet)]):
        assert main([*fetch, *more]) == 2
        assert "give them with --sha256" in capsys.readouterr().err
    assert mirror.ranges == []
    cache.mkdir(parents=True, exist_ok=True)
    (cache / squeezenet.name).write_bytes(squeezenet.read_bytes())  # as torchvision itself may have left it
    assert "nothing proves it" in listed(capsys)["squeezenet"]
    with pytest.raises(WeightsMissing, match="name the file with --weights if you trust it"):
        load_backbone("squeezenet", CPU)
    assert load_backbone("squeezenet", CPU, cache / squeezenet.name).name == "squeezenet"
    for wrong, sentence in (("abc", "must be 64 digits"), ("0" * 64, "begins with")):
        assert main([*fetch, "--sha256", wrong]) == 2
        assert sentence in capsys.readouterr().err
    assert main([*fetch, "--sha256", unpinned[:8] + "0" * 56]) == 2
    assert main([*fetch, "--sha256", unpinned.upper()]) == 0
    assert listed(capsys)["squeezenet"] == "fetched"
    assert load_backbone("squeezenet", CPU).name == "squeezenet"
    (cache / squeezenet.name).write_bytes(squeezenet.read_bytes() + b"more")
    with pytest.raises(WeightsMissing, match="damaged"):
        load_backbone("squeezenet", CPU)


def test_every_digest_that_is_published_is_whole() -> None:
    for published in PUBLISHED.values():
        assert published.most_bytes < 600_000_000
        if published.sha256 is not None:
            assert len(published.sha256) == 64
            assert f"-{published.sha256[:8]}." in published.file
