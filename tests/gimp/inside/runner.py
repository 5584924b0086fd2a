"""Runs inside gimp-console: calls every function of one file of checks and writes down what it found."""

import importlib
import inspect
import json
import os
import sys
import time
import traceback
from pathlib import Path


def outcome(check):
    """None if all is well, else what went wrong."""
    started = time.monotonic()
    try:
        check()
    except BaseException:
        return traceback.format_exc()
    finally:
        print(f"{time.monotonic() - started:6.2f} s  {check.__name__}", flush=True)
    return None


def checks_in(module):
    """The file's own functions that are not private, in their order."""
    functions = [found for found in vars(module).values() if inspect.isfunction(found)]
    return [found for found in functions if found.__module__ == module.__name__ and found.__name__[0] != "_"]


sys.path[:0] = ["/impasto/inside", os.environ["GIMP3_DIRECTORY"] + "/plug-ins/impasto-filter"]
module = importlib.import_module(os.environ["IMPASTO_CHECKS"])
found = {check.__name__: outcome(check) for check in checks_in(module)}
Path(os.environ["IMPASTO_ANSWER"]).write_text(json.dumps(found), encoding="utf-8")
