"""Every kind of layer that GIMP has: each is painted rightly or refused in one clear sentence. Writes a table."""

from pathlib import Path

from gi.repository import Babl, Gimp
from kit import (
    SUCCESS,
    add_layer,
    call,
    new_image,
    picture,
    read,
    style_layer,
)

ENGINE = "fake"
IS_HERE = True


def _invert_effect(layer):
    layer.append_filter(Gimp.DrawableFilter.new(layer, "gegl:invert-gamma", "Invert"))


def _plain(image):
    return add_layer(image)


def _masked(image):
    layer = add_layer(image)
    layer.add_mask(layer.create_mask(Gimp.AddMaskType.WHITE))
    return layer


def _larger(image):
    return add_layer(image, 40, 30, offsets=(-9, -5))


def _one_pixel(image):
    return add_layer(image, 1, 1)


def _in_a_group(image):
    layer, group = add_layer(image), Gimp.GroupLayer.new(image, "Group")
    image.insert_layer(group, None, 0)
    image.reorder_item(layer, group, 0)
    return layer


def _group(image):
    return _in_a_group(image).get_parent()


def _pass_through_group(image):
    group = _group(image)
    group.set_mode(Gimp.LayerMode.PASS_THROUGH)
    return group


def _group_with_effect(image):
    group = _group(image)
    _invert_effect(group)
    return group


def _effect(image):
    layer = add_layer(image)
    _invert_effect(layer)
    return layer


def _text(image):
    layer = Gimp.TextLayer.new(image, "Impasto", Gimp.context_get_font(), 30, Gimp.Unit.pixel())
    image.insert_layer(layer, None, 0)
    return layer


def _text_with_effect(image):
    layer = _text(image)
    _invert_effect(layer)
    return layer


def _link(image):
    layer = Gimp.LinkLayer.new(image, picture("small-cat.png"))
    image.insert_layer(layer, None, 0)
    return layer


def _vector(image):
    path = Gimp.Path.new(image, "Path")
    image.insert_path(path, None, 0)
    path.stroke_new_from_points(Gimp.PathStrokeType.BEZIER, [1, 1] * 3 + [15, 1] * 3 + [9, 12] * 3, True)
    layer = Gimp.VectorLayer.new(image, path)
    image.insert_layer(layer, None, 0)
    layer.refresh()
    return layer


def _locked(*locks):
    def make(image):
        layer = add_layer(image)
        for lock in locks:
            getattr(layer, f"set_lock_{lock}")(True)
        return layer

    return make


def _floating(image):
    layer = add_layer(image)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 2, 2, 5, 5)
    Gimp.edit_copy([layer])
    return Gimp.edit_paste(layer, False)[0]


def _channel(image):
    channel = Gimp.Channel.new(image, "Mine", 20, 14, 50, Gimp.context_get_foreground())
    image.insert_channel(channel, None, 0)
    return channel


def _mask(image):
    return _masked(image).get_mask()


def _indexed(image):
    layer = add_layer(image)
    image.convert_indexed(Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 8, False, False, "")
    return layer


def _wide_gamut(image):
    image.set_color_profile(Gimp.ColorProfile.new_rgb_adobe())
    return add_layer(image)


def _invisible(image):
    layer = add_layer(image)
    layer.set_visible(False)
    return layer


_KINDS = {
    "plain layer": (_plain, "painted"),
    "layer mask on the layer": (_masked, "painted"),
    "larger than the canvas, offsets": (_larger, "painted"),
    "one pixel": (_one_pixel, "painted"),
    "invisible layer": (_invisible, "painted"),
    "layer in a group": (_in_a_group, "painted"),
    "layer group": (_group, "painted"),
    "pass-through group": (_pass_through_group, "painted"),
    "group with an effect": (_group_with_effect, "painted"),
    "layer with an effect": (_effect, "painted"),
    "text layer": (_text, "painted"),
    "text layer with an effect": (_text_with_effect, "painted"),
    "alpha locked": (_locked("alpha"), "painted"),
    "position locked": (_locked("position"), "painted"),
    "pixels locked": (_locked("content"), "painted"),
    "wide-gamut profile": (_wide_gamut, "painted"),
    "link layer": (_link, "painted"),
    "vector layer": (_vector, "painted"),
    "floating selection": (_floating, "anchor it"),
    "channel": (_channel, "is a channel"),
    "layer mask itself": (_mask, "is a layer mask"),
    "indexed image": (_indexed, "New image"),
}
_ONLY_SOME_GIMPS = {"link layer": "LinkLayer", "vector layer": "VectorLayer"}
_REPLACED = {"layer group", "pass-through group", "group with an effect", "pixels locked", "indexed image"}
"""Kinds that can't be replaced, which is said in a sentence."""


