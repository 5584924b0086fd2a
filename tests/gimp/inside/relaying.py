"""Checks of the filter where its Python can't load ZeroMQ: the same messages, through a relay."""

import time
from pathlib import Path

from kit import PLUG_IN, add_layer, new_image, opposite, paint, read, refusal, use_engine

ENGINE = "relayed"
_TRIED = Path("/impasto/tried-zmq")
# Lies beside the filter, so that its Python finds it before the system's own.
Path(PLUG_IN, "zmq.py").write_text(f"open({str(_TRIED)!r}, 'w').close()\nraise ImportError('no ZeroMQ here')\n")
_OUT_OF_MEMORY = 2**31 - 3


def _relays():
    """The relay processes that run in this root; all processes of the tests' machine can be seen from here."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
            is_here = (path.parent / "root" / "impasto").samefile("/impasto")
        except OSError:
            continue  # it has ended since
        if is_here and b"relay" in words and any(word.startswith(b"/impasto/engines/") for word in words):
            found.append(path.parent.name)
    return found


def a_layer_is_painted_through_the_relay():
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        assert list(read(paint(image, layer))) == opposite(read(layer))
    assert _TRIED.exists(), "it was not without ZeroMQ"


def a_layer_larger_than_any_pipe_is_whole():
    with new_image(900, 700) as image:
        layer = add_layer(image, alpha=False)
        assert list(read(paint(image, layer))) == opposite(read(layer))


def the_engines_own_sentence_is_shown():
    with new_image() as image:
        assert "70 GiB" in refusal(image, add_layer(image), seed=_OUT_OF_MEMORY)


def an_engine_that_is_gone_is_missed():
    use_engine("relayed-gone")
    with new_image() as image:
        assert "engine" in refusal(image, add_layer(image))


def no_relay_is_left_behind():
    end = time.monotonic() + 10
    while left := _relays():
        assert time.monotonic() < end, f"relays {left} still run"
        time.sleep(0.05)
