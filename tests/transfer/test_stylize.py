"""Small real paintings: real network, real photo."""

from dataclasses import replace
from itertools import islice, pairwise

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, binary_erosion
from skimage.color import rgb2gray
from skimage.data import astronaut, chelsea, coffee
from skimage.filters import sobel
from skimage.transform import resize

from impasto.backbones import Backbone
from impasto.losses.gram import Moments
from impasto.request import PaintRequest, Step, WeightedStyle
from impasto.transfer import stylize
from impasto.transfer.canvas import to_tensor
from impasto.transfer.encoder import Encoder
from impasto.transfer.recipes import IMPASTO, Recipe
from impasto.transfer.styles import style_targets, style_tensor
from impasto_wire.errors import PictureError
from impasto_wire.settings import Settings

QUICK = replace(IMPASTO, steps={"draft": (6, 3), "standard": (6, 3), "fine": (6, 3)}, coarsest=48)

Pixels = NDArray[np.generic]


def small(picture: Pixels, height: int, width: int) -> Pixels:
    return np.rint(resize(picture, (height, width), anti_aliasing=True) * 255).astype(np.uint8)


def paint(request: PaintRequest, backbone: Backbone, recipe: Recipe = QUICK) -> tuple[Pixels, list[Step]]:
    painting, steps = stylize(request, backbone, recipe), []
    while True:
        try:
            steps.append(next(painting))
        except StopIteration as finished:
            return finished.value, steps


def test_the_loss_falls_and_the_palette_comes_near(vgg19: Backbone, photo: Pixels, style: WeightedStyle) -> None:
    result, steps = paint(PaintRequest(photo, (style,), Settings(strength=1)), vgg19)
    assert steps[5].loss < 0.8 * steps[0].loss
    before, after = (
        np.abs(picture.mean((0, 1)) - style.picture[..., :3].mean((0, 1))).sum() for picture in (photo, result)
    )
    assert after < 0.4 * before


def test_steps_count_the_whole_job(vgg19: Backbone, photo: Pixels, style: WeightedStyle) -> None:
    _, steps = paint(PaintRequest(photo, (style,)), vgg19)
    assert [(step.scale, step.step) for step in steps] == [(1, n) for n in range(1, 7)] + [(2, n) for n in range(1, 4)]
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)
    assert steps[-1].seconds_left == pytest.approx(0, abs=1e-6)


def test_a_step_shows_the_picture_so_far(vgg19: Backbone, photo: Pixels, style: WeightedStyle) -> None:
    first = next(stylize(PaintRequest(photo, (style,)), vgg19, QUICK))
    assert first.picture().shape == (32, 48, 3)
    assert first.picture().dtype == np.uint8


@pytest.mark.parametrize(("dtype", "white"), [(np.uint8, 255), (np.uint16, 65535), (np.float32, 1.0)])
def test_the_result_has_the_layers_own_samples(
    vgg19: Backbone, photo: Pixels, style: WeightedStyle, dtype: type, white: float
) -> None:
    pixels = (photo / 255 * white).astype(dtype)
    result, _ = paint(PaintRequest(pixels, (style,)), vgg19)
    assert result.dtype == dtype
    assert result.shape == photo.shape
    assert 0 <= result.min() < 0.3 * white
    assert 0.5 * white < result.max() <= white


def test_sixteen_bits_come_back_without_banding(vgg19: Backbone, photo: Pixels, style: WeightedStyle) -> None:
    result, _ = paint(PaintRequest(photo.astype(np.uint16) * 257, (style,)), vgg19)
    assert len(np.unique(result)) > 2000


def test_strength_zero_returns_the_layers_bytes(vgg19: Backbone, photo: Pixels, style: WeightedStyle) -> None:
    result, steps = paint(PaintRequest(photo, (style,), Settings(strength=0)), vgg19)
    assert result.tobytes() == photo.tobytes()
    assert steps == []


