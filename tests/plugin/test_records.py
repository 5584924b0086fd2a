"""A painting's record as earlier versions wrote it is read, and sets the arguments that it names."""

import os
import subprocess
import sys
from pathlib import Path

OLD_RECORD = """
from types import SimpleNamespace
from fakes import gimp_modules
from impasto_plugin.image.records import read_record

WRITTEN = b'''{"style": "Woodcut", "settings": {"strength": 0.25, "brush_size": 2.0, "detail": 0.75,
    "original_colours": 0.125, "quality": "draft", "seed": 3010}, "arguments": {"preset": "woodcut", "crop-left": 0.0,
    "paint-at": "half", "strength": -1.0, "brush-size": -1.0, "detail": 0.75, "original-colours": -1.0,
    "quality": "draft", "seed": 3010, "blend-mode": "multiply", "gone": 1}, "plan": "in one piece",
    "name": "Photo (Woodcut, 25 %)", "source": {"tattoo": 3, "name": "Photo", "size": [20, 14]},
    "is_masked": false}'''

class Config:
    def __init__(self):
        self.values = {}
    def find_property(self, name):
        kind = SimpleNamespace(pytype=None, is_a=lambda other: False)
        return None if name == "gone" else SimpleNamespace(name=name, value_type=kind)
    def set_property(self, name, value):
        self.values[name] = value

layer = SimpleNamespace(get_parasite=lambda name: SimpleNamespace(get_data=lambda: WRITTEN))
record = read_record(layer)
assert (record.style, record.plan, record.is_masked) == ("Woodcut", "in one piece", False)
config = Config()
record.restore(config, None)
assert config.values == {"preset": "woodcut", "crop-left": 0.0, "paint-at": "half", "strength": 0.25, "brush-size": 2.0,
    "detail": 0.75, "original-colours": 0.125, "quality": "draft", "seed": 3010,
    "blend-mode": "multiply", "places": 0.0, "seamless": "no"}, config.values
# What came later is as it was when the painting was made.
"""


def test_a_record_of_an_earlier_version_sets_the_arguments_that_it_names(checkout: Path) -> None:
    paths = [str(checkout / folder) for folder in ("tests", "gimp_plugin/impasto-filter")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run(
        [sys.executable, "-c", OLD_RECORD], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
