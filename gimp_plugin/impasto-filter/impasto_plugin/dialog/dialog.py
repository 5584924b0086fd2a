"""The filter's dialog: what happens when a person chooses, looks closer, returns to a try, saves a style, paints."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import gi

gi.require_version("GimpUi", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GdkPixbuf, Gimp, GimpUi, Gtk  # noqa: E402

from impasto_plugin.arguments import (  # noqa: E402
    BRUSHED,
    BY_STYLE,
    PAINT_FRAMES,
    REGION_ARGUMENTS,
    StyleChoice,
    apply_values,
    argument_of,
    property_of,
    set_argument,
    style_from,
    values_of,
)
from impasto_plugin.crop import Crop  # noqa: E402
from impasto_plugin.image.brushed import Brushed  # noqa: E402
from impasto_plugin.image.frames import frame_count  # noqa: E402
from impasto_plugin.image.mixes import Mix, all_presets, chosen_preset, mix_from, text_of  # noqa: E402
from impasto_plugin.image.styles import first_settings  # noqa: E402
from impasto_plugin.image.subjects import Target  # noqa: E402
from impasto_plugin.regions import arguments_of, regions_from, without_maps_of_their_own  # noqa: E402
from impasto_plugin.texts import _  # noqa: E402
from impasto_presets import Preset  # noqa: E402
from impasto_wire.errors import ImpastoError  # noqa: E402
from impasto_wire.settings import Settings, suggested  # noqa: E402

from .brush import Brush  # noqa: E402
from .comparison import Comparison  # noqa: E402
from .controls import Controls  # noqa: E402
from .current_look import CurrentLook, LayerReader  # noqa: E402
from .gallery import Gallery  # noqa: E402
from .intent import Intent  # noqa: E402
from .keeping import Asked, Keeping  # noqa: E402
from .layout import columns, fit  # noqa: E402
from .mix_sliders import MixSliders  # noqa: E402
from .more import More  # noqa: E402
from .on_canvas import OnCanvas, remove_leftovers  # noqa: E402
from .output import output_rows  # noqa: E402
from .own_style import OwnStyle  # noqa: E402
from .previews import OWN_SOURCES, REST_MS, Previews, Shown  # noqa: E402
from .regions import Regions  # noqa: E402
from .report import Report  # noqa: E402
from .save_style import ask_and_save  # noqa: E402
from .screens import fineness  # noqa: E402
from .style_name import StyleName  # noqa: E402
from .thumbnails import Thumbnails  # noqa: E402
from .tries import Acts, Tries, Try, Values  # noqa: E402
from .try_acts import TryActs  # noqa: E402
from .undoing import Undo  # noqa: E402
from .view import View  # noqa: E402
from .window import pixbuf_of  # noqa: E402
from .zoom_bar import ZoomBar  # noqa: E402

FULL_SHARE = 50.0
"""The share of a style that is added to a mix."""


def ask(procedure: Gimp.Procedure, config: Gimp.ProcedureConfig, targets: Sequence[Target]) -> Asked | None:
    """Show the dialog; the choices end up in `config`. None after Cancel."""
    GimpUi.init(procedure.get_name())
    dialog = Dialog(procedure, config, targets)
    try:
        return dialog.run()
    finally:
        dialog.close()


class Dialog:
    """GIMP's procedure dialog with our widgets in it. GIMP's Reset, Save and Load Settings change the same `config`."""

    def __init__(self, procedure: Gimp.Procedure, config: Gimp.ProcedureConfig, targets: Sequence[Target]) -> None:
        remove_leftovers()
        layer = self._layer = targets[0].layer
        self._keeping = Keeping(procedure, config, targets[0])
        self._keeping.restore()
        self._config, self._reader = config, LayerReader(targets[0], fineness())
        self._current = CurrentLook(config, self._reader)
        self._tile_pictures: dict[str, GdkPixbuf.Pixbuf] = {}
        self._is_noting = False
        self._resolve_style()
        self._cropped = style_from(config)
        # Before there are sliders: they must never see a setting that is left to the style.
        self._handlers = [config.connect("notify", self._complete)]
        frames = frame_count(procedure, layer.get_image())
        self._dialog = GimpUi.ProcedureDialog.new(procedure, config, _title_of(procedure))
        self._dialog.set_ok_label(_("_Paint"))
        self._intent = Intent(procedure, config, targets, frames)
        shown = self._build(layer.get_image())
        self._previews = Previews(
            config, self._reader, self._current, self._keeping, shown, targets, frames, self._show_count
        )
        self._dialog.connect("key-press-event", self._zoom.take_key)
        self._dialog.connect("key-press-event", self._take_key)
        fit(self._dialog)
        # After everything is built, which it shows.
        self._handlers.append(config.connect("notify", self._show_change))
        self._show_choice()
        if self._keeping.restored:
            self._take_maps(self._keeping.restored)
        self._keeping.follow(self._previews.values)
        for made in self._keeping.tries():
            self._tries.add_try(made, self._keeping.is_marked(made))
        self._mark(self._tries.marked())
        self._rest(1)

    def _build(self, image: Gimp.Image) -> Shown:
        """Build all widgets; returns those of the previews."""
        shown = pixbuf_of(self._reader.shown)
        self._comparison = Comparison(self._reader.size, shown, self._look_elsewhere, lambda: self._canvas.follow())
        self._canvas = OnCanvas(self._layer, self._config, self._comparison.painted, self._leave_canvas)
        self._save = Gtk.Button(label=_("Save as S_tyle…"), use_underline=True, sensitive=False)
        self._save.set_tooltip_text(_("Keep these settings as a style of your own, in the gallery"))
        self._save.connect("clicked", self._save_style)
        self._brush = Brush(self._reader.size, self._current.ground, self._brush_has_painted, self._comparison.draw)
        self._comparison.use_brush(self._brush)
        self._zoom = ZoomBar(self._comparison, self._brush, self._canvas.turn)
        self._zoom.show_zoom(self._comparison.view.zoom)
        self._thumbnails = Thumbnails(self._reader.small, self._show_thumbnail, self._reader.grey)
        self._own_style = OwnStyle(self._config)
        self._undo = Undo()
        report = Report(self._rest, self._undo)
        self._gallery = Gallery(
            all_presets(),
            self._choose,
            self._want_thumbnails,
            self._own_style.tiles,
            self._undo,
            self._own_style.take_file,
            self._edited,
            report.computer.add,
        )
        self._mix_sliders = MixSliders(lambda name: chosen_preset(name).title, self._choose_mix)
        self._controls = Controls(self._dialog, self._config, image)
        self._regions = Regions(self._layer, self._style_now, self._change_regions, self._paint_all, report.show_fault)
        self._follow_regions()
        acts = TryActs(self._layer, lambda: self._dialog, self._save_as_style, lambda text: report.show_text(text, 1.0))
        doing = Acts(
            self._return_to,
            lambda made: self._previews.compare(made),
            self._mark,
            self._keeping.drop_try,
            self._keeping.keep_try,
            acts.entries,
        )
        self._tries = Tries(doing, self._undo)
        self._style_name = StyleName()
        output = output_rows(self._dialog, self._config, image)
        content = columns(
            self._tries,
            (self._brush, self._comparison, self._zoom, report),
            (self._gallery, self._mix_sliders, self._undo),
            (
                self._style_name,
                self._own_style,
                self._controls.front,
                self._save,
                More((self._regions, self._controls.more, output)),
            ),
        )
        self._dialog.get_content_area().pack_start(content, True, True, 0)
        self._intent.show_all()
        self._dialog.get_content_area().pack_start(self._intent, False, False, 0)
        return Shown(self._brush, self._regions, self._comparison, self._tries, report, self._save, self._thumbnails)

    def run(self) -> Asked | None:
        """What is to be painted: the present settings, and what is marked; None after Cancel."""
        if not self._dialog.run():
            return None
        choice = style_from(self._config)
        if not choice.is_own:
            self._gallery.remember([name for name, _share in mix_from(choice.preset)])
        others = self._previews.others()
        values, digests = [made.values for made in others], [made.digest for made in others]
        return self._keeping.choice([self._previews.values(), *values], [self._previews.digest, *digests])

    def close(self) -> None:
        """End the preview, and close the window; the settings are kept."""
        self._keeping.close()
        self._previews.close()
        self._canvas.close()
        self._thumbnails.close()
        for handler in self._handlers:
            self._config.disconnect(handler)
        self._dialog.destroy()

    # What a person can do

    def _save_style(self, _button: Gtk.Button) -> None:
        made = self._tries.find(self._previews.digest)
        if made:
            self._save_as_style(made)

    def _save_as_style(self, made: Try) -> None:
        """Save a try as a style of the person's own; its settings become the present ones."""
        if made.digest != self._previews.digest:
            self._return_to(made)
            self._previews.preview_now()
        look = self._previews.looked
        if look:
            preset = ask_and_save(self._dialog, look.style, look.settings, made.picture)
            if preset:
                self._gallery.add_style(preset)
                self._choose([preset])
                # It looks as before: no other preview, no other try.
                look = self._current.look()
                other = replace(
                    made, values=self._previews.values(), title=look.style.title, digest=self._keeping.digest_of(look)
                )
                self._keeping.drop_try(made)
                self._tries.replace(made, other)
                self._keeping.keep_try(other)

    def _choose(self, presets: Sequence[Preset]) -> None:
        """Take the styles that the person picked; a single style brings the settings that it suggests."""
        mix = mix_from(self._config.get_property("preset"))
        known = dict(mix) if len(mix) > 1 else {name: FULL_SHARE for name, _share in mix}
        picked = [preset.name for preset in presets]
        names = [*(name for name in known if name in picked), *(name for name in picked if name not in known)]
        apply_values(self._config, dict.fromkeys(OWN_SOURCES))
        self._config.set_property("preset", text_of([(name, known.get(name, FULL_SHARE)) for name in names]))
        if len(names) == 1:
            apply_values(self._config, values_of(first_settings(presets[0]), suggested()))
            self._show_enlarged(names[0])

    def _show_enlarged(self, name: str) -> None:
        """Show at once what a tile shows, until the preview is sharper."""
        picture = self._tile_pictures.get(name)
        if picture:
            self._comparison.show_after(picture, None, picture.get_width() / self._reader.size[0])

    def _choose_mix(self, mix: Mix) -> None:
        self._config.set_property("preset", text_of(mix))

    def _show_thumbnail(self, name: str, picture: GdkPixbuf.Pixbuf) -> None:
        self._tile_pictures[name] = picture
        self._gallery.show_picture(name, picture)

    def _want_thumbnails(self) -> None:
        self._thumbnails.want(self._gallery.by_sight())

    def _resolve_style(self) -> None:
        """Give every setting that is left to the style the style's value."""
        choice = style_from(self._config)
        preset = None if choice.is_own else _preset_or_first(choice.preset)
        if preset and preset.name != choice.preset:
            self._config.set_property("preset", preset.name)
        left = [name for name in suggested() if self._config.get_property(property_of(name)) == BY_STYLE]
        apply_values(self._config, values_of(_own_settings(choice), left))

    def _complete(self, config: Gimp.ProcedureConfig, changed: Any) -> None:
        """Set the arguments that follow from the one that was changed."""
        if changed.name in OWN_SOURCES and config.get_property(changed.name) is not None:
            (other,) = [name for name in OWN_SOURCES if name != changed.name]
            config.set_property(other, None)
        self._keep_crop_of_its_picture()
        self._resolve_style()

    def _show_change(self, _config: Gimp.ProcedureConfig, changed: Any) -> None:
        if changed.name in REGION_ARGUMENTS:
            self._follow_regions()
        self._show_choice()
        self._intent.update()
        self._keeping.note_soon()
        self._canvas.follow()
        self._rest()

    def _style_now(self) -> StyleChoice:
        return style_from(self._config)

    def _paint_all(self) -> None:
        """Paint the whole layer: what is selected is only one of its regions."""
        self._config.set_property("region", "layer")

    def _change_regions(self) -> None:
        """Hold the regions in the arguments, as far as these can."""
        self._is_noting = True
        for name, value in arguments_of(without_maps_of_their_own(self._regions.chosen())).items():
            set_argument(self._config, name, value)
        self._is_noting = False
        self._keeping.note_soon()
        self._rest()

    def _brush_has_painted(self) -> None:
        self._keeping.note_soon()
        self._rest()

    def _follow_regions(self) -> None:
        """Take the regions that the arguments hold, of this image: GIMP has set them."""
        if self._is_noting:
            return
        with suppress(ImpastoError):  # one argument is set, the others are not yet
            regions = regions_from({name: argument_of(self._config, name) for name in REGION_ARGUMENTS})
            image = self._layer.get_image().get_id()
            self._regions.take([one for one in regions if one.drawable and one.drawable.get_image().get_id() == image])

    def _keep_crop_of_its_picture(self) -> None:
        """Remove the crop if the picture was changed and the crop was not."""
        before, now = self._cropped, style_from(self._config)
        self._cropped = now
        if now.picture != before.picture and now.crop == before.crop:
            apply_values(self._config, Crop().values())

    def _show_choice(self) -> None:
        choice = style_from(self._config)
        self._controls.show_own(_own_settings(choice))
        self._controls.show_map(self._config.get_property("detail-map"))
        self._show_source(choice)
        self._style_name.show_choice(choice)
        mix = () if choice.is_own else mix_from(choice.preset)
        self._gallery.select([name for name, _share in mix])
        self._mix_sliders.show_mix(mix)

    def _show_source(self, choice: StyleChoice) -> None:
        try:
            picture = self._current.own_picture()
        except ImpastoError:  # the preview will say so
            picture = None
        self._own_style.show_choice(choice, picture)

    def _rest(self, milliseconds: int = REST_MS) -> None:
        self._previews.rest(milliseconds)

    def _look_elsewhere(self, view: View) -> None:
        self._zoom.show_zoom(view.zoom)
        if not view.is_fit:
            self._rest()

    def _take_key(self, _dialog: Gtk.Widget, event: Gdk.EventKey) -> bool:
        """Ctrl Z brings back what was deleted last."""
        is_undo = event.keyval == Gdk.KEY_z and bool(event.state & Gdk.ModifierType.CONTROL_MASK)
        return is_undo and self._undo.undo()

    def _edited(self, name: str) -> None:
        """A style was changed or deleted: what is deleted and chosen gives way to another."""
        self._current.forget_styles()
        self._thumbnails.forget(name)
        chosen = [part for part, _share in mix_from(self._config.get_property("preset"))]
        shown = self._gallery.presets()
        left = [preset for preset in shown if preset.name in chosen]
        if len(left) < len(chosen):
            self._choose(left or shown[:1])
        elif name in chosen:
            self._show_choice()
            self._rest()

    def _return_to(self, made: Try) -> None:
        self._tries.leave_comparison()
        self._previews.compare(None)
        self._take_maps(made.values)
        apply_values(self._config, made.values)
        self._rest()

    def _take_maps(self, values: Values) -> None:
        """Take what is held beside the arguments: the brush's strokes, and all regions."""
        self._brush.take(values.get(BRUSHED, Brushed()))
        self._regions.take(regions_from(values))
        self._change_regions()

    def _leave_canvas(self) -> None:
        self._zoom.canvas.set_active(False)

    def _mark(self, marked: list[Try]) -> None:
        self._show_count()
        self._keeping.note_marks(marked)
        self._previews.show_forecast_again()

    def _show_count(self) -> None:
        """Say how many paintings there will be: the present one, and the marked tries beside it."""
        others = len(self._previews.others())
        several = _("_Paint {count} Layers").format(count=1 + others)
        self._dialog.set_ok_label(several if others else _("_Paint"))
        which = _("The present one, and what is marked: {count}.").format(count=others) if others else ""
        self._intent.show_count(1 + others, which, self._brush.brushed().area is not None)


def _preset_or_first(name: str) -> Preset:
    """The style or mix of that name; the first style if there is none of that name any more."""
    try:
        return chosen_preset(name)
    except ImpastoError:
        return chosen_preset("")


def _own_settings(choice: StyleChoice) -> Settings:
    """The settings that belong to the chosen style."""
    return first_settings(None if choice.is_own else _preset_or_first(choice.preset))


def _title_of(procedure: Gimp.Procedure) -> str:
    return _("Layers as Frames") if procedure.get_name() == PAINT_FRAMES else _("Impasto Style Transfer")
