"""Checks of layers as frames. The fake painter inverts a layer, or where it is told of a frame before, gives back that
one's painting: so whoever looks like the first frame has begun from the one before."""

from gi.repository import Gimp
from kit import (
    SUCCESS,
    add_layer,
    call,
    native_alpha,
    new_image,
    opposite,
    picture,
    read,
    style_layer,
    use_engine,
    write,
)

FRAMES = "plug-in-impasto-layers-as-frames"

ENGINE = "fake"
_ALONE = 2**31 - 7
"""At this variation the fake painter inverts each frame, whatever it is told of the one before."""


def _animate(image, selected, **arguments):
    """Have an image's layers repainted, which must succeed: the images that are new."""
    known = {found.get_id() for found in Gimp.get_images()} | {style_layer().get_image().get_id()}
    status, sentence = call(image, selected, procedure=FRAMES, style_drawable=style_layer(), **arguments)
    assert status == SUCCESS, sentence
    return [found for found in Gimp.get_images() if found.get_id() not in known]


def _refused(image, selected, **arguments):
    """Have an image's layers not repainted: why, and that nothing has come of it."""
    known = {found.get_id() for found in Gimp.get_images()} | {style_layer().get_image().get_id()}
    before = [(layer.get_id(), read(layer)) for layer in image.get_layers()]
    status, sentence = call(image, selected, procedure=FRAMES, style_drawable=style_layer(), **arguments)
    assert status == Gimp.PDBStatusType.EXECUTION_ERROR, sentence
    assert {found.get_id() for found in Gimp.get_images()} == known
    assert [(layer.get_id(), read(layer)) for layer in image.get_layers()] == before
    return sentence


def _add_frames(image, count=3):
    """Frames that differ, the first one lowest."""
    frames = []
    for number in range(count):
        layer = add_layer(image, name=f"Frame {number + 1} ({100 + number}ms) (replace)")
        data = bytearray(read(layer))
        data[0::4] = bytes((value + 60 * number) % 256 for value in data[0::4])
        write(layer, "R'G'B'A u8", bytes(data))
        frames.append(layer)
    return frames


def frames_become_the_layers_of_a_new_image_each_begun_from_the_one_before():
    with new_image() as image:
        frames = _add_frames(image)
        frames[1].set_visible(False)
        (new,) = _animate(image, frames[2])
        painted = list(reversed(new.get_layers()))
        assert [layer.get_name() for layer in painted] == [layer.get_name() for layer in frames]
        first = opposite(read(frames[0]))
        for layer, frame in zip(painted, frames, strict=True):
            data = list(read(layer))
            colours = [place for place in range(len(data)) if place % 4 != 3 and data[place | 3]]
            assert [data[place] for place in colours] == [first[place] for place in colours], layer.get_name()
            assert native_alpha(layer) == native_alpha(frame)
        assert [layer.get_id() for layer in image.get_layers()] == [frame.get_id() for frame in reversed(frames)]
        assert (new.get_width(), new.get_height()) == (image.get_width(), image.get_height())
        assert not new.is_dirty() or new.undo_is_enabled()
        new.delete()


def a_frame_of_another_size_begins_anew_and_lies_where_it_lay():
    with new_image() as image:
        low = add_layer(image, alpha=False, name="Low")
        small = add_layer(image, width=9, height=8, alpha=False, offsets=(5, 4), name="Small")
        (new,) = _animate(image, low)
        painted, lowest = new.get_layers()
        assert list(read(lowest)) == opposite(read(low))
        assert list(read(painted)) == opposite(read(small))
        assert painted.get_offsets()[1:] == (5, 4)
        new.delete()


def of_several_that_are_selected_only_those_are_frames():
    with new_image() as image:
        frames = _add_frames(image)
        (new,) = _animate(image, [frames[2], frames[1]])
        assert [layer.get_name() for layer in new.get_layers()] == [frames[2].get_name(), frames[1].get_name()]
        new.delete()


def new_layers_are_one_undo_step_in_the_same_image():
    with new_image() as image:
        frames = _add_frames(image, 2)
        assert not _animate(image, frames[0], result="new-layer")
        names = [layer.get_name() for layer in image.get_layers()]
        assert len(names) == 4
        assert [frames[1].get_name() in name for name in names] == [True, True, False, False]


def an_indexed_animation_becomes_one_in_rgb():
    with new_image() as image:
        frames = _add_frames(image, 2)
        image.convert_indexed(Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 16, False, False, "")
        (new,) = _animate(image, frames[0])
        assert new.get_base_type() == Gimp.ImageBaseType.RGB
        assert len(new.get_layers()) == 2
        new.delete()


def a_single_layer_is_no_animation():
    with new_image() as image:
        layer = add_layer(image)
        assert "an animation has several frames" in _refused(image, layer).lower()


def an_engine_that_is_gone_leaves_no_trace():
    with new_image() as image:
        frames = _add_frames(image, 2)
        use_engine("gone")
        assert "engine" in _refused(image, frames[0])


