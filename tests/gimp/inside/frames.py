"""Checks of layers as frames. The fake painter inverts a layer, or where it is told of a frame before, gives back that
one's painting: so whoever looks like the first frame has begun from the one before."""

from gi.repository import Gimp
from kit import SUCCESS, add_layer, call, native_alpha, new_image, opposite, read, style_layer, use_engine, write

FRAMES = "plug-in-impasto-layers-as-frames"

ENGINE = "fake"


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
        assert [name.startswith(frames[1].get_name()) for name in names] == [True, True, False, False]


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
