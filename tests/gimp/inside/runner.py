"""Runs inside gimp-console: calls the checks that it is given, one after the other, and writes down at once what each
found. Before each check GIMP is as if it had just been started."""

import importlib
import json
import os
import shutil
import sys
import time
import traceback
from contextlib import suppress
from itertools import groupby
from pathlib import Path

from gi.repository import Gimp

PROFILE = Path(os.environ["GIMP3_DIRECTORY"])
FILTER = PROFILE / "plug-ins" / "impasto-filter"
sys.path[:0] = ["/impasto/inside", str(FILTER)]
ENVIRONMENT, FOLDER, FILTERS_FILES = dict(os.environ), Path.cwd(), {file.name for file in FILTER.iterdir()}

import kit  # noqa: E402


def start_afresh(module):
    """Close all images, forget all values, and let the filter talk to the engine of this file."""
    for image in Gimp.get_images():
        image.delete()
    kit.style_layer.cache_clear()
    for remembered in (
        PROFILE / "plug-in-settings",
        *(Path.home() / place / "impasto" for place in (".config", ".cache")),
    ):
        shutil.rmtree(remembered, ignore_errors=True)
    os.environ.clear()
    os.environ.update(ENVIRONMENT)
    os.chdir(FOLDER)
    kit.is_here = getattr(module, "IS_HERE", False)
    kit.use_engine(module.ENGINE)


def tidy_filter():
    """Remove what the checks of another file have put beside the filter."""
    for file in FILTER.iterdir():
        if file.name not in FILTERS_FILES | {"engine.json", "__pycache__"}:
            with suppress(NotADirectoryError):
                shutil.rmtree(file)
            file.unlink(missing_ok=True)


def outcome(file, name):
    """None if all is well, else what went wrong."""
    try:
        module = importlib.import_module(file)
        start_afresh(module)
        getattr(module, name)()
    except BaseException:
        return traceback.format_exc()
    return None


with (PROFILE / "answers").open("a", encoding="utf-8") as answers:
    for file, checks in groupby(json.loads((PROFILE / "checks.json").read_text()), key=lambda check: check[0]):
        tidy_filter()
        for _file, name in checks:
            started = time.monotonic()
            answer = {"file": file, "check": name, "wrong": outcome(file, name)}
            print(json.dumps({**answer, "seconds": round(time.monotonic() - started, 2)}), file=answers, flush=True)
