"""Arrays, requests, jobs and news as plain values and bytes: nothing else crosses between machines."""

from dataclasses import asdict, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from impasto.batch.messages import Failed, FrameFiles, Job, News, Painted, Progress
from impasto.request import PaintRequest, Step
from impasto_wire import request as wire
from impasto_wire.settings import Settings

Values = dict[str, Any]
_NEWS = {kind.__name__: kind for kind in (Progress, Painted, Failed)}


def array_values(array: NDArray[Any]) -> Values:
    """An array as its bytes, type and shape."""
    return {"data": array.tobytes(), "type": array.dtype.str, "shape": array.shape}


def array_from(values: Values) -> NDArray[Any]:
    """An array that may be written to."""
    return np.frombuffer(values["data"], dtype=values["type"]).reshape(values["shape"]).copy()


def request_values(request: PaintRequest) -> Values:
    """A request with its pictures as values."""
    return asdict(request.with_pictures(array_values))


def request_from(values: Values) -> PaintRequest:
    """The request that `request_values` was made of. Raises `SettingError`, `PictureError`."""
    return wire.PaintRequest(
        **{
            **values,
            "styles": tuple(wire.WeightedStyle(**style) for style in values["styles"]),
            "settings": Settings.from_dict(values["settings"]),
            "window": None if values["window"] is None else wire.Window(**values["window"]),
            "before": None if values["before"] is None else wire.FrameBefore(**values["before"]),
        }
    ).with_pictures(array_from)


def step_values(step: Step) -> Values:
    """A step without its picture, which stays where it is painted."""
    return {field.name: getattr(step, field.name) for field in fields(Step) if field.name != "picture"}


def job_values(job: Job) -> Values:
    """A job with its pictures' bytes."""
    return asdict(job)


def job_from(values: Values) -> Job:
    """The job that `job_values` was made of."""
    before = values["before"]
    return Job(**{**values, "before": None if before is None else FrameFiles(**before)})


def news_values(news: News) -> Values:
    """What a worker says of a job."""
    return {"kind": type(news).__name__, **asdict(news)}


def news_from(values: Values) -> News:
    """What `news_values` was made of."""
    fields = dict(values)
    return _NEWS[fields.pop("kind")](**fields)
