"""Dry media: sticks leave colour where they reach the paper's tooth, and strokes go where they are called for."""

from dataclasses import replace

import numpy as np
import pytest

from impasto_artworks.brushwork import along_contours
from impasto_artworks.drawing import Drag, Mark, Paper, cover_of, drags_of
from impasto_artworks.pigments import reflectance_of
from impasto_artworks.scenes import Scene

WHITE, BLACK = "ffffff", "000000"
STICK = Mark(0.10, 0.6, 0.1, streaks=0.0, fading=0.0)


def plain_scene(side: int = 96) -> Scene:
    """Two masses side by side, strokes level."""
    mass = np.zeros((side, side), np.int8)
    mass[:, side // 2 :] = 1
    zeros = np.zeros((side, side), np.float32)
    return Scene(("left", "right"), mass, zeros + 0.5, zeros, zeros + 1)


def drawn(mark: Mark, firmness: float = 1.0, colour: str = BLACK, paper: str = WHITE) -> tuple[np.ndarray, Paper]:
    """The light in the middle of one level stroke, and the sheet that it lies on."""
    sheet = Paper((128, 128), paper, seed=1)
    path = np.stack([np.linspace(0.1, 0.9, 15), np.full(15, 0.5)], axis=1).astype(np.float32)
    sheet.drag(Drag(path, mark.width, np.full(15, firmness), (3, 5)), reflectance_of(colour), mark)
    return sheet.light[120:136, 100:156].copy(), sheet


def test_a_firm_stroke_fills_more_of_the_tooth_than_a_light_one() -> None:
    shares = [float((drawn(STICK, firmness)[0] < 0.5).mean()) for firmness in (0.3, 0.8, 1.4)]
    assert shares[0] < 0.35 < shares[1] < 0.75 < shares[2]


def test_a_stick_colours_the_hills_and_leaves_the_hollows() -> None:
    light, sheet = drawn(replace(STICK, soft=0.02), 0.9)
    tooth = sheet.tooth[120:136, 100:156]
    touched = light[..., 0] < 0.5
    assert tooth[touched].max() <= tooth[~touched].min() + 0.1


def test_a_veil_darkens_what_lies_below_and_an_opaque_stick_covers_it() -> None:
    smooth = replace(STICK, pressure=2.0, tooth=0.0)
    covered, veiled = (drawn(replace(smooth, veil=veil), 1.0, "ffff00", "0000ff")[0].mean((0, 1)) for veil in (0, 1))
    assert covered[0] > 0.9 > 0.1 > covered[2]
    assert veiled.max() < 0.05  # yellow lets no blue through


@pytest.mark.parametrize("turn", [0.0, 0.7])
def test_strokes_follow_the_flow_at_their_angle(turn: float) -> None:
    mark = Mark(0.01, 0.2, 0.02, turn=turn, unsteady=0.0)
    strokes = list(drags_of(plain_scene(), np.ones((96, 96)), mark, 1))
    assert len(strokes) > 20
    for stroke in strokes:
        across, down = stroke.path[-1] - stroke.path[0]
        assert abs(np.sin(np.arctan2(down, across) - turn)) < 0.05


def test_strokes_are_drawn_only_where_they_are_called_for() -> None:
    scene = plain_scene()
    cover = cover_of(scene, {"left": (0.8, 0.8)})
    starts = np.array([stroke.path[0] for stroke in drags_of(scene, cover, Mark(0.01, 0.05, 0.02), 1)])
    assert len(starts) > 50
    assert starts[:, 0].max() < 0.51


def test_cover_goes_from_dark_to_light() -> None:
    scene = replace(plain_scene(), tone=np.linspace(0, 1, 96, dtype=np.float32)[:, None].repeat(96, axis=1))
    cover = cover_of(scene, {"right": (1.0, 0.2)})
    assert np.allclose(cover[[0, -1], -1], [1.0, 0.2])
    assert not cover[:, :40].any()


def test_contours_run_along_the_borders_of_masses() -> None:
    contours = along_contours(plain_scene(), 0.05)
    rows, columns = np.nonzero(contours.focus)
    assert 45 <= columns.min() < 48 <= columns.max() <= 50
    assert len(set(rows)) == 96
    assert np.abs(np.cos(contours.flow[10:-10, 46:50])).max() < 0.05  # upright, as the border is
