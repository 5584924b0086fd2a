"""Several styles in one, each with its share, written as GIMP remembers them: ``woodcut:60+batik:40``."""

from collections.abc import Sequence

Mix = tuple[tuple[str, float], ...]
"""Names of styles with their shares."""


def mix_from(text: str) -> Mix:
    """The styles that a text names; one that has no share, or none that is a positive number, counts as 1."""
    return tuple(_part(part) for part in text.split("+") if part.strip())


def text_of(mix: Sequence[tuple[str, float]]) -> str:
    """How a mix is written; of a single style its name alone."""
    if len(mix) == 1:
        return mix[0][0]
    return "+".join(f"{name}:{share:g}" for name, share in mix)


def _part(text: str) -> tuple[str, float]:
    name, _, share = text.strip().partition(":")
    try:
        return name, float(share) if float(share) > 0 else 1.0
    except ValueError:
        return name, 1.0
