"""What crosses to a cluster's workers, and what they share; no Ray is needed to see that."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.data import chelsea

from impasto.batch.file_painter import FilePainter
from impasto.batch.messages import FileFailed, FileJob, FilePainted, FileProgress, FrameFiles
from impasto.cluster.machines import ClusterDevice, Machine, Share, cluster_device_from, worker_slots
from impasto.cluster.orders import order_from, order_values, targets_from, targets_values
from impasto.cluster.values import (
    job_from,
    job_values,
    message_from,
    message_values,
    request_from,
    request_values,
)
from impasto.cluster.workers import BatchWorker
from impasto.painting.order import Map, Order, OrderedRegion
from impasto.request import PaintRequest, Region, WeightedStyle
from impasto.transfer import recipe_named, styles
from impasto_wire import __version__
from impasto_wire.settings import Settings


@pytest.fixture(scope="module")
def order(squeezenet_weights: Path) -> Order:
    """Few steps, by the smallest network."""
    style = WeightedStyle(np.ascontiguousarray(chelsea()[:200, :180]), 2.0)
    recipe = replace(recipe_named("impasto").on("squeezenet"), total_steps=3)
    return Order((style,), Settings(quality="draft", seed=4), recipe, weights=squeezenet_weights, size=64)


@pytest.fixture
def job() -> FileJob:
    """A cat."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(chelsea()[80:200, 100:260])).save(buffer, "PNG")
    return FileJob(7, "cat.png", buffer.getvalue(), ".png")


def test_orders_come_out_as_they_went_in(order: Order) -> None:
    grey = np.arange(12, dtype=np.uint16).reshape(3, 4)
    sent = replace(order, selection=Map("s.png", grey), detail_map=Map("d.png", grey[::-1]), memory_budget=1 << 31)
    come = order_from(order_values(sent))
    assert replace(come, styles=(), selection=None, detail_map=None) == replace(
        sent, styles=(), selection=None, detail_map=None
    )
    assert sent.selection and sent.detail_map and come.selection and come.detail_map
    pairs = [(sent.styles[0].picture, come.styles[0].picture)]
    pairs += [(sent.selection.grey, come.selection.grey), (sent.detail_map.grey, come.detail_map.grey)]
    for one, other in pairs:
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    assert (come.styles[0].weight, come.detail_map.name) == (2.0, "d.png")


def test_regions_come_out_as_they_went_in(order: Order) -> None:
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4)
    region = OrderedRegion(Map("sky.png", grey), order.styles, Settings(strength=0.9), (b"profile",))
    (come,) = order_from(order_values(replace(order, regions=(region,)))).regions
    assert (come.map.name, come.settings, come.style_profiles) == ("sky.png", region.settings, (b"profile",))
    np.testing.assert_array_equal(come.map.grey, grey)
    np.testing.assert_array_equal(come.styles[0].picture, order.styles[0].picture)
    layer = np.zeros((3, 4, 3), np.uint8)
    asked = PaintRequest(layer, order.styles, regions=(Region(grey, order.styles, Settings(strength=0.9)),))
    (back,) = request_from(request_values(asked)).regions
    assert back.settings == Settings(strength=0.9)
    np.testing.assert_array_equal(back.map, grey)
    np.testing.assert_array_equal(back.styles[0].picture, order.styles[0].picture)


def test_jobs_and_news_come_out_as_they_went_in(job: FileJob) -> None:
    frame = replace(job, before=FrameFiles(("a.png", b"a"), ("b.png", b"b")))
    assert [job_from(job_values(sent)) for sent in (job, frame)] == [job, frame]
    news = [FileProgress(7, 0.5), FilePainted(7, b"data"), FileFailed(7, "It is none.")]
    assert [message_from(message_values(sent)) for sent in news] == news


def test_what_one_worker_computed_no_other_computes_again(
    order: Order, job: FileJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = BatchWorker(), BatchWorker()
    threads = torch.get_num_threads()
    try:
        assert [worker.open(__version__, order_values(order), 1) for worker in (one, other)] == [None, None]
        *_, alone = one.paint(job_values(job), None)
        targets = one.targets(64, 48)
        assert targets
        monkeypatch.delattr(styles, "style_targets")
        *_, shared = other.paint(job_values(job), targets)
    finally:
        torch.set_num_threads(threads)
    assert shared["kind"] == "FilePainted", shared
    assert shared == alone


def test_statistics_come_out_as_they_went_in(order: Order) -> None:
    (sent,) = FilePainter(order).targets(64, 48)
    (come,) = targets_from(targets_values([sent]), torch.device("cpu"))
    assert come.keys() == sent.keys()
    for key, layers in sent.items():
        for name, found in layers.items():
            assert type(come[key][name]) is type(found)
            assert all(torch.equal(one, other) for one, other in zip(come[key][name], found, strict=True))


def test_a_worker_of_another_version_refuses(order: Order) -> None:
    assert BatchWorker().open("0.0.1", order_values(order), 1) == (
        "version",
        f"it has Impasto {__version__}, and the job is of 0.0.1; install the same on both",
    )


def test_machines_fill_in_turns() -> None:
    one, two = Machine("1", "one", 3, 1), Machine("2", "two", 1, 1)
    assert [machine.name for machine in worker_slots([one, two])] == ["one", "two", "one", "one"]


@pytest.mark.parametrize("share", [Share(None, True), Share(4, False)])
def test_a_cluster_device_comes_back_from_its_text(share: Share) -> None:
    device = ClusterDevice("studio:6379", share, "fakes.painter:open_painter", 3)
    assert cluster_device_from(str(device)) == device
