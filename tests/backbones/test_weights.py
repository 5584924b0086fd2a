"""Weights from files: what is loaded is what the file holds, and what is no such file gets one sentence."""

import hashlib
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor
from torchvision.models import squeezenet1_0
from torchvision.models.vgg import cfgs, make_layers

from impasto.backbones import Backbone, load_backbone, weights
from impasto.backbones.weights import TORCHVISION
from impasto_wire.errors import WeightsMissing

CPU = torch.device("cpu")
MEAN, STD = (torch.tensor(values).view(1, 3, 1, 1) for values in (TORCHVISION.mean, TORCHVISION.std))


def noise() -> Tensor:
    return torch.rand(1, 3, 48, 64, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="session")
def features() -> dict[str, torch.nn.Sequential]:
    """Torchvision's own networks, with seeded random weights, as far as they are of use here."""
    torch.manual_seed(3)
    # Not the whole VGG: its classifier takes most of a gigabyte, and a minute to be filled.
    found = {name: make_layers(cfgs[letter]) for name, letter in {"vgg16": "D", "vgg19": "E"}.items()}
    for module in (module for network in found.values() for module in network if isinstance(module, torch.nn.Conv2d)):
        torch.nn.init.kaiming_uniform_(module.weight, nonlinearity="relu")
    found["squeezenet"] = squeezenet1_0(weights=None).features
    return {name: network.eval().requires_grad_(False) for name, network in found.items()}


def state(network: torch.nn.Sequential) -> dict[str, Tensor]:
    return {f"features.{name}": tensor for name, tensor in network.state_dict().items()}


def saved(network: torch.nn.Sequential, file: Path) -> Path:
    if file.suffix == ".safetensors":
        save_file(state(network), file)
    else:
        torch.save(state(network), file)
    return file


@pytest.mark.parametrize(
    ("name", "layer", "place", "suffix"),
    [
        ("vgg16", "relu3_3", 15, ".pth"),
        ("vgg16", "relu5_1", 25, ".safetensors"),
        ("vgg19", "relu4_2", 22, ".pth"),
        ("squeezenet", "conv1_1", 1, ".pth"),
        ("squeezenet", "conv5_1", 6, ".safetensors"),
        ("squeezenet", "conv8_1", 9, ".safetensors"),
    ],
)
def test_a_networks_maps_are_torchvisions_own(
    features: dict[str, torch.nn.Sequential], tmp_path: Path, name: str, layer: str, place: int, suffix: str
) -> None:
    network = features[name]
    backbone = load_backbone(name, CPU, saved(network, tmp_path / f"own{suffix}"))
    found = backbone(noise(), (layer,), padding="zeros")[layer]
    torch.testing.assert_close(found, network[: place + 1]((noise() - MEAN) / STD), rtol=1e-3, atol=1e-4)


