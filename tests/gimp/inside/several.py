"""Checks of several layers in one call: all are checked first, and one that fails doesn't take the others with it."""

from gi.repository import Gimp
from kit import SUCCESS, add_layer, call, new_image, opposite, read, refusal, style_layer, use_engine

ENGINE = "fake"
IS_HERE = True
_REFUSES_WIDE = 2**31 - 6
"""The fake painter refuses layers wider than 30 pixels at this variation."""


def _two(image, **arguments):
    """A good layer, and above it one with these arguments."""
    return [add_layer(image, alpha=False, name="One"), add_layer(image, **{"alpha": False, **arguments})]


def _paint(image, layers, **arguments):
    return call(image, layers, style_drawable=style_layer(), **arguments)


def one_that_fails_at_its_turn_is_named_and_the_others_are_painted():
    for wide_first in (False, True):
        with new_image(40, 14) as image:
            layers = [add_layer(image, alpha=False, width=width, name=name) for name, width in _widths(wide_first)]
            status, sentence = _paint(image, layers, seed=_REFUSES_WIDE)
            assert status == Gimp.PDBStatusType.EXECUTION_ERROR
            assert "“Wide” was not painted" in sentence and "70 GiB" in sentence and "“One”" not in sentence
            names = [layer.get_name() for layer in image.get_layers()]
            assert len(names) == 5 and not any(name.endswith("— Wide") for name in names)
            for name in ("One", "Two"):
                (old,) = [layer for layer in layers if layer.get_name() == name]
                (new,) = [layer for layer in image.get_layers() if layer.get_name().endswith(f"— {name}")]
                assert list(read(new)) == opposite(read(old))


def _widths(wide_first):
    named = [("One", 20), ("Two", 20)]
    named.insert(0 if wide_first else 1, ("Wide", 40))
    return named


def all_that_fail_leave_the_image_as_it_was():
    with new_image(40, 14) as image:
        layers = [add_layer(image, alpha=False, name=name) for name in ("One", "Two")]
        assert "70 GiB" in refusal(image, layers, seed=_REFUSES_WIDE)
        use_engine("gone")
        assert "engine" in refusal(image, layers)


def a_layer_that_is_too_small_is_named_before_the_first_is_painted():
    with new_image() as image:
        assert "“Small” is 7x9" in refusal(image, _two(image, width=7, height=9, name="Small"), seed=_REFUSES_WIDE)


def a_transparent_layer_is_named_before_the_first_is_painted():
    with new_image() as image:
        layers = _two(image, alpha=True, name="Empty")
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 20, 14)
        layers[1].edit_clear()
        Gimp.Selection.none(image)
        assert "“Empty” is fully transparent" in refusal(image, layers)


def a_layer_of_which_nothing_is_selected_is_named_before_the_first_is_painted():
    with new_image() as image:
        layers = _two(image, width=9, height=9, offsets=(11, 0), name="Aside")
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 5, 5)
        assert "othing of “Aside” is selected" in refusal(image, layers)
        assert _paint(image, layers, region="layer")[0] == SUCCESS


def a_layer_that_cant_be_replaced_is_named_before_the_first_is_painted():
    with new_image() as image:
        layers = _two(image, name="Locked")
        layers[1].set_lock_content(True)
        assert "“Locked”" in refusal(image, layers, result="replace")


def a_channel_among_layers_is_named():
    with new_image() as image:
        layers = _two(image)
        channel = Gimp.Channel.new(image, "Mine", 20, 14, 50, Gimp.context_get_foreground())
        image.insert_channel(channel, None, 0)
        assert "“Mine” is a channel" in refusal(image, [*layers, channel])
