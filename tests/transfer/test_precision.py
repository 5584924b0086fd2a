"""The same painting in every precision that a CPU may choose."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from impasto.backbones import Backbone
from impasto.request import PaintRequest, Step, WeightedStyle
from impasto.transfer import stylize
from impasto.transfer.recipes import IMPASTO
from impasto_wire.settings import Settings


@pytest.mark.skipif(
    torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"), reason="no Intel or AMD processor with AVX2"
)
def test_a_painting_in_integers_comes_as_near_to_style_and_drawing_as_one_in_float32(
    vgg19: Backbone, photo: NDArray[np.uint8], style: WeightedStyle, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, last = PaintRequest(photo, (style,), Settings(quality="draft")), {}
    monkeypatch.setattr("impasto.transfer.encoder.working_dtype", lambda device: torch.int8)
    for precision in ("fast", "float32"):
        steps: list[Step] = list(stylize(request, vgg19, replace(IMPASTO, precision=precision)))
        last[precision] = steps[-1]
    assert last["fast"].loss != last["float32"].loss
    assert last["fast"].style_loss == pytest.approx(last["float32"].style_loss, rel=0.1)
    assert last["fast"].content_loss == pytest.approx(last["float32"].content_loss, rel=0.05)
