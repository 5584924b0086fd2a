"""Arrays, requests, jobs and messages as plain values and bytes: nothing else is sent between machines."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from impasto.batch.messages import FileFailed, FileJob, FilePainted, FileProgress, FrameFiles
from impasto.request import PaintRequest, Step
from impasto_wire import request as wire
from impasto_wire.settings import Settings

Values = dict[str, Any]
WorkerMessage = FileProgress | FilePainted | FileFailed
_KINDS = {kind.__name__: kind for kind in get_args(WorkerMessage)}


def array_values(array: NDArray[Any]) -> Values:
    """An array as its bytes, type and shape."""
    return {"data": array.tobytes(), "type": array.dtype.str, "shape": array.shape}


def array_from(values: Values) -> NDArray[Any]:
    """The array that `array_values` was made from; it can be written to."""
    return np.frombuffer(values["data"], dtype=values["type"]).reshape(values["shape"]).copy()


def request_values(request: PaintRequest) -> Values:
    """A request with its pictures as values."""
    return asdict(request.with_pictures(array_values))


def request_from(values: Values) -> PaintRequest:
    """The request that `request_values` was made from. Raises `SettingError`, `PictureError`."""
    return wire.PaintRequest(
        **{
            **values,
            "styles": _styles_from(values["styles"]),
            "settings": Settings.from_dict(values["settings"]),
            "window": None if values["window"] is None else wire.Window(**values["window"]),
            "before": None if values["before"] is None else wire.FrameBefore(**values["before"]),
            "regions": tuple(map(_region_from, values["regions"])),
        }
    ).with_pictures(array_from)


def _region_from(values: Values) -> wire.Region[Values]:
    return wire.Region(values["map"], _styles_from(values["styles"]), Settings.from_dict(values["settings"]))


def _styles_from(values: Iterable[Values]) -> tuple[wire.WeightedStyle[Values], ...]:
    return tuple(wire.WeightedStyle(**style) for style in values)


def step_values(step: Step) -> Values:
    """A step without its picture, which stays on the machine that paints."""
    return {field.name: getattr(step, field.name) for field in fields(Step) if field.name != "picture"}


def job_values(job: FileJob) -> Values:
    """A job with its pictures' bytes."""
    return asdict(job)


def job_from(values: Values) -> FileJob:
    """The job that `job_values` was made from."""
    before = values["before"]
    return FileJob(**{**values, "before": None if before is None else FrameFiles(**before)})


def message_values(message: WorkerMessage) -> Values:
    """A worker's message about a job."""
    return {"kind": type(message).__name__, **asdict(message)}


def message_from(values: Values) -> WorkerMessage:
    """The message that `message_values` was made from."""
    fields = dict(values)
    kind: type[WorkerMessage] = _KINDS[fields.pop("kind")]
    return kind(**fields)
