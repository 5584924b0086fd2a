"""Jobs and news as plain values and bytes: nothing else crosses between machines."""

from dataclasses import asdict
from typing import Any

from impasto.batch.messages import Failed, FrameBefore, Job, News, Painted, Progress

Values = dict[str, Any]
_NEWS = {kind.__name__: kind for kind in (Progress, Painted, Failed)}


def job_values(job: Job) -> Values:
    """A job with its pictures' bytes."""
    return asdict(job)


def job_from(values: Values) -> Job:
    """The job that `job_values` was made of."""
    before = values["before"]
    return Job(**{**values, "before": None if before is None else FrameBefore(**before)})


def news_values(news: News) -> Values:
    """What a worker says of a job."""
    return {"kind": type(news).__name__, **asdict(news)}


def news_from(values: Values) -> News:
    """What `news_values` was made of."""
    fields = dict(values)
    return _NEWS[fields.pop("kind")](**fields)