def _add_patch(image, name, colour, offsets, size=(9, 8)):
    """A frame that covers part of the canvas."""
    layer = add_layer(image, *size, offsets=offsets, name=name)
    write(layer, "R'G'B'A u8", bytes(colour) * (size[0] * size[1]))
    return layer


def _optimised(image):
    """A whole frame, two patches that are shown over it, one that is shown alone, and one over that."""
    low = add_layer(image, alpha=False, name="Background (100ms)")
    one = _add_patch(image, "Frame 2 (100ms) (combine)", (10, 200, 60, 255), (0, 0))
    two = _add_patch(image, "Frame 3 (100ms) (COMBINE)", (250, 20, 90, 255), (5, 4))
    alone = _add_patch(image, "Frame 4 (80ms) (replace)", (7, 8, 9, 255), (8, 0))
    last = _add_patch(image, "Frame 5 (combine)", (70, 80, 90, 255), (2, 1))
    return [low, one, two, alone, last]


def _as_seen(layers):
    """Layers over each other."""
    image = layers[0].get_image()
    for layer in image.get_layers():
        layer.set_visible(any(layer.get_id() == one.get_id() for one in layers))
    seen = Gimp.Layer.new_from_visible(image, image, "")
    data = read(seen)
    seen.delete()
    return data


def _check_optimised(painted, expected):
    """Each painted frame must be the opposite of what was seen, at the whole canvas where it was shown over others."""
    for layer, before in zip(painted, expected, strict=True):
        after = _as_seen([layer])
        assert after[3::4] == before[3::4], layer.get_name()
        there = [place for place in range(len(before)) if place % 4 != 3 and before[place | 3]]
        worst = max(abs(255 - before[place] - after[place]) for place in there)
        assert worst <= 1, f"{layer.get_name()}: {worst}"


def _names():
    numbers = ("Background (100ms)", "Frame 2 (100ms) (replace)", "Frame 3 (100ms) (replace)")
    return [*numbers, "Frame 4 (80ms) (replace)", "Frame 5 (replace)"]


def frames_that_are_shown_over_others_are_painted_as_they_are_seen():
    for kind in ("rgb", "indexed"):
        with new_image() as image:
            low, one, two, alone, last = frames = _optimised(image)
            if kind == "indexed":
                palette = Gimp.ConvertPaletteType.GENERATE
                image.convert_indexed(Gimp.ConvertDitherType.NONE, palette, 255, False, False, "")
            over = ([low], [low, one], [low, one, two], [alone], [alone, last])
            expected = [_as_seen(layers) for layers in over]
            (new,) = _animate(image, low, seed=_ALONE)
            painted = list(reversed(new.get_layers()))
            assert [layer.get_name() for layer in painted] == _names()
            _check_optimised(painted, expected)
            assert [layer.get_offsets()[1:] for layer in painted] == [(0, 0)] * 3 + [(8, 0), (0, 0)]
            assert [layer.get_name() for layer in frames][1].endswith("(combine)")
            new.delete()


def an_optimised_gif_is_painted_as_gimp_plays_it():
    image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, picture("optimised.gif"))
    try:
        frames = list(reversed(image.get_layers()))
        assert any(0 in read(frame)[3::4] or frame.get_width() < 150 for frame in frames[1:]), "nothing is left out"
        expected = [_as_seen(frames[: number + 1]) for number in range(len(frames))]
        (new,) = _animate(image, frames[0], seed=_ALONE)
        painted = list(reversed(new.get_layers()))
        _check_optimised(painted, expected)
        assert all("(80ms)" in layer.get_name() for layer in painted)
        new.delete()
    finally:
        image.delete()


def frames_that_are_shown_over_others_can_be_replaced():
    with new_image() as image:
        low, one, two, alone, last = _optimised(image)
        one.set_opacity(50)
        expected = [_as_seen(layers) for layers in ([low], [low, one], [low, one, two], [alone], [alone, last])]
        assert not _animate(image, low, result="replace", seed=_ALONE)
        painted = list(reversed(image.get_layers()))
        assert [layer.get_name() for layer in painted] == _names()
        _check_optimised(painted, expected)


def a_selection_counts_in_a_frame_that_is_shown_over_others():
    with new_image() as image:
        low = add_layer(image, alpha=False, name="Background")
        one = _add_patch(image, "Frame 2 (combine)", (10, 200, 60, 255), (6, 3))
        before = _as_seen([low, one])
        image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 10, 14)
        assert not _animate(image, low, result="replace", seed=_ALONE)
        Gimp.Selection.none(image)
        after, inverse = _as_seen([image.get_layers()[0]]), opposite(before)
        expected = [inverse[place] if place % 80 < 40 else before[place] for place in range(len(before))]
        assert max(abs(value - right) for value, right in zip(after, expected, strict=True)) <= 1


def a_frame_that_must_grow_and_is_locked_is_named():
    with new_image() as image:
        _low, one, *_others = _optimised(image)
        one.set_lock_position(True)
        assert "“Frame 2 (100ms) (combine)”" in _refused(image, one, result="replace")