def _looks(layer):
    """A layer's colours and alpha as they are seen, in its own space, whatever effects it has."""
    hidden = Gimp.Image.new_with_precision(
        layer.get_width(), layer.get_height(), layer.get_image().get_base_type(), layer.get_image().get_precision()
    )
    hidden.set_color_profile(layer.get_image().get_effective_color_profile())
    copy = Gimp.Layer.new_from_drawable(layer, hidden)
    hidden.insert_layer(copy, None, 0)
    copy.set_offsets(0, 0)
    copy.set_visible(True)
    copy.set_mode(Gimp.LayerMode.NORMAL)
    if copy.get_mask():
        copy.remove_mask(Gimp.MaskApplyMode.DISCARD)
    seen = Gimp.Layer.new_from_visible(hidden, hidden, "Seen")
    data = read(seen, Babl.get_name(Babl.format_with_space("R'G'B'A u8", layer.get_format())))
    hidden.delete()
    return data


def _check_painted(before, after, kind):
    assert before[3::4] == after[3::4], f"{kind}: alpha has changed"
    places = [place for place in range(len(before)) if before[place | 3] > 20 and place % 4 != 3]
    assert places or len(before) == 4
    worst = max((abs(255 - before[place] - after[place]) for place in places), default=0)
    assert worst <= 2, f"{kind}: {worst} from what it should be"


def _outcome(kind, make, expected, result):
    """Paint one kind of layer: what came of it, in a word or a sentence."""
    with new_image() as image:
        layer = make(image)
        before = _looks(layer) if expected == "painted" else None
        count, pixels = len(Gimp.get_images()), read(layer)
        ids = {found.get_id() for found in image.get_layers()}
        status, sentence = call(image, layer, style_drawable=style_layer(), result=result)
        assert len(Gimp.get_images()) == count, f"{kind}: an image is left behind"
        if expected != "painted" or (result == "replace" and kind in _REPLACED):
            assert status != SUCCESS and "\n" not in sentence, kind
            assert result == "replace" or expected in sentence, f"{kind}: {sentence}"
            assert {found.get_id() for found in image.get_layers()} == ids and read(layer) == pixels, kind
            return sentence
        assert status == SUCCESS, f"{kind}: {sentence}"
        if result == "replace":
            painted = layer
        else:
            siblings = layer.get_parent().get_children() if layer.get_parent() else image.get_layers()
            painted = siblings[[found.get_id() for found in siblings].index(layer.get_id()) - 1]
            assert type(painted) is Gimp.Layer and painted.get_id() not in ids
        assert not painted.get_filters()
        form = Babl.get_name(Babl.format_with_space("R'G'B'A u8", painted.get_format()))
        _check_painted(before, read(painted, form), kind)
        return "painted"


def every_kind_comes_out_right_or_says_why():
    style_layer()  # whose image stays
    table, wrong = {}, []
    for kind, (make, expected) in _KINDS.items():
        if not hasattr(Gimp, _ONLY_SOME_GIMPS.get(kind, "Layer")):
            table[kind] = ["not in this GIMP"] * 2
            continue
        outcomes = []
        for result in ("new-layer", "replace"):
            try:
                outcomes.append(_outcome(kind, make, expected, result))
            except Exception as error:
                outcomes.append(f"WRONG: {type(error).__name__} {error}")
                wrong.append(f"{kind}, {result}: {error}")
        table[kind] = outcomes
    head = [f"| kind, in GIMP {Gimp.version()} | new layer | replace |", "|---|---|---|"]
    rows = [f"| {kind} | {new} | {replaced} |" for kind, (new, replaced) in table.items()]
    Path("/impasto/kinds.md").write_text("\n".join([*head, *rows, ""]), encoding="utf-8")
    assert not wrong, "\n".join(wrong)
