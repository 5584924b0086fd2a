"""Keeps what the dialog shows as it changes: style, sliders, crop, marks and tries survive every way out of it."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from gi.repository import GdkPixbuf, Gimp, GLib

from impasto_plugin.arguments import argument_of, set_argument
from impasto_plugin.image.layer_keep import keep_of, record_digest, save_tries, tries_of
from impasto_plugin.image.records import arguments_from, names_of, told_arguments
from impasto_plugin.image.styles import Style
from impasto_plugin.image.subjects import Target
from impasto_plugin.keeps import KeptSettings, KeptTry, prune
from impasto_plugin.regions import ChosenRegion, arguments_of, regions_from, without_maps_of_their_own
from impasto_presets.own import MOST_PIXELS, read_header
from impasto_wire.errors import ImpastoError
from impasto_wire.pictures import Pixels

from .preview import Look
from .tries import Try, Values
from .window import without_alpha

WRITE_MS = 300
"""How long the settings must rest before they are written."""
_JPEG_QUALITY = "90"


class Keeping:
    """What is kept of one layer while the dialog is open."""

    def __init__(self, procedure: Gimp.Procedure, config: Gimp.ProcedureConfig, target: Target) -> None:
        self._names, self._config = names_of(procedure), config
        self._called, self._image = target.called, target.layer.get_image()
        self._source = target.layer
        self._of_tries = keep_of(target.layer, procedure.get_name())
        is_source = self._called.get_id() == target.layer.get_id()
        self._of_settings = self._of_tries if is_source else keep_of(self._called, procedure.get_name())
        self._record = record_digest(self._called)
        self._marked: tuple[str, ...] = ()
        self._pending = 0
        self._present: Callable[[], Values] = dict
        self.restored: Values = {}
        """What was there when the dialog was last open on this layer; empty if that isn't known."""
        self._styles: dict[int, tuple[Style, str]] = {}
        self._pictures: dict[int, tuple[Pixels, str]] = {}
        prune()

    def restore(self) -> None:
        """Set the arguments as they were when the dialog was last open on this layer, however that ended.

        A painting that has been painted again meanwhile shows how that was done.
        """
        kept = self._of_settings.settings()
        if kept is None or kept.record != self._record:
            return
        self._marked = kept.marked
        try:
            values = arguments_from(self._config, kept.values, self._image)
        except ValueError:  # a damaged map
            values = arguments_from(self._config, replace(kept.values, maps={}), self._image)
        regions: tuple[ChosenRegion, ...] = ()
        with suppress(ImpastoError):  # what can't be painted any more is left out
            regions = regions_from(values)
        held = arguments_of(without_maps_of_their_own(regions))
        for name, value in {**values, **held}.items():
            if name in self._names:
                _set(self._config, name, value)
        self.restored = {**values, **arguments_of(regions)}

    def follow(self, present: Callable[[], Values]) -> None:
        """From now on also keep what the dialog holds beside the arguments: the brush's strokes, all regions."""
        self._present = present

    def tries(self) -> list[Try]:
        """The tries of earlier times, also those that came with the image's file, the oldest first."""
        found = {kept.digest: kept for kept in (*tries_of(self._source), *self._of_tries.tries())}
        shown = (self._shown(kept) for kept in sorted(found.values(), key=lambda kept: kept.made))
        return [made for made in shown if made is not None]

    def is_marked(self, made: Try) -> bool:
        """Was a try marked to be painted when the dialog was closed?"""
        return made.digest in self._marked

    def _shown(self, kept: KeptTry) -> Try | None:
        picture = _picture_of(kept.picture)
        try:
            values = arguments_from(self._config, kept.values, self._image)
        except ValueError:  # a damaged map
            return None
        return picture and Try(values, kept.title, kept.digest, picture, kept.made, kept.is_painted)

    def keep_try(self, made: Try) -> None:
        """Keep a finished preview."""
        self._of_tries.keep_try(_kept(made), self._marked)

    def note_soon(self, *_changed: object) -> None:
        """Keep the present arguments as soon as they rest."""
        if not self._pending:
            self._pending = GLib.timeout_add(WRITE_MS, self._note)

    def note_marks(self, marked: Sequence[Try]) -> None:
        """Keep which tries are marked."""
        self._marked = tuple(made.digest for made in marked)
        self.note_soon()

    def close(self) -> None:
        """Keep what hasn't been written yet."""
        if self._pending:
            GLib.source_remove(self._pending)
            self._note()

    def _note(self) -> bool:
        self._pending = 0
        arguments = {name: argument_of(self._config, name) for name in self._names}
        values = told_arguments({**arguments, **self._present()})
        self._of_settings.keep_settings(KeptSettings(values, self._marked, self._record))
        return GLib.SOURCE_REMOVE

    def digest_of(self, look: Look) -> str:
        """A digest of all that decides how a look looks; the same in another session."""
        digest = blake2b(self._style_digest(look.style).encode(), digest_size=16)
        for picture in (look.layer.layer, look.layer.selection, look.layer.detail_map):
            _add(digest, picture)
        if look.layer.mask is not None:  # what had none has the digest that it always had
            _add(digest, look.layer.mask)
        digest.update(repr(sorted(look.settings.as_dict().items())).encode())
        for region in look.layer.regions:
            _add(digest, region.map)
            digest.update(repr(sorted(region.settings.as_dict().items())).encode())
            for weighted in region.styles:
                digest.update(f"{weighted.weight} {self._picture_digest(weighted.picture)}".encode())
        return digest.hexdigest()

    def _style_digest(self, style: Style) -> str:
        if id(style) not in self._styles:
            digest = blake2b(style.recipe.encode(), digest_size=16)
            for weighted in style.pictures:
                digest.update(repr(weighted.weight).encode())
                _add(digest, weighted.picture)
            self._styles[id(style)] = style, digest.hexdigest()
        return self._styles[id(style)][1]

    def _picture_digest(self, picture: Pixels) -> str:
        if id(picture) not in self._pictures:
            digest = blake2b(digest_size=16)
            _add(digest, picture)
            self._pictures[id(picture)] = picture, digest.hexdigest()
        return self._pictures[id(picture)][1]

    def choice(self, values: list[Values], painted: Sequence[str]) -> "Asked":
        """What the person has asked for, with the tries that become paintings by it."""
        return Asked(values, tuple(painted), self)

    def drop_try(self, made: Try) -> None:
        """Keep a try no longer."""
        self._of_tries.drop_try(made.digest)

    def note_painted(self, digests: Sequence[str]) -> None:
        """Note which tries have become paintings; they are marked no longer."""
        self._of_tries.note_painted(digests)
        kept = self._of_settings.settings()
        if kept is not None and set(kept.marked) & set(digests):
            left = tuple(digest for digest in kept.marked if digest not in digests)
            self._of_settings.keep_settings(replace(kept, marked=left))

    def save_with_image(self, painted: Sequence[str]) -> None:
        """Put the tries into the image, on their layer, unless that is switched off."""
        if self._source.is_valid():
            tries = self._of_tries.tries() if self._config.get_property("save-tries") else []
            save_tries(
                self._source, [replace(made, is_painted=made.is_painted or made.digest in painted) for made in tries]
            )


