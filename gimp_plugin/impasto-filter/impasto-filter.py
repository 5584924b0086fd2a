#!/usr/bin/env python3
"""The plug-in as GIMP starts it: names the procedures and their arguments. The rest is imported when one is called."""

import sys
from pathlib import Path

import gi

gi.require_version("Gimp", "3.0")
gi.require_version("Gegl", "0.4")
from gi.repository import Gimp, Gio, GObject  # noqa: E402

from impasto_plugin.arguments import PAINT_FRAMES, PAINT_LAYERS, REPAINT, add_arguments  # noqa: E402
from impasto_plugin.texts import _  # noqa: E402

HELP_FOLDER = Path(__file__).resolve().parent / "help"
HELP = _(
    "Sends the layer to the Impasto engine on this machine, which repaints it in the style of a painting, and puts the "
    "result into a new layer above. The style is style-drawable, or else style-file, or else preset."
)
FRAMES_HELP = _(
    "Repaints all layers, or those that are selected where there are several, as the frames of an animation, from the "
    "lowest up. Each begins from the painting before, so that what keeps still doesn't flicker. They become the layers "
    "of a new image, with their names."
)
REPAINT_HELP = _(
    "Repaints a layer that Impasto has painted, from the layer that it was painted from, with its own style and "
    "settings: for a source that was edited since. The painting's pixels are replaced; its mask, mode and place stay."
)


def run(procedure, run_mode, image, drawables, config, _data):
    """Repaint the selected layers, or the frames, or paintings from their sources."""
    from impasto_plugin.run import run_filter, run_repaint

    if procedure.get_name() == REPAINT:
        return run_repaint(procedure, run_mode, image, drawables)
    return run_filter(procedure, run_mode, image, drawables, config, are_frames=procedure.get_name() == PAINT_FRAMES)


class ImpastoFilter(Gimp.PlugIn):
    """The plug-in, as GIMP asks for it."""

    def do_set_i18n(self, _procedure_name):
        """Not by GIMP's gettext: impasto_plugin.texts reads the catalogues."""
        return False

    def do_query_procedures(self):
        """The procedures' names; GIMP's help learns of our page."""
        self.set_help_domain("impasto", Gio.File.new_for_path(str(HELP_FOLDER)))
        return [PAINT_LAYERS, PAINT_FRAMES, REPAINT]

    def do_create_procedure(self, name):
        """The procedure, its place in the menus and its arguments."""
        procedure = Gimp.ImageProcedure.new(self, name, Gimp.PDBProcType.PLUGIN, run, None)
        # Indexed images too: greying the entry out would not say why.
        procedure.set_image_types("*")
        needed = Gimp.ProcedureSensitivityMask.DRAWABLE | Gimp.ProcedureSensitivityMask.DRAWABLES
        if name == PAINT_FRAMES:
            procedure.set_sensitivity_mask(needed | Gimp.ProcedureSensitivityMask.NO_DRAWABLES)
            procedure.set_menu_label(_("Paint Layers as _Frames (Impasto)…"))
            procedure.add_menu_path("<Image>/Filters/Animation")
            procedure.set_documentation(_("Repaint the layers as an animation, without flicker"), FRAMES_HELP, name)
            add_arguments(procedure, result="new-image")
        elif name == REPAINT:
            procedure.set_sensitivity_mask(needed)
            procedure.set_menu_label(_("_Repaint (Impasto)"))
            procedure.add_menu_path("<Image>/Filters/Artistic")
            procedure.add_menu_path("<Image>/Layer")
            procedure.set_documentation(_("Paint a painting again, from its layer as that is now"), REPAINT_HELP, name)
        else:
            procedure.set_sensitivity_mask(needed)
            procedure.set_menu_label(_("_Impasto Style Transfer…"))
            procedure.add_menu_path("<Image>/Filters/Artistic")
            procedure.set_documentation(
                _("Repaint the layer in the style of a painting (neural style transfer)"), HELP, name
            )
            add_arguments(procedure)
        procedure.set_attribution("The Impasto authors", "MIT licence", "2026")
        procedure.add_image_return_value(
            "painted-image",
            _("Painted image"),
            _("The image with the painting in it"),
            False,
            GObject.ParamFlags.READWRITE,
        )
        return procedure


Gimp.main(ImpastoFilter.__gtype__, sys.argv)
