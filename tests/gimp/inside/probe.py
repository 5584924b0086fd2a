"""Runs inside a GIMP with windows: answers the test's questions, each a file of Python that sets `answer`."""

import json
import time
import traceback
from pathlib import Path

from gi.repository import Gegl, Gimp

folder = Path("/impasto/questions")
folder.mkdir(exist_ok=True)
(folder / "ready").touch()
while True:  # GIMP's end is the end of this process too
    for question in sorted(folder.glob("*.py")):
        names = {"Gimp": Gimp, "Gegl": Gegl, "answer": None}
        try:
            exec(question.read_text(encoding="utf-8"), names)
            told = {"answer": names["answer"]}
        except Exception:
            told = {"wrong": traceback.format_exc()}
        part = question.with_suffix(".part")
        part.write_text(json.dumps(told), encoding="utf-8")
        question.unlink()
        part.rename(question.with_suffix(".json"))
    time.sleep(0.05)
