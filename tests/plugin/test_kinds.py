"""What the filter has GIMP open, or the dialog decode: told by its first bytes, before either gets it."""

from pathlib import Path

import pytest
from PIL import Image

from fakes.systems import needs_posix
from impasto_plugin.image.kinds import check_kind, is_styles_own
from impasto_wire.errors import PictureError
from samples.hostile import corpus, honest


@needs_posix
def test_what_is_no_picture_never_gets_to_gimp(tmp_path: Path) -> None:
    opened = {
        *(
            "portable-float",
            "portable-float-grey",
            "portable-float-nan",
            "portable-pixels",
            "portable-text",
            "photoshop",
        ),
        *("openexr", "radiance", "fits", "icon", "zsoft", "truevision"),  # GIMP has readers of its own for these
        *("behind",),  # it does begin as a picture: its own reader will refuse it
    }
    count = 0
    for hostile in corpus(50, kinds=frozenset({"postscript", "no picture", "special file"})):
        path = hostile.put(tmp_path)
        if path.stem in opened or (hostile.kind == "special file" and path.is_file() and path.stat().st_size > 8):
            continue
        count += 1
        with pytest.raises(PictureError, match="can't open the style picture"):
            check_kind(path)
        assert not is_styles_own(path)
    assert count > 50


def test_every_kind_that_styles_come_in_gets_there(tmp_path: Path) -> None:
    drawing = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    truevision = tmp_path / "a.tga"
    Image.new("RGB", (16, 16)).save(truevision)
    files = {**honest(), ".svg": drawing, ".xcf": b"gimp xcf v011\0", ".tga": truevision.read_bytes()}
    for name, data in files.items():
        (tmp_path / f"style{name}").write_bytes(data)
        check_kind(tmp_path / f"style{name}")
        assert is_styles_own(tmp_path / f"style{name}") == name.endswith((".jpg", ".png")), name


def test_the_gallery_decodes_nothing_huge(tmp_path: Path) -> None:
    for hostile in corpus(50, kinds=frozenset({"lying header"})):
        if hostile.name in ("60000x60000.png", "30000x30000.jpg"):
            assert not is_styles_own(hostile.put(tmp_path))
