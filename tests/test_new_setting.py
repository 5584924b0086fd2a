"""A setting is said once: one that is added to the table is found wherever settings are."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FOUND = {
    "validation": """
        from impasto_wire.errors import SettingError
        from impasto_wire.settings import Settings
        assert Settings(glaze=1).glaze == 1.0
        try:
            Settings(glaze=7)
        except SettingError as error:
            assert str(error) == "glaze is 7; it must lie in 0..1"
        else:
            raise AssertionError("glaze may be 7")
    """,
    "a job's message": """
        from impasto_wire.codec import TO_ENGINE, decode, encode
        from impasto_wire.messages import Submit
        from impasto_wire.pictures import PictureRef
        from impasto_wire.request import WeightedStyle
        from impasto_wire.settings import Settings
        layer = PictureRef("0" * 64, 8, 8, 4, "u8")
        sent = Submit(layer, (WeightedStyle(layer),), Settings(glaze=0.75), job="1" * 32, purpose="final")
        assert b'"glaze": 0.75' in encode(sent) or b'"glaze":0.75' in encode(sent)
        assert decode(encode(sent), TO_ENGINE).settings.glaze == 0.75
    """,
    "a style's file": """
        import json, pathlib, tempfile
        from impasto_presets import Preset, load_preset, save_preset
        from impasto_wire.request import WeightedStyle
        from impasto_wire.settings import Settings
        folder = pathlib.Path(tempfile.mkdtemp())
        artwork = WeightedStyle(load_preset("woodcut").pictures[0].picture.read_bytes())
        saved = save_preset(folder, Preset("mine", "Mine", settings=Settings(glaze=0.75)), [artwork])
        assert saved.settings.glaze == 0.75
        assert json.loads((folder / "mine.json").read_text())["glaze"] == 0.75
        assert load_preset("woodcut").settings.glaze == 0.25
    """,
    "the command line's help": """
        from impasto.cli import main
        import contextlib, io
        for command in (["stylize"], ["batch"], ["presets", "add"]):
            with contextlib.redirect_stdout(io.StringIO()) as printed, contextlib.suppress(SystemExit):
                main([*command, "--help"])
            words = " ".join(printed.getvalue().split())
            assert "--glaze 0..1 How thick the varnish is" in words, words
    """,
    "the command line": """
        import argparse
        from impasto.commands.options import _settings, add_options
        from impasto_presets import load_preset
        from dataclasses import replace
        from impasto_wire.settings import Settings
        parser = argparse.ArgumentParser()
        add_options(parser)
        preset = replace(load_preset("woodcut"), settings=Settings(glaze=0.75))
        assert _settings(parser.parse_args(["--glaze", "0.5"]), preset).glaze == 0.5
        assert _settings(parser.parse_args([]), preset).glaze == 0.75
        assert _settings(parser.parse_args([]), None).glaze == 0.25
    """,
    "the arguments of GIMP's procedure": """
        from fakes import gimp_modules
        from impasto_plugin.arguments import add_arguments, settings_from
        from impasto_wire.settings import Settings
        procedure = gimp_modules.Thing()
        add_arguments(procedure)
        (argument,) = [call for call in procedure.calls if call[1] == "glaze"]
        kind, _name, label, text, low, high, default = argument[:7]
        assert (kind, label.replace("_", ""), low, high, default) == ("add_double_argument", "Glaze", -1, 1, -1)
        assert text == "How thick the varnish is (0..1; -1: as the style suggests)", text
        class Config:
            def get_property(self, name):
                return {"glaze": -1.0, "quality": "draft", "seamless": "no", "seed": 3}.get(name, 0.5)
        assert settings_from(Config(), Settings(glaze=0.75)).glaze == 0.75
    """,
    "the dialog": """
        from fakes import gimp_modules
        from impasto_plugin.dialog.controls import Controls
        dialog = gimp_modules.Thing()
        Controls(dialog, gimp_modules.Thing(), gimp_modules.Thing())
        (slider,) = [call[-1] for call in dialog.calls if call[:2] == ("get_spin_scale", "glaze")]
        assert "Glaze (%)" in [call[1].replace("_", "") for call in slider.calls if call[0] == "set_label"]
        assert ("set_tooltip_text", "How thick the varnish is") in [call[:-1] for call in slider.calls]
        from impasto_plugin.dialog.previews import TRIED
        assert "glaze" in TRIED
    """,
    "a painting's record": """
        from types import SimpleNamespace
        from fakes import gimp_modules
        from impasto_plugin.image.records import record_of
        from impasto_wire.settings import Settings
        thing = gimp_modules.Thing()
        record = record_of(thing, thing, SimpleNamespace(title="Mine"), Settings(glaze=0.75))
        assert record.settings["glaze"] == 0.75
    """,
    "the documentation": """
        import runpy
        table = runpy.run_path("docs/settings_pages.py")["table"]()
        line = "| `glaze` | Glaze | 0..1 (shown in percent) | 0.25 | yes | How thick the varnish is |"
        assert line in table.splitlines(), table
        pairs = runpy.run_path("docs/make_pictures.py")["PAIRS"]
        assert pairs["glaze"] == (["--glaze", "0.1"], ["--glaze", "0.9"])
    """,
    "the translations": """
        import runpy
        texts = runpy.run_path("docs/catalogues.py")["texts"]()
        assert {"Glaze", "How thick the varnish is"} <= set(texts)
    """,
}


@pytest.mark.parametrize("place", FOUND)
def test_a_setting_that_is_added_to_the_table_is_found_in(checkout: Path, tmp_path: Path, place: str) -> None:
    lines = [line.removeprefix(" " * 8) for line in FOUND[place].splitlines()]
    code = "\n".join(["import fakes.with_glaze", *lines])
    paths = [str(checkout / folder) for folder in ("tests", "engine", "gimp_plugin/impasto-filter", "install")]
    # In German the texts of the table's own settings are others; of a new one there is no translation yet.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "LANGUAGE": "en", "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=checkout, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
