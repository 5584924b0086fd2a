"""The networks' weights that can be fetched: their publisher, address, licence, and file name."""

from dataclasses import dataclass
from pathlib import Path

from .names import BACKBONES
from .weights import in_torchvision_cache, sha256

_TORCHVISION = "https://download.pytorch.org/models"


@dataclass(frozen=True)
class PublishedWeights:
    """One network's weights as torchvision publishes them; the file's name ends in eight digits of its SHA-256."""

    network: str
    file: str
    megabytes: int
    licence: str

    @property
    def address(self) -> str:
        """Where torchvision publishes the file."""
        return f"{_TORCHVISION}/{self.file}"

    @property
    def digest_start(self) -> str:
        """The first eight digits of the file's SHA-256: all that torchvision publishes, and what torch itself checks.

        They prove that a file isn't damaged, but not that it isn't forged: files are read as tensors only, never run.
        """
        return self.file.rpartition("-")[2].partition(".")[0]

    @property
    def path(self) -> Path:
        """Where they are once they have been fetched: in torchvision's cache."""
        return in_torchvision_cache(self.file)

    def is_whole(self) -> bool:
        """Are they here, and undamaged?"""
        return self.path.is_file() and sha256(self.path).startswith(self.digest_start)


PUBLISHED: dict[str, PublishedWeights] = {
    "vgg19": PublishedWeights("vgg19", "vgg19-dcbb9e9d.pth", 575, "BSD-3-Clause, torchvision; trained on ImageNet"),
    "vgg16": PublishedWeights(
        "vgg16",
        "vgg16_features-amdegroot-88682ab5.pth",
        553,
        "CC BY 4.0, Visual Geometry Group, Oxford; converted by M. deGroot; trained on ImageNet",
    ),
    "squeezenet": PublishedWeights(
        "squeezenet", "squeezenet1_0-b66bff10.pth", 5, "BSD-3-Clause, torchvision; trained on ImageNet"
    ),
}
assert tuple(PUBLISHED) == BACKBONES
