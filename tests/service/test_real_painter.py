"""The whole bridge with the real network: the filter's client, the broker, the worker, VGG-19."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from skimage.data import chelsea

from fakes.engine import EngineHome, wait_for
from fakes.jobs import asking, events_of
from impasto.painting.local_painter import Picture, open_painter
from impasto.request import PaintRequest, WeightedStyle, drained
from impasto.transfer import recipe_named, styles
from impasto_plugin.engine.jobs import Done, Job
from impasto_wire.errors import SettingError
from impasto_wire.messages import Progress
from impasto_wire.pictures import Pixels
from impasto_wire.request import FrameBefore
from impasto_wire.settings import Settings


@pytest.fixture(scope="module")
def real_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineHome]:
    """An engine as `impasto serve` starts it."""
    engine = EngineHome(tmp_path_factory.mktemp("engine"), options=())
    engine.start()
    yield engine
    engine.stop()


def gradient(width: int, height: int) -> Pixels:
    """A smooth picture, whose right half is transparent."""
    picture = np.zeros((height, width, 4), np.uint8)
    picture[:, :, 0] = np.linspace(0, 255, width)
    picture[:, :, 1] = np.linspace(0, 255, height)[:, None]
    picture[:, : width // 2, 3] = 255
    return Pixels(width, height, 4, "u8", picture.tobytes())


def random_array(height: int, width: int, seed: int) -> Picture:
    """Opaque noise."""
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 4), np.uint8)
    picture[..., 3] = 255
    return picture


def checks(side: int) -> Pixels:
    """A red and black chessboard."""
    picture = np.zeros((side, side, 4), np.uint8)
    picture[:, :, 0] = np.kron(np.indices((8, 8)).sum(0) % 2, np.ones((side // 8, side // 8))) * 255
    picture[:, :, 3] = 255
    return Pixels(side, side, 4, "u8", picture.tobytes())


def test_a_layer_is_painted_by_the_real_network(real_home: EngineHome) -> None:
    seen: list[Progress] = []
    layer = gradient(64, 48)
    with real_home.connect() as engine:
        result = engine.paint(asking(layer, [(checks(64), 1.0)], Settings(quality="draft")), on_progress=seen.append)
        assert engine.welcome
        assert "vgg19" in engine.welcome.backbones
        assert engine.welcome.devices
    painted = np.frombuffer(result.data, np.uint8).reshape(48, 64, 3)
    assert painted[:, :32, 0].mean() > painted[:, :32, 2].mean() + 20, "the style's red has come, its blue is none"
    assert [event.fraction for event in seen] == sorted(event.fraction for event in seen)


def test_a_frame_begins_from_the_one_before(real_home: EngineHome) -> None:
    """A cat keeps still behind a square that moves."""
    frames = []
    for number in range(2):
        frame = np.full((48, 64, 4), 255, np.uint8)
        frame[..., :3] = chelsea()[80:176:2, 100:228:2]
        frame[15:30, 5 + 3 * number : 20 + 3 * number, :3] = (200, 60, 40)
        frames.append(Pixels(64, 48, 4, "u8", frame.tobytes()))
    first_request, request = (asking(frame, [(checks(64), 1.0)], Settings(quality="draft")) for frame in frames)
    with real_home.connect() as engine:
        first, again = (_painting(engine.submit("final", first_request)) for _ in range(2))
        assert first.data == again.data, "statistics that are kept change nothing"
        alone = _painting(engine.submit("final", request))
        carried = _painting(engine.submit("final", replace(request, before=FrameBefore(frames[0], first))))
    is_still = (_array(frames[0]) == _array(frames[1])).all(axis=2)

    def flicker(second: Pixels) -> float:
        return float(np.abs(_array(second) - _array(first))[is_still].mean())

    assert flicker(carried) < 0.5 * flicker(alone)


def _painting(job: Job) -> Pixels:
    *_, last = events_of(job, 120)
    assert isinstance(last, Done)
    return last.picture


def _array(pixels: Pixels) -> np.ndarray:
    return np.frombuffer(pixels.data, np.uint8).reshape(pixels.height, pixels.width, -1).astype(np.float32)


def test_layers_in_one_style_share_what_is_known_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[tuple[int, ...]] = []
    style_targets = styles.style_targets

    def counted(encoder: Any, pictures: Any, *others: Any) -> Any:
        computed.append(tuple(pictures[0][0].shape))
        return style_targets(encoder, pictures, *others)

    monkeypatch.setattr(styles, "style_targets", counted)
    painter = open_painter("cpu")
    layers = [random_array(48, 64, seed) for seed in (1, 2)]
    style = random_array(40, 40, 3)

    def painted(layer: Picture, brush: Picture, **settings: Any) -> Picture:
        styles = (WeightedStyle(brush),)
        return drained(painter.paint(PaintRequest(layer, styles, Settings(quality="draft", **settings))))

    first = painted(layers[0], style)
    sizes = len(computed)
    painted(layers[1], style)
    assert np.array_equal(painted(layers[0], style.copy()), first)
    painted(layers[0], style, strength=0.9)
    assert len(computed) == sizes
    painted(layers[0], style, brush_size=2.0)
    painted(layers[0], random_array(40, 40, 4))
    assert len(computed) == 3 * sizes


def test_a_device_that_is_not_here_is_told_to_each_job(real_home: EngineHome, fresh_home: EngineHome) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    fresh_home.options = ("--device", "cuda")
    fresh_home.start()
    with fresh_home.connect() as engine, pytest.raises(SettingError, match="device is cuda"):
        engine.paint(asking(gradient(32, 32), [(checks(32), 1.0)]))


def test_keep_ends_the_real_painting_early(real_home: EngineHome) -> None:
    with real_home.connect() as engine:
        job = engine.submit("final", asking(gradient(64, 48), [(checks(64), 1.0)], Settings(quality="fine")))
        wait_for(lambda: isinstance(job.next_event(60), Progress), "the first step")
        job.keep()
        *events, last = events_of(job, 60)
        assert isinstance(last, Done)
        assert (last.picture.width, last.picture.height) == (64, 48)
        fractions = [event.fraction for event in events if isinstance(event, Progress)]
        assert max(fractions, default=0.0) < 0.9


def test_a_recipe_is_painted_and_forecast_by(real_home: EngineHome) -> None:
    layer, styles = gradient(64, 48), [(checks(64), 1.0)]
    with real_home.connect() as engine:
        job = engine.submit("final", asking(layer, styles, Settings(quality="standard"), recipe="pastiche"))
        first = next(event for event in events_of(job, 60) if isinstance(event, Progress))
        own, default = (recipe_named(name).steps["standard"][0] for name in ("pastiche", "impasto"))
        assert first.steps == own != default
        job.cancel()
        told = engine.forecast(512, 512, Settings(), 60, "pastiche")
        assert told.plan.startswith("3 scales, 300 steps")
        with pytest.raises(SettingError, match="recipe is baroque"):
            engine.paint(asking(layer, styles, Settings(), recipe="baroque"))


def test_the_real_painter_forecasts(real_home: EngineHome) -> None:
    with real_home.connect() as engine:
        small, large = (engine.forecast(width, width, Settings(), timeout=60) for width in (256, 1024))
    assert 0 < small.seconds < large.seconds
    assert 0 < small.bytes < large.bytes
    assert small.plan


@pytest.mark.parametrize(("cores", "used"), [(1, 1), (2, 2), (4, 3)])
def test_a_core_is_left_to_others_where_there_are_more_than_two(
    cores: int, used: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen: list[int] = []
    monkeypatch.setattr(torch, "get_num_threads", lambda: cores)
    monkeypatch.setattr(torch, "set_num_threads", chosen.append)
    painter = open_painter("cpu")
    painter.leave_a_core(True)
    painter.leave_a_core(False)
    assert chosen == [used, cores]
