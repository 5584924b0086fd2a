"""Checks of what the filter says no to: one sentence, and an image that nobody touched."""

import time

from gi.repository import Gimp
from kit import SUCCESS, add_layer, call, new_image, paint, picture, refusal, use_engine

from impasto_plugin.image.layers import layer_for

ENGINE = "fake"
# What the fake painter makes of these variations.
_DIES, _RAISES, _OUT_OF_MEMORY = (2**31 - number for number in (1, 2, 3))


def an_indexed_image_is_to_be_converted():
    with new_image() as image:
        layer = add_layer(image)
        image.convert_indexed(Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 8, False, False, "")
        sentence = refusal(image, layer)
        assert "indexed" in sentence and "Image ▸ Mode ▸ RGB" in sentence


def of_a_person_the_only_layer_stands_for_an_active_channel():
    with new_image() as image:
        layer = add_layer(image)
        channel = Gimp.Channel.new(image, "Mine", 20, 14, 50, Gimp.context_get_foreground())
        image.insert_channel(channel, None, 0)
        assert layer_for(channel) == layer_for(layer) == layer
        add_layer(image)
        image.set_selected_channels([channel])
        assert layer_for(channel) == channel, "which of two is meant can't be known"


def a_channel_is_no_layer():
    with new_image() as image:
        add_layer(image)
        channel = Gimp.Channel.new(image, "Mine", 20, 14, 50, Gimp.context_get_foreground())
        image.insert_channel(channel, None, 0)
        assert refusal(image, channel).startswith("“Mine” is a channel")


def no_layer_at_all():
    with new_image() as image:
        add_layer(image)
        assert "select" in refusal(image, [])


def a_floating_selection_is_to_be_anchored():
    with new_image() as image:
        layer = add_layer(image)
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 2, 2, 5, 5)
        Gimp.edit_copy([layer])
        floating = Gimp.edit_paste(layer, False)[0]
        assert floating.is_floating_sel()
        assert "anchor" in refusal(image, floating)


def no_engine_is_installed():
    use_engine("missing")
    with new_image() as image:
        started = time.monotonic()
        sentence = refusal(image, add_layer(image))
        assert "engine" in sentence and "install" in sentence
        assert time.monotonic() - started < 20


def an_engine_that_is_gone_is_missed_soon():
    use_engine("gone")
    with new_image() as image:
        assert "engine" in refusal(image, add_layer(image))


def an_engine_of_another_version_is_to_be_renewed():
    use_engine("older")
    with new_image() as image:
        assert "install" in refusal(image, add_layer(image))


def the_engines_own_sentence_is_shown():
    with new_image() as image:
        sentence = refusal(image, add_layer(image), seed=_OUT_OF_MEMORY)
        assert "70 GiB" in sentence


def a_fault_in_the_engine_is_told_and_the_next_call_works():
    with new_image() as image:
        layer = add_layer(image)
        refusal(image, layer, seed=_RAISES)
        paint(image, layer)


def a_worker_that_dies_is_told_and_the_next_call_works():
    with new_image() as image:
        layer = add_layer(image)
        refusal(image, layer, seed=_DIES)
        paint(image, layer)


def a_style_picture_that_is_gone():
    with new_image() as image:
        sentence = refusal(image, add_layer(image), style_drawable=None, style_file=picture("gone.png"))
        assert "gone.png" in sentence and "not there" in sentence


def a_style_picture_that_is_none():
    with new_image() as image:
        sentence = refusal(image, add_layer(image), style_drawable=None, style_file=picture("not-a-picture.png"))
        assert "not-a-picture.png" in sentence


def a_style_that_the_gallery_doesnt_have():
    with new_image() as image:
        sentence = refusal(image, add_layer(image), style_drawable=None, preset="no-such-style")
        assert "no-such-style" in sentence


def a_layer_of_every_kind_can_be_called_again_after_a_refusal():
    with new_image() as image:
        layer = add_layer(image)
        status, _ = call(image, layer, style_file=picture("gone.png"))
        assert status != SUCCESS
        paint(image, layer)
