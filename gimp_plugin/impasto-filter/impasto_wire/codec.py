"""Messages to and from frames: one JSON object of at most 64 KiB, checked against its dataclass first."""

import json
import re
import types
from dataclasses import MISSING, asdict, fields, is_dataclass
from functools import cache
from math import isfinite
from typing import Any, Literal, NoReturn, Union, get_args, get_origin, get_type_hints

from . import messages
from .errors import ImpastoError, WireError
from .pictures import PictureRef
from .request import P
from .settings import Settings

MAX_HEADER = 64 << 10
MAX_DEPTH = 8
_LARGEST = 1 << 53
_STRING = re.compile(rb'"(?:[^"\\]|\\.?)*(?:"|\Z)', re.DOTALL)  # it always matches, and so in linear time
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_JOB_DIGITS = 32


def name_of(kind: type) -> str:
    """What a class of messages is called on the wire."""
    return getattr(kind, "wire_name", kind.__name__)


def by_name(*kinds: type) -> dict[str, type]:
    """Classes of messages by what they are called on the wire."""
    return {name_of(kind): kind for kind in kinds}


TO_ENGINE = by_name(*get_args(messages.ToEngine))
FROM_ENGINE = by_name(*get_args(messages.FromEngine))


def encode(message: Any) -> bytes:
    """A message (a dataclass) as one frame of UTF-8 JSON, its name under ``type``. Raises `WireError` when it is too
    long."""
    name = name_of(type(message))
    frame = json.dumps({"type": name, **asdict(message)}, allow_nan=False).encode()
    if len(frame) > MAX_HEADER:
        raise WireError(f"a {name} takes {len(frame)} bytes; at most {MAX_HEADER} are allowed")
    return frame


def decode(frame: bytes | memoryview, kinds: dict[str, type]) -> Any:
    """The message in a frame, one of `kinds` (`TO_ENGINE` or `FROM_ENGINE`). Unknown fields are ignored.

    Raises `WireError` for whatever breaks the protocol, `SettingError` and `PictureError` for values out of range.
    """
    head = _parse(bytes(frame[: MAX_HEADER + 1]))
    kind = kinds.get(head.get("type", "")) if isinstance(head.get("type"), str) else None
    if kind is None:
        raise WireError(f"unknown message {str(head.get('type'))[:40]!r}")
    try:
        return _build(kind, head)
    except ImpastoError as error:
        job = head.get("job")
        error.job = job if isinstance(job, str) and _is_job(job, kind) else ""
        raise


def _parse(text: bytes) -> dict[str, Any]:
    if len(text) > MAX_HEADER:
        raise WireError(f"a message is longer than {MAX_HEADER} bytes")
    if _depth(text) > MAX_DEPTH:
        raise WireError(f"a message is nested deeper than {MAX_DEPTH}")
    try:
        # json.loads would guess the encoding of bytes, and read UTF-16 and UTF-32, whose brackets `_depth` doesn't see.
        head = json.loads(text.decode(), object_pairs_hook=_no_twins, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise WireError("a message is not JSON") from error
    if not isinstance(head, dict):
        raise WireError("a message is not a JSON object")
    return head


def _depth(text: bytes) -> int:
    """How deep brackets are nested outside of strings, found before anything recurses."""
    depth = deepest = 0
    for byte in _STRING.sub(b"", text).translate(None, _NO_BRACKETS):
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth -= 1
    return deepest


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise WireError("a message names a field twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise WireError(f"a message holds {name}; numbers must be finite")


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _build(kind: type, values: dict[str, Any]) -> Any:
    if kind is Settings:
        return Settings.from_dict(values)
    hints, given, name = _hints(kind), {}, name_of(kind)
    for field in fields(kind):
        if field.name in values:
            given[field.name] = _value(f"{name}.{field.name}", values[field.name], hints[field.name])
        elif field.default is MISSING and field.default_factory is MISSING:
            raise WireError(f"a {name} lacks its field {field.name}")
    if "job" in given and not _is_job(given["job"], kind):
        raise WireError(f"a {name} names its job {given['job'][:40]!r}; it must be {_JOB_DIGITS} hexadecimal digits")
    try:
        return kind(**given)
    except ImpastoError:
        raise
    except (TypeError, ValueError, OverflowError) as error:
        raise WireError(f"a {name} can't be read") from error


def _is_job(job: str, kind: type) -> bool:
    if kind is messages.Failed and job == "":
        return True
    return len(job) == _JOB_DIGITS and all(c in "0123456789abcdef" for c in job)


def _value(place: str, value: Any, hint: Any) -> Any:
    if hint is P:  # on the wire a picture is named by its digest
        hint = PictureRef
    origin, options = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        if value is None and type(None) in options:
            return None
        return _value(place, value, next(option for option in options if option is not type(None)))
    if origin is Literal:
        if value in options and isinstance(value, str):
            return value
        raise WireError(f"{place} is {str(value)[:40]!r}; it must be one of {', '.join(options)}")
    if origin is tuple:
        if isinstance(value, list):
            return tuple(_value(place, item, options[0]) for item in value)
        raise WireError(f"{place} must be a list")
    if is_dataclass(kind := origin or hint):
        if isinstance(value, dict):
            return _build(kind, value)  # type: ignore[arg-type]
        raise WireError(f"{place} must be an object")
    return _plain(place, value, hint)


def _plain(place: str, value: Any, kind: type) -> Any:
    if kind is str and isinstance(value, str):
        return value
    if kind is int and isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST:
        return value
    if kind is float and isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= 1e300:
        if isfinite(value):
            return float(value)
        raise WireError(f"{place} must be finite")
    raise WireError(f"{place} is {str(value)[:40]!r}; it must be {kind.__name__}")
