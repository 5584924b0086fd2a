"""The frames of an animation, or a TIFF's pages, painted one after the other into one file."""

from collections.abc import Callable
from pathlib import Path

from impasto.painting.order import Order, with_own_alpha
from impasto.pictures.outputs import check_output, write_output
from impasto.pictures.print_size import enlargement
from impasto.pictures.sequences import Sequence, can_hold, encode_sequence
from impasto.request import FrameBefore, PaintRequest, Picture

from .speak import say


def is_painted_whole(sequence: Sequence, output: Path) -> bool:
    """Will all of its pictures be painted? Says, on standard error, what will be done."""
    found = f"{sequence.name} has {sequence.count} {sequence.kind}"
    if not can_hold(output, sequence.kind):
        other = ".gif, .webp or .apng" if sequence.kind == "frames" else ".tif"
        say(f"{found}; the first is painted, for {output.name} can hold one: write a {other} for all")
        return False
    if not sequence.is_uniform:
        say(f"{found} of different sizes; the first is painted")
        return False
    how = "each from the one before" if sequence.kind == "frames" else "each on its own"
    say(f"{found}; all are painted, {how}")
    return True


def paint_sequence(order: Order, sequence: Sequence, output: Path, paint: Callable[[PaintRequest], Picture]) -> None:
    """Paint all of its pictures into one file. Raises `ImpastoError`."""
    paintings = []
    before = None
    for number in range(sequence.count):
        picture = sequence.picture(number)
        request = order.request(picture.pixels, before, picture.profile)
        if number == 0:
            height, width = request.layer.shape[:2]
            left_out = check_output(output, (width, height), picture.transparency, picture.metadata)
            for sentence in left_out + enlargement(str(sequence.name), *picture.size, order.size):
                say(sentence)
        painting = with_own_alpha(paint(request), request.layer)
        paintings.append(order.finished(picture, painting))
        if sequence.kind == "frames":
            before = FrameBefore(picture.pixels, painting)
    write_output(output, encode_sequence(paintings, sequence.kind, sequence.times, sequence.loop, output.suffix))