def test_the_same_painting_twice_gives_the_same_bytes(vgg19: Backbone, photo: Pixels, style: WeightedStyle) -> None:
    once, _ = paint(PaintRequest(photo, (style,)), vgg19)
    again, _ = paint(PaintRequest(photo, (style,)), vgg19)
    assert once.tobytes() == again.tobytes()


def test_another_seed_gives_other_strokes_as_near_to_style_and_drawing(vgg19: Backbone, is_long: bool) -> None:
    cat = small(chelsea(), 86, 128)
    brushes = (WeightedStyle(small(coffee(), 86, 128)),)
    longer = replace(IMPASTO, steps={"standard": (40, 20)}, coarsest=64)
    results, ends = [], []
    for seed in (0, 1, 2) if is_long else (0, 1):
        painting, steps = stylize(PaintRequest(cat, brushes, Settings(seed=seed)), vgg19, longer), []
        while True:
            try:
                steps.append(next(painting))
            except StopIteration as finished:
                results.append(finished.value.astype(int))
                ends.append(steps[-1])
                break
    for losses in ([end.style_loss for end in ends], [end.content_loss for end in ends]):
        assert max(losses) < 1.1 * min(losses)
    for one, other in pairwise(results):
        assert np.abs(one - other).mean() > 8


def test_a_detail_map_keeps_a_face_and_shows_no_boundary(vgg19: Backbone) -> None:
    face = small(astronaut()[:256, 96:352], 128, 128)
    detail = np.zeros((128, 128), np.uint8)
    detail[32:96, 32:96] = 255
    style = WeightedStyle(small(coffee(), 86, 128))
    shorter = replace(IMPASTO, steps={"standard": (20, 10)}, coarsest=64)
    inside, own, seams = detail > 0, sobel(rgb2gray(face)), []
    boundary = binary_dilation(inside, iterations=1) ^ binary_erosion(inside, iterations=1)
    around = binary_dilation(inside, iterations=8) ^ binary_erosion(inside, iterations=8)
    for seed in range(3):  # of one alone, chance decides where strokes end
        result, _ = paint(PaintRequest(face, (style,), Settings(seed=seed), detail_map=detail), vgg19, shorter)
        edges = sobel(rgb2gray(result))
        kept = [np.corrcoef(edges[where], own[where])[0, 1] for where in (inside, ~inside)]
        assert kept[0] > kept[1] + 0.2
        seams.append(edges[boundary].mean() / edges[around & ~boundary].mean())
    # A seam would make edges along the boundary stand out from those around them.
    assert np.mean(seams) < 1.3


def test_more_strength_goes_further_from_the_drawing(vgg19: Backbone, photo: Pixels, style: WeightedStyle) -> None:
    changes = [
        paint(PaintRequest(photo, (style,), Settings(strength=s)), vgg19)[1][-1].content_loss for s in (0.1, 0.5, 1)
    ]
    assert 2 * changes[0] < changes[1] < changes[2] / 1.2


def test_a_layer_larger_than_its_style_keeps_the_broad_strokes(vgg19: Backbone, style: WeightedStyle) -> None:
    """What the finest scale paints in the style's own pixels adds to what the coarser painted, seen from afar."""
    large = small(chelsea(), 208, 312)
    assert max(style.picture.shape) < 156
    moved = []
    for recipe in (replace(QUICK, coarsest=156), replace(QUICK, coarsest=156, hold=0.0)):
        painting, coarse = stylize(PaintRequest(large, (style,)), vgg19, recipe), None
        while True:
            try:
                step = next(painting)
            except StopIteration as finished:
                result = finished.value
                break
            if step.scale < step.scales:
                coarse = step.picture()
        assert coarse is not None
        moved.append(np.abs(resize(result, (52, 78), anti_aliasing=True) - resize(coarse, (52, 78))).mean())
    assert moved[0] < 0.7 * moved[1]


