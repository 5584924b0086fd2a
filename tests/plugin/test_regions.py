"""Regions as a script gives them and as the filter holds them, as far as that needs no GIMP."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BEGIN = """
from fakes import gimp_modules
from types import SimpleNamespace
from pathlib import Path
from gi import repository

class Drawable:
    def __init__(self, number, children=()):
        self.number, self.children = number, children
    def get_id(self):
        return self.number
    def is_group(self):
        return bool(self.children)
    def get_children(self):
        return self.children
known = {7: Drawable(7)}
Gimp = SimpleNamespace(Drawable=Drawable, Layer=Drawable, Item=SimpleNamespace(get_by_id=known.get))
import impasto_plugin.regions as regions
regions.Gimp = Gimp
from impasto_plugin.arguments import StyleChoice
from impasto_plugin.crop import Crop
from impasto_wire.errors import ImpastoError
from impasto_wire.pictures import Pixels

def refused(*lists):
    try:
        regions.regions_from(dict(zip(regions.REGION_ARGUMENTS, lists)))
    except ImpastoError as error:
        return str(error)
"""
STYLES_ARE_TEXT_AND_BACK = """
for text, choice in {
    "woodcut": StyleChoice("woodcut", None, None),
    "woodcut:60+batik:40": StyleChoice("woodcut:60+batik:40", None, None),
    str(Path("/a/b#1.png")): StyleChoice("", Path("/a/b#1.png"), None),
    f"{Path('/a/b#1.png')}#0,0.25,1,0.75": StyleChoice("", Path("/a/b#1.png"), None, Crop(0, 0.25, 1, 0.75)),
    "layer:7": StyleChoice("", None, known[7]),
    "layer:7#0.5,0,1,1": StyleChoice("", None, known[7], Crop(0.5, 0, 1, 1)),
}.items():
    assert regions.style_named(text) == choice, text
    assert regions.style_text(choice) == text, text
    assert regions.number_in(text) == (7 if "layer" in text else None)
assert regions.with_layer("layer:7#0.5,0,1,1", 12) == "layer:12#0.5,0,1,1"
assert regions.with_layer("woodcut", 12) == "woodcut"
"""
REGIONS_ARE_ARRAYS_AND_BACK = """
one, two = known[7], Drawable(9)
told = {"region-maps": [one, two], "region-styles": ["woodcut", "batik"], "region-strengths": [0.0, -1.0]}
found = regions.regions_from(told)
assert regions.arguments_of(found) == told
assert regions.regions_from({}) == ()
own = regions.ChosenRegion(Pixels(1, 1, 1, "u8", b"1"), StyleChoice("woodcut", None, None))
assert regions.without_maps_of_their_own([found[0], own]) == (found[0],)
"""
A_GROUP_STANDS_FOR_ITS_LAYERS = """
upper, lower, alone = Drawable(1), Drawable(2), Drawable(3)
group = Drawable(4, [upper, lower])
def told(styles, strengths):
    lists = [group, alone], styles, strengths
    found = regions.regions_from(dict(zip(regions.REGION_ARGUMENTS, lists)))
    return [(one.map, one.style.preset, one.strength, one.is_cut_out) for one in found]
assert told(["a", "b", "c"], [0.1, 0.2, 0.3]) == [
    (lower, "b", 0.2, True), (upper, "a", 0.1, True), (alone, "c", 0.3, False)]
assert told(["a", "c"], []) == [(lower, "a", -1, True), (upper, "a", -1, True), (alone, "c", -1, False)]
assert "region-styles 4" in refused([group, alone], ["a"] * 4, [])
"""
WHAT_DOES_NOT_FIT_IS_REFUSED = """
one = known[7]
assert "2 entries, region-styles 1 and region-strengths 0" in refused([one, one], ["a"], [])
assert "region-strengths 2" in refused([one], ["a"], [0.1, 0.2])
assert "strength 1 of the regions is nan" in refused([one], ["a"], [float("nan")])
assert "strength 2 of the regions is 1.5" in refused([one, one], ["a", "b"], [0, 1.5])
assert "9 regions" in refused([one] * 9, ["a"] * 9, [])
assert "layer:8" in refused([one], ["layer:8"], [])
assert refused([one], ["a"], [-1]) is None
"""


@pytest.mark.parametrize(
    "code",
    [
        STYLES_ARE_TEXT_AND_BACK,
        REGIONS_ARE_ARRAYS_AND_BACK,
        A_GROUP_STANDS_FOR_ITS_LAYERS,
        WHAT_DOES_NOT_FIT_IS_REFUSED,
    ],
    ids=["styles", "arrays", "groups", "refusals"],
)
def test_regions(checkout: Path, code: str) -> None:
    paths = [str(checkout / folder) for folder in ("tests", "gimp_plugin/impasto-filter")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + code], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