@dataclass(frozen=True)
class Asked:
    """What a person has asked the dialog for."""

    values: list[Values]
    """The arguments of each painting."""
    painted: tuple[str, ...]
    """The digests of the tries that become paintings."""
    keeping: Keeping


def _set(config: Gimp.ProcedureConfig, name: str, value: Any) -> None:
    try:
        set_argument(config, name, value)
    except (TypeError, ValueError):  # of another version of the filter
        return


def _add(digest: Any, picture: Pixels | None) -> None:
    if picture is None:
        digest.update(b"none")
    else:
        digest.update(repr((picture.width, picture.height, picture.channels, picture.samples)).encode())
        digest.update(picture.data)


def _kept(made: Try) -> KeptTry:
    values: Mapping[str, Any] = made.values
    return KeptTry(
        made.digest,
        made.title,
        told_arguments(values),
        _bytes_of(made.picture),
        made.made or time.time(),
        made.is_painted,
    )


def _bytes_of(picture: GdkPixbuf.Pixbuf) -> bytes:
    """A picture as a file: a JPEG, or a PNG if something of it can be seen through."""
    if picture.get_has_alpha():
        width, row, data = picture.get_width(), picture.get_rowstride(), picture.get_pixels()
        alphas = (data[line * row + 3 : line * row + 4 * width : 4] for line in range(picture.get_height()))
        if not all(alpha.count(255) == width for alpha in alphas):
            return bytes(picture.save_to_bufferv("png", [], [])[1])
    return bytes(without_alpha(picture).save_to_bufferv("jpeg", ["quality"], [_JPEG_QUALITY])[1])


def _picture_of(data: bytes) -> GdkPixbuf.Pixbuf | None:
    """The picture of a file's bytes; None where they are damaged."""
    header = read_header(data)
    if header is None or header.width * header.height > MOST_PIXELS:
        return None
    try:
        loader = GdkPixbuf.PixbufLoader.new_with_type("png" if header.suffix == ".png" else "jpeg")
        loader.write(data)
        loader.close()
    except GLib.Error:
        return None
    return loader.get_pixbuf()