def test_oxfords_files_get_blue_first_and_their_own_means(
    features: dict[str, torch.nn.Sequential], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = features["vgg16"]
    path = saved(network, tmp_path / "own.pth")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setitem(weights._TRANSFORMS, digest[:8], weights._TRANSFORMS["00b39a1b"])
    bgr = noise().flip(1) * 255 - torch.tensor([103.939, 116.779, 123.68]).view(1, 3, 1, 1)
    found = load_backbone("vgg16", CPU, path)(noise(), ("relu1_1",), padding="zeros")["relu1_1"]
    torch.testing.assert_close(found, network[:2](bgr), rtol=1e-3, atol=1e-2)


def test_only_the_layers_asked_for_are_run(
    vgg19: Backbone, features: dict[str, torch.nn.Sequential], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    squeezenet = load_backbone("squeezenet", CPU, saved(features["squeezenet"], tmp_path / "own.pth"))
    convolve, run = F.conv2d, []

    def counted(*arguments: object, **options: object) -> Tensor:
        run.append(arguments)
        return convolve(*arguments, **options)

    monkeypatch.setattr(F, "conv2d", counted)
    for backbone, layer, count in ((vgg19, "relu3_1", 5), (squeezenet, "conv1_1", 1), (squeezenet, "conv3_1", 7)):
        run.clear()
        backbone(noise(), (layer,))
        assert len(run) == count


def test_torchvisions_cache_is_used_for_what_has_no_embedded_weights(
    features: dict[str, torch.nn.Sequential], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file there whose hash isn't the one that its name bears is refused."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    with pytest.raises(
        WeightsMissing, match="there are no weights of squeezenet; run: impasto weights fetch squeezenet"
    ):
        load_backbone("squeezenet", CPU)
    path = saved(features["squeezenet"], folder / "squeezenet1_0-b66bff10.pth")
    with pytest.raises(WeightsMissing, match=r"nothing proves .*squeezenet1_0-b66bff10\.pth"):
        load_backbone("squeezenet", CPU)
    (folder / "squeezenet1_0-b66bff10.pth.sha256").write_text("b66bff10" + "0" * 56)
    with pytest.raises(WeightsMissing, match=r"squeezenet1_0-b66bff10\.pth are damaged"):
        load_backbone("squeezenet", CPU)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert load_backbone("squeezenet", CPU, path.rename(folder / f"squeezenet-{digest[:8]}.pth")).name == "squeezenet"


def test_vgg19_is_the_embedded_one_whatever_lies_in_the_cache(
    vgg19: Backbone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    (tmp_path / "hub" / "checkpoints" / "vgg19-dcbb9e9d.pth").write_bytes(b"something else")
    assert torch.equal(load_backbone("vgg19", CPU).conv1_1_weight, vgg19.conv1_1_weight)
    with pytest.raises(WeightsMissing, match="damaged"):
        load_backbone("vgg19", CPU, Path("torchvision"))


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_a_wrong_file_gets_one_sentence(features: dict[str, torch.nn.Sequential], tmp_path: Path, suffix: str) -> None:
    whole = saved(features["squeezenet"], tmp_path / f"whole{suffix}")

    def told(path: Path, name: str = "squeezenet") -> str:
        with pytest.raises(WeightsMissing) as refusal:
            load_backbone(name, CPU, path)
        assert "\n" not in str(refusal.value)
        return str(refusal.value)

    assert (
        told(tmp_path / f"nosuch{suffix}") == f"there is no file {tmp_path}/nosuch{suffix} with weights; check the name"
    )
    assert "doesn't hold the weights of vgg16: features.0.weight has the shape (96, 3, 7, 7)" in told(whole, "vgg16")
    cut, empty, text = (tmp_path / f"{name}{suffix}" for name in ("cut", "empty", "text"))
    cut.write_bytes(whole.read_bytes()[:1_000_000])
    empty.touch()
    text.write_text("these are not weights")
    for path in (cut, empty, text):
        assert f"{path.name} can't be read to its end" in told(path)


def test_what_is_in_a_pth_is_never_run(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (tmp_path / "sprung",))

    torch.save({"features.0.weight": Trap()}, tmp_path / "trap.pth")
    with pytest.raises(WeightsMissing, match="can't be read"):
        load_backbone("squeezenet", CPU, tmp_path / "trap.pth")
    assert not (tmp_path / "sprung").exists()


def test_numbers_that_are_none_are_refused(features: dict[str, torch.nn.Sequential], tmp_path: Path) -> None:
    broken = {name: tensor.clone() for name, tensor in state(features["squeezenet"]).items()}
    broken["features.3.squeeze.bias"][0] = torch.nan
    save_file(broken, tmp_path / "broken.safetensors")
    with pytest.raises(WeightsMissing, match=r"features\.3\.squeeze\.bias isn't all numbers"):
        load_backbone("squeezenet", CPU, tmp_path / "broken.safetensors")


def test_the_real_squeezenet_is_loaded_as_it_is(squeezenet_weights: Path) -> None:
    backbone = load_backbone("squeezenet", CPU, squeezenet_weights)
    assert torch.equal(backbone.features_9_squeeze_weight, load_file(squeezenet_weights)["features.9.squeeze.weight"])