@pytest.mark.parametrize("seed", [0, 1])
def test_a_flat_layer_gets_strokes(vgg19: Backbone, style: WeightedStyle, seed: int) -> None:
    flat = np.full((64, 96, 3), (90, 140, 60), np.uint8)
    result, _ = paint(PaintRequest(flat, (style,), Settings(seed=seed)), vgg19)
    assert rgb2gray(result[16:-16, 24:-24]).std() > 0.05


def test_a_style_of_one_colour_keeps_the_drawing(vgg19: Backbone, photo: Pixels) -> None:
    red = WeightedStyle(np.full((48, 64, 3), (200, 60, 40), np.uint8))
    result, _ = paint(PaintRequest(photo, (red,)), vgg19)
    before, after = rgb2gray(photo).ravel(), rgb2gray(result).ravel()
    assert np.corrcoef(before, after)[0, 1] > 0.4
    assert after.std() > 0.025


def test_what_is_transparent_influences_nothing(vgg19: Backbone, photo: Pixels, style: WeightedStyle) -> None:
    alpha = np.full((*photo.shape[:2], 1), 255, np.uint8)
    alpha[:, 60:] = 0
    other = photo.copy()
    other[:, 60:] = (255, 0, 255)
    one, _ = paint(PaintRequest(np.concatenate([photo, alpha], axis=2), (style,)), vgg19)
    two, _ = paint(PaintRequest(np.concatenate([other, alpha], axis=2), (style,)), vgg19)
    assert one.tobytes() == two.tobytes()


def test_what_is_not_selected_returns_bit_for_bit(vgg19: Backbone, photo: Pixels, style: WeightedStyle) -> None:
    selection = np.zeros(photo.shape[:2], np.uint8)
    selection[16:48, 24:72] = 255
    selection[16:48, 24] = 128
    result, _ = paint(PaintRequest(photo, (style,), selection=selection), vgg19)
    outside = selection == 0
    assert np.array_equal(result[outside], photo[outside])
    inside = selection == 255
    assert np.abs(result[inside].astype(int) - photo[inside]).mean() > 10


def edges(picture: Pixels) -> NDArray[np.float64]:
    """Where light meets dark, and how strongly."""
    return sobel(picture.astype(np.float64).mean(axis=2))


def test_a_detail_map_keeps_the_drawing_where_it_is_white(vgg19: Backbone, photo: Pixels, style: WeightedStyle) -> None:
    left = np.zeros(photo.shape[:2], np.uint8)
    left[:, :48] = 255
    kept_left, kept_right = (
        paint(PaintRequest(photo, (style,), Settings(detail=1), detail_map=where), vgg19)[0]
        for where in (left, 255 - left)
    )

    def likeness(picture: Pixels, half: slice) -> float:
        return float(np.corrcoef(edges(picture)[:, half].ravel(), edges(photo)[:, half].ravel())[0, 1])

    assert likeness(kept_left, slice(0, 40)) > likeness(kept_right, slice(0, 40))
    assert likeness(kept_right, slice(56, 96)) > likeness(kept_left, slice(56, 96))


def test_two_styles_mix(vgg19: Backbone, photo: Pixels, style: WeightedStyle) -> None:
    blue = WeightedStyle(style.picture[..., ::-1].copy())
    reds = [
        paint(PaintRequest(photo, mix, Settings(strength=1)), vgg19)[0][..., 0].mean()
        for mix in ((style,), (style, blue), (blue,))
    ]
    assert reds[0] > reds[1] > reds[2]


def test_only_the_shares_of_a_mix_count_not_what_they_add_up_to(
    vgg19: Backbone, photo: Pixels, style: WeightedStyle
) -> None:
    other = style.picture[..., ::-1].copy()
    once, fifty = (
        paint(PaintRequest(photo, (replace(style, weight=share), WeightedStyle(other, share))), vgg19)[0]
        for share in (1.0, 50.0)
    )
    assert np.array_equal(once, fifty)


