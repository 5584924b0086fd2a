"""The networks' weights that can be fetched: their publisher, address, licence, file name, and what proves them."""

import re
from dataclasses import dataclass
from pathlib import Path

from impasto_wire.errors import SettingError, WeightsMissing
from impasto_wire.files import write_whole

from .download import Expected
from .names import BACKBONES
from .weights import in_torchvision_cache, sha256

_TORCHVISION = "https://download.pytorch.org/models"


@dataclass(frozen=True)
class PublishedWeights:
    """One network's weights as torchvision publishes them; the file's name ends in eight digits of its SHA-256.

    Eight digits prove that a file isn't damaged, but not that it isn't forged: one with the same eight is found in
    minutes. Only `sha256`, or a whole digest that a person has given and that is noted beside the file, proves it.
    """

    network: str
    file: str
    most_bytes: int
    licence: str
    sha256: str | None = None
    """None where its publisher tells eight digits only, and nobody else tells more."""

    @property
    def megabytes(self) -> int:
        """Its size, about."""
        return round(self.most_bytes / 1e6)

    @property
    def address(self) -> str:
        """Where torchvision publishes the file."""
        return f"{_TORCHVISION}/{self.file}"

    @property
    def path(self) -> Path:
        """Where they are once they have been fetched: in torchvision's cache."""
        return in_torchvision_cache(self.file)

    @property
    def note(self) -> Path:
        """Where the digest is kept that a person has given."""
        return self.path.with_name(f"{self.file}.sha256")

    def expected(self, given: str | None = None) -> Expected:
        """What the right file is known by; `given` is the SHA-256 that a person has named.

        Raises `SettingError` where that can't be this file's, `WeightsMissing` where one is needed.
        """
        if given is not None:
            return Expected(self._checked(given.strip().lower()), self.most_bytes)
        digest = self.sha256 or self._noted()
        if digest is None:
            raise WeightsMissing(
                f"only eight digits of the SHA-256 of {self.file} are published, which forged files can have too; get "
                "all 64 from someone whom you trust, and give them with --sha256"
            )
        return Expected(digest, self.most_bytes)

    def _checked(self, digest: str) -> str:
        if not re.fullmatch("[0-9a-f]{64}", digest):
            raise SettingError(f"sha256 is {digest[:80]!r}; it must be 64 digits of 0-9 and a-f")
        start = self.sha256 or self.file.rpartition("-")[2].partition(".")[0]
        if not digest.startswith(start):
            raise SettingError(f"sha256 is {digest[:12]}…; that of {self.file} begins with {start[:12]}")
        return digest

    def _noted(self) -> str | None:
        try:
            found = self.note.read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return None
        return found if re.fullmatch("[0-9a-f]{64}", found) else None

    def keep_digest(self, digest: str) -> None:
        """Note which digest a person has given, for a file that has no other proof. Raises `WeightsMissing`."""
        if self.sha256 is not None:
            return
        try:
            write_whole(self.note, digest.encode() + b"\n", 0o600)
        except OSError as error:
            raise WeightsMissing(f"can't write {self.note} ({error.strerror}); check the folder") from error

    def is_proven(self) -> bool:
        """Is there a whole digest to compare the file with?"""
        return (self.sha256 or self._noted()) is not None

    def is_whole(self, digest: str | None = None) -> bool:
        """Are they here, and just what they should be? `digest` is compared instead of what is known."""
        known = digest or self.sha256 or self._noted()
        return known is not None and self.path.is_file() and sha256(self.path) == known


PUBLISHED: dict[str, PublishedWeights] = {
    "vgg19": PublishedWeights(
        "vgg19",
        "vgg19-dcbb9e9d.pth",
        574_673_361,
        "BSD-3-Clause, torchvision; trained on ImageNet",
        "dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44",
    ),
    "vgg16": PublishedWeights(
        "vgg16",
        "vgg16_features-amdegroot-88682ab5.pth",
        553_442_000,
        "CC BY 4.0, Visual Geometry Group, Oxford; converted by M. deGroot; trained on ImageNet",
    ),
    "squeezenet": PublishedWeights(
        "squeezenet", "squeezenet1_0-b66bff10.pth", 5_011_000, "BSD-3-Clause, torchvision; trained on ImageNet"
    ),
}
assert tuple(PUBLISHED) == BACKBONES
