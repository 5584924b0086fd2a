"""The install page's pictures: what a newcomer sees in a real GIMP, from the unzipped folder to the first painting."""

import re
import shutil
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from fakes.engine import EngineHome, at_a_port
from fakes.file_server import FileHandler
from fakes.package_index import running_index
from gimp import roots
from gimp.desktop import DIALOG, Desktop, Desktops, layers, open_dialog
from gimp.newcomers import NewcomersGimp, make_archive
from gimp.real_gimp import RealGimp
from release.filter_zip import unzip

VERSION = "3.2"
SCREEN = (1100, 760)
PAGE = "^Set Up Impasto$"
ENTRY = 11
"""Which of Filters ▸ Artistic is the filter's."""
COLOURS = 96
CHOOSER_WIDTH = 720
"""Pixels."""
SIDES = ("Absolute upper-left X", "Absolute upper-left Y", "Width", "Height")
FRAME = {side: re.compile(rf"{side}: +(-?\d+)") for side in SIDES}
"""Where a window is on the screen."""
PROFILE = f".config/GIMP/{VERSION}/plug-ins"
CHOOSER = """
import gi
gi.require_version("Gtk", "3.0")
from gi.repository import GLib, Gtk
chooser = Gtk.FileChooserDialog(title="plug-ins", action=Gtk.FileChooserAction.SELECT_FOLDER)
chooser.set_current_folder(PLACE)
chooser.show_all()
GLib.timeout_add(200, chooser.resize, CHOOSER_WIDTH, 260)
Gtk.main()
"""


def make_set_up_pictures(checkout: Path, folder: Path) -> None:
    """Write `unzipped.png`, `menu.png`, `page.png`, `progress.png` and `painting.png`."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as own, running_index() as index:
        root = roots.root_of(VERSION, Path(own))
        gimp = RealGimp(root, checkout)
        shutil.copytree(checkout / "tests/gimp/inside", gimp.work / "inside")
        (gimp.work / "pictures").mkdir()
        photo = checkout / "install/impasto_install/sample.jpg"
        shutil.copy(photo, gimp.work / "pictures" / "cat.jpg")
        archive = make_archive(checkout, Path(own), index, as_large_as_real=True)
        newcomer = NewcomersGimp(root, checkout, archive)
        unzip(archive, newcomer.root.home / PROFILE)
        newcomer.root.hand_over(newcomer.root.home)
        (large,) = (name for name in index.files if name.startswith("opencv") and "abi3" in name)
        index.behaves[large] = [_slowly]
        variables = {"IMPASTO_INDEX": index.simple, "UV_PYTHON_INSTALL_MIRROR": f"{index.address}/pythons"}
        try:
            desks = Desktops(newcomer, "", SCREEN, variables=variables)
            with closing(desks), desks.current().showing("cat.jpg") as screen:
                _walk_through(screen, large, folder)
            _paint(newcomer, Path(own), folder)
        finally:
            newcomer.forget()


def _slowly(handler: FileHandler) -> None:
    """As a usual line gives a file."""
    content = handler.begin()
    for start in range(0, len(content), 1 << 19):
        handler.wfile.write(content[start : start + (1 << 19)])
        time.sleep(0.1)


def _walk_through(screen: Desktop, large: str, folder: Path) -> None:
    code = CHOOSER.replace("CHOOSER_WIDTH", str(CHOOSER_WIDTH)).replace(
        "PLACE", repr(f"{roots.HOMES[roots.ARTIST]}/{PROFILE}")
    )
    environment = {"DISPLAY": screen.display}
    with screen.gimp.root.start(["python3", "-c", code], environment=environment):
        window = screen.window("^plug-ins$")
        screen.wait_for(lambda: screen.place(window)[2] == CHOOSER_WIDTH, "the folder's size")
        screen.wait_for(screen.changes_no_more, "the folder")
        _keep(screen, window, folder / "unzipped.png")
    screen.tool("xdotool", "windowactivate", "--sync", screen.window("GIMP$"))
    screen.keys("alt+r")
    screen.wait_for(screen.changes_no_more, "the menu")
    screen.keys("a", *["Down"] * ENTRY)
    screen.wait_for(screen.changes_no_more, "the entry")
    _save(Image.fromarray(screen.look()), folder / "menu.png")
    screen.keys("Escape", "Escape", "Escape")
    page = open_dialog(screen, PAGE)
    screen.wait_for(screen.changes_no_more, "the page to be drawn")
    _keep(screen, page, folder / "page.png")
    screen.press_on("Button", "Set Up", PAGE)
    project = large.split("-")[0].replace("_", "-")
    begins = f"Downloading {project}"
    screen.wait_for(lambda: any(label.text.startswith(begins) for label in screen.all_of("Label", PAGE)), begins)
    time.sleep(3)  # it takes some of them to know how long the rest takes
    _keep(screen, page, folder / "progress.png")
    screen.wait_for(lambda: screen.windows(DIALOG), "the dialog", 120)
    screen.previewed()
    screen.keys("Escape")
    screen.rest()


def _paint(newcomer: NewcomersGimp, own: Path, folder: Path) -> None:
    """Keep the first painting, which an engine outside of the root paints: the index has no painter."""
    home = EngineHome(at_a_port(own), options=())
    home.start()
    try:
        newcomer.root = newcomer.with_zmq()
        newcomer.knows("real", home)
        newcomer.root.hand_over(newcomer.work / "engines")
        with closing(Desktops(newcomer, "real", SCREEN)) as desks, desks.current().showing("cat.jpg") as screen:
            open_dialog(screen)
            screen.wait_for(lambda: screen.all_of("_TryTile"), "the preview", 400)
            screen.press_on("Button", "Paint")
            screen.wait_for(lambda: len(layers(screen)) == 2, "the painting", 400)
            screen.rest()
            screen.wait_for(screen.changes_no_more, "the screen to be drawn")
            _keep(screen, screen.window("GIMP$"), folder / "painting.png")
    finally:
        home.stop()


def _keep(screen: Desktop, window: str, file: Path) -> None:
    """Write a window as it is on the screen."""
    told = screen.tool("xwininfo", "-id", window)
    left, top, width, height = (int(FRAME[name].findall(told)[0]) for name in FRAME)
    look = screen.look()[max(0, top) : top + height, max(0, left) : left + width]
    _save(Image.fromarray(look), file)


def _save(image: Image.Image, file: Path) -> None:
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
