"""docs/python.md: its examples run, one after the other, in one program."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.data import chelsea, coffee

EXAMPLE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.timeout(600)
def test_the_examples_run(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, left in (("photo", 100), ("first", 80), ("second", 120)):
        Image.fromarray(np.ascontiguousarray(chelsea()[60:180:2, left : left + 160 : 2])).save(f"{name}.jpg")
    Image.fromarray(np.ascontiguousarray(coffee()[::6, ::6])).save("painting.jpg")
    examples = EXAMPLE.findall((checkout / "docs" / "python.md").read_text(encoding="utf-8"))
    assert len(examples) > 4
    names: dict[str, object] = {}
    for example in examples:
        exec(compile(example, "docs/python.md", "exec"), names)
    painted, photo = (np.asarray(Image.open(name).convert("RGB"), int) for name in ("result.png", "photo.jpg"))
    assert painted.shape == photo.shape
    assert np.abs(painted - photo).mean() > 5
    assert Path("second.png").is_file()