def test_a_narrow_layer_is_painted(vgg19: Backbone, photo: Pixels, style: WeightedStyle) -> None:
    result, _ = paint(PaintRequest(photo[:9, :70], (style,)), vgg19)
    assert result.shape == (9, 70, 3)


@pytest.mark.parametrize(
    ("layer", "selection", "sentence"),
    [
        (np.full((16, 16, 3), np.nan, np.float32), None, "not numbers"),
        (np.zeros((16, 16, 4), np.uint8), None, "fully transparent"),
        (np.zeros((16, 16, 3), np.uint8), np.zeros((16, 16), np.uint8), "selection leaves nothing"),
        (np.zeros((16, 16, 3), np.int64), None, "must hold 8 or 16 bit"),
        (np.zeros((1, 40, 3), np.uint8), None, "is 40x1; both sides must be at least 8"),
    ],
)
def test_what_cannot_be_painted_is_told_in_a_sentence(
    vgg19: Backbone, style: WeightedStyle, layer: Pixels, selection: Pixels | None, sentence: str
) -> None:
    with pytest.raises(PictureError, match=sentence):
        next(stylize(PaintRequest(layer, (style,), selection=selection), vgg19, QUICK))


def test_no_style_is_told_in_a_sentence(photo: Pixels) -> None:
    with pytest.raises(PictureError, match="a job has 0 styles"):
        PaintRequest(photo, ())


def test_a_painting_can_be_kept_at_any_step(vgg19: Backbone, photo: Pixels, style: WeightedStyle) -> None:
    painting = stylize(PaintRequest(photo, (style,), Settings(strength=1)), vgg19, QUICK)
    for _ in range(4):
        next(painting)
    with pytest.raises(StopIteration) as kept:
        painting.send(True)
    result = kept.value.value
    assert result.shape == photo.shape
    assert np.abs(result.astype(int) - photo).mean() > 10
    # The scales that were not painted still give the drawing's detail.
    assert np.corrcoef(edges(result).ravel(), edges(photo).ravel())[0, 1] > 0.4


def test_a_painting_can_be_left_at_any_step(vgg19: Backbone, photo: Pixels, style: WeightedStyle) -> None:
    painting = stylize(PaintRequest(photo, (style,)), vgg19, QUICK)
    assert len(list(islice(painting, 2))) == 2
    painting.close()


def test_what_is_transparent_of_a_style_counts_nothing(vgg19: Backbone, style: WeightedStyle) -> None:
    """Neither its colours nor what they are filled with: the statistics are those of the opaque part."""
    opaque = style.picture[:, : style.picture.shape[1] // 32 * 16, :3]
    alpha = np.full((*opaque.shape[:2], 1), 255, np.uint8)
    seen = np.concatenate([opaque, alpha], axis=2)
    hidden = np.concatenate([255 - opaque, 0 * alpha], axis=2)
    both = np.concatenate([seen, hidden], axis=1)
    found = []
    for picture in (opaque, both):
        tensor = style_tensor(picture, vgg19.device)
        found.append(style_targets(Encoder(vgg19, IMPASTO, torch.float32), [(tensor, 1.0)]))
    for name in ("relu1_1", "relu2_1"):
        alone, beside = found[0][name], found[1][name]
        assert isinstance(alone, Moments)
        assert isinstance(beside, Moments)
        assert (alone.mean - beside.mean).norm() < 0.05 * alone.mean.norm()
        assert (alone.covariance - beside.covariance).norm() < 0.1 * alone.covariance.norm()


def test_the_caller_s_arrays_stay_as_they_were() -> None:
    map_ = np.array([[-1, 0.5, 2, 1] * 2] * 8, np.float32)[..., None]
    map_.flags.writeable = False
    assert to_tensor(map_, torch.device("cpu")).flatten()[:4].tolist() == [0, 0.5, 1, 1]
    assert map_[0, :4, 0].tolist() == [-1, 0.5, 2, 1]
