"""Checks of the filter called without a person: from Python, from Script-Fu, and again with the last values."""

from gi.repository import Gimp
from kit import PROCEDURE, SUCCESS, add_layer, call, new_image, opposite, paint, picture, read, style_layer

from impasto_presets import list_presets
from impasto_wire.settings import default_of, ranges

ENGINE = "fake"


def _script_fu(code):
    """Run a line of Script-Fu: its status."""
    procedure = Gimp.get_pdb().lookup_procedure("plug-in-script-fu-eval")
    config = procedure.create_config()
    config.set_property("run-mode", Gimp.RunMode.NONINTERACTIVE)
    config.set_property("script", code)
    return procedure.run(config).index(0)


def _painted_name(preset):
    return f"{preset.title}, {round(preset.settings.strength * 100)} % — Photo"


def the_arguments_are_those_of_the_settings_table():
    names = {spec.name for spec in Gimp.get_pdb().lookup_procedure(PROCEDURE).get_arguments()}
    sources = {"preset", "style-file", "style-drawable", "detail-map"}
    sources |= {"result", "region", "blend-mode", "opacity", "paint-painting", "paint-at", "paint-size"}
    sources |= {"earlier", "region-maps", "region-styles", "region-strengths"}
    sources |= {"crop-left", "crop-top", "crop-right", "crop-bottom"}
    wanted = sources | {name.replace("_", "-") for name in ranges()}
    assert names >= wanted, wanted - names
    assert names <= wanted | {"run-mode", "image", "drawables"}, names - wanted


def every_argument_has_the_tables_range_and_says_what_it_is():
    specs = {spec.name: spec for spec in Gimp.get_pdb().lookup_procedure(PROCEDURE).get_arguments()}
    for name, allowed in ranges().items():
        spec = specs[name.replace("_", "-")]
        assert spec.get_blurb().startswith(allowed.help)
        assert spec.get_nick().replace("_", "") == allowed.label
        if not allowed.choices:
            assert spec.maximum == allowed.maximum
            assert spec.minimum in (allowed.minimum, -1)
            assert spec.default_value in (default_of(name), -1)


def the_entry_is_in_the_filters_menu():
    procedure = Gimp.get_pdb().lookup_procedure(PROCEDURE)
    assert procedure.get_menu_paths() == ["<Image>/Filters/Artistic"]
    assert procedure.get_menu_label() == "_Impasto Style Transfer…"


def script_fu_repaints_a_layer():
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        line = (
            f"({PROCEDURE} #:run-mode RUN-NONINTERACTIVE #:image {image.get_id()} #:drawables (vector {layer.get_id()})"
            ' #:style-file "/impasto/pictures/style.png" #:strength 0.8 #:quality "draft" #:seed 3010)'
        )
        assert _script_fu(line) == SUCCESS, Gimp.get_pdb().get_last_error()
        new = image.get_layers()[0]
        assert new.get_name() == "style, 80 % — Photo"
        assert list(read(new)) == opposite(read(layer))


def script_fu_hears_of_an_error():
    with new_image() as image:
        layer = add_layer(image, alpha=False)
        line = (
            f"({PROCEDURE} #:run-mode RUN-NONINTERACTIVE #:image {image.get_id()} #:drawables (vector {layer.get_id()})"
            ' #:style-file "/impasto/pictures/gone.png")'
        )
        assert _script_fu(line) != SUCCESS
        assert len(image.get_layers()) == 1


def a_style_of_the_gallery_is_used_by_its_name():
    with new_image() as image:
        preset = list_presets()[-1]
        new = paint(image, add_layer(image), style_drawable=None, preset=preset.name)
        assert new.get_name() == _painted_name(preset)


def without_any_style_the_gallerys_first_is_used():
    with new_image() as image:
        new = paint(image, add_layer(image), style_drawable=None)
        assert new.get_name() == _painted_name(list_presets()[0])


def a_style_file_comes_before_the_gallery_and_a_layer_before_both():
    with new_image() as image:
        layer = add_layer(image)
        both = {"preset": "no-such-style", "style_file": picture("style.png")}
        assert paint(image, layer, **both, style_drawable=None).get_name() == "style, 50 % — Photo"
    with new_image() as image:
        assert paint(image, add_layer(image), **both).get_name() == "Canvas, 50 % — Photo"


def without_last_values_the_defaults_are_used():
    with new_image() as image:
        status, sentence = call(image, add_layer(image), run_mode=Gimp.RunMode.WITH_LAST_VALS)
        assert status == SUCCESS, sentence
        assert image.get_layers()[0].get_name() == _painted_name(list_presets()[0])


def a_layer_can_be_its_own_style():
    with new_image() as image:
        layer = add_layer(image)
        assert paint(image, layer, style_drawable=layer).get_name() == "Photo, 50 % — Photo"
        assert style_layer().is_valid()
