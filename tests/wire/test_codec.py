"""Messages to frames and back, and everything that is no message."""

import json
from dataclasses import fields, replace
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impasto_wire import messages
from impasto_wire.codec import FROM_ENGINE, MAX_HEADER, TO_ENGINE, decode, encode, name_of
from impasto_wire.errors import ImpastoError, PictureError, SettingError, WireError
from impasto_wire.messages import (
    AskForecast,
    AskStatus,
    ClientUse,
    Credit,
    Failed,
    Finished,
    Hello,
    Ping,
    Preview,
    Progress,
    StatusReport,
    Submit,
    Welcome,
)
from impasto_wire.pictures import PictureRef
from impasto_wire.request import MAX_RECIPE, MAX_REGIONS, FrameBefore, Region, WeightedStyle, Window
from impasto_wire.settings import Settings

JOBS = st.text("0123456789abcdef", min_size=32, max_size=32)
DIGESTS = st.text("0123456789abcdef", min_size=64, max_size=64)
SIDES = st.integers(1, 20_000)
WHOLE = st.integers(-(2**53), 2**53)
FINITE = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300)
SAMPLES = st.sampled_from(["u8", "u16", "float"])
SHORT = st.text(max_size=50)
RECIPES = st.text(max_size=MAX_RECIPE)
SETTINGS = st.builds(
    Settings,
    strength=st.floats(0, 1),
    brush_size=st.floats(0.25, 4),
    detail=st.floats(0, 1),
    places=st.floats(0, 1),
    original_colours=st.floats(0, 1),
    quality=st.sampled_from(["draft", "standard", "fine"]),
    seamless=st.sampled_from(["no", "across", "down", "both"]),
    seed=st.integers(0, 2**31 - 1),
)
RGBA = st.builds(PictureRef, DIGESTS, SIDES, SIDES, st.just(4), SAMPLES)
ANY_PICTURE = st.builds(PictureRef, DIGESTS, SIDES, SIDES, st.sampled_from([1, 3, 4]), SAMPLES)
STYLES = st.lists(st.builds(WeightedStyle, RGBA, st.floats(1e-3, 1e3)), min_size=1, max_size=16).map(tuple)


@st.composite
def submits(draw: st.DrawFn) -> Submit:
    layer = draw(RGBA)
    maps = st.none() | st.builds(PictureRef, DIGESTS, st.just(layer.width), st.just(layer.height), st.just(1), SAMPLES)
    purpose = draw(st.sampled_from(["final", "preview", "thumbnail"]))
    size = st.just(layer.width), st.just(layer.height)
    pictures = (st.builds(PictureRef, DIGESTS, *size, st.just(channels), SAMPLES) for channels in (4, 3))
    before = st.none() | st.builds(FrameBefore, *pictures)
    map_ = st.builds(PictureRef, DIGESTS, *size, st.just(1), SAMPLES)
    regions = st.lists(st.builds(Region, map_, STYLES, SETTINGS), max_size=2).map(tuple)
    return Submit(
        layer=layer,
        styles=draw(STYLES),
        settings=draw(SETTINGS),
        selection=draw(maps),
        detail_map=draw(maps),
        recipe=draw(RECIPES),
        before=draw(before),
        regions=draw(regions),
        job=draw(JOBS),
        purpose=purpose,
    )


CLIENTS = st.builds(ClientUse, SHORT, WHOLE, WHOLE, WHOLE, WHOLE, FINITE)
BUILT: dict[type, st.SearchStrategy[Any]] = {
    Hello: st.builds(Hello, WHOLE, SHORT),
    Submit: submits(),
    AskForecast: st.builds(
        AskForecast, JOBS, SIDES, SIDES, SETTINGS, RECIPES, st.lists(SETTINGS, max_size=MAX_REGIONS).map(tuple)
    ),
    AskStatus: st.just(AskStatus()),
    Welcome: st.builds(Welcome, WHOLE, SHORT, st.lists(SHORT).map(tuple), st.lists(SHORT).map(tuple)),
    Progress: st.builds(Progress, JOBS, WHOLE, WHOLE, WHOLE, WHOLE, FINITE, FINITE, st.none() | FINITE, SHORT),
    Preview: st.builds(Preview, JOBS, ANY_PICTURE, WHOLE, WHOLE),
    Finished: st.builds(Finished, JOBS, ANY_PICTURE, FINITE),
    Failed: st.builds(Failed, JOBS | st.just(""), SHORT, SHORT),
    StatusReport: st.builds(StatusReport, st.lists(CLIENTS).map(tuple), WHOLE),
}
BY_TYPE = {str: SHORT, int: WHOLE, float: FINITE}


def strategy_for(kind: type) -> st.SearchStrategy[Any]:
    if kind in BUILT:
        return BUILT[kind]
    given_fields = {name: BY_TYPE[hint] for name, hint in kind.__annotations__.items() if name not in ("job", "digest")}
    named = {"job": JOBS, "digest": DIGESTS}
    return st.builds(kind, **given_fields, **{name: named[name] for name in kind.__annotations__ if name in named})


EVERY_KIND = sorted({*TO_ENGINE.values(), *FROM_ENGINE.values()}, key=lambda kind: kind.__name__)
LAYER = PictureRef("0" * 64, 3, 2, 4, "u8")
SUBMIT = Submit(LAYER, (WeightedStyle(LAYER),), job="1" * 32, purpose="final")


def both_ways(kind: type) -> dict[str, type]:
    return TO_ENGINE if kind in TO_ENGINE.values() else FROM_ENGINE


@pytest.mark.parametrize("kind", EVERY_KIND, ids=lambda kind: kind.__name__)
def test_every_message_comes_back_as_it_was(kind: type) -> None:
    @given(strategy_for(kind))
    @settings(max_examples=30, deadline=None)
    def round_trip(message: Any) -> None:
        assert decode(encode(message), both_ways(kind)) == message

    round_trip()


def test_the_question_for_a_forecast_is_called_forecast_on_the_wire() -> None:
    wire = (
        '{"type": "Forecast", "job": "11111111111111111111111111111111", "width": 640, "height": 480, '
        '"settings": {"strength": 0.5, "brush_size": 1.0, "detail": 0.5, "places": 0.0, "original_colours": 0.0, '
        '"quality": "standard", "seamless": "no", "seed": 0}, "recipe": "impasto", "regions": []}'
    )
    asked = AskForecast("1" * 32, 640, 480, Settings())
    assert encode(asked).decode() == wire
    assert decode(wire.encode(), TO_ENGINE) == asked
    earlier = wire.replace(', "regions": []', "")
    assert decode(earlier.encode(), TO_ENGINE) == asked, "an earlier filter knows no regions"
    with pytest.raises(PictureError, match="has 9 regions; it can have at most 8"):
        AskForecast("1" * 32, 640, 480, Settings(), regions=(Settings(),) * 9)


def test_each_side_refuses_the_messages_of_its_own() -> None:
    welcome = Welcome(1, "", (), ())
    with pytest.raises(WireError, match="unknown message 'Welcome'"):
        decode(encode(welcome), TO_ENGINE)
    with pytest.raises(WireError, match="unknown message 'Hello'"):
        decode(encode(Hello(1, "")), FROM_ENGINE)
    assert set(TO_ENGINE.values()) == set(get_args(messages.ToEngine))


def test_unknown_fields_are_ignored_at_every_depth() -> None:
    values = json.loads(encode(SUBMIT))
    values["mood"] = "blue"
    values["settings"]["sparkle"] = 3
    values["layer"]["dpi"] = 300
    assert decode(json.dumps(values).encode(), TO_ENGINE) == SUBMIT


def test_a_frame_before_of_another_size_or_with_a_window_is_refused() -> None:
    painting, wide = PictureRef("1" * 64, 3, 2, 3, "u8"), PictureRef("1" * 64, 4, 2, 3, "u8")
    assert [ref.channels for ref in replace(SUBMIT, before=FrameBefore(LAYER, painting)).pictures()] == [4, 4, 4, 3]
    with pytest.raises(PictureError, match="the painting of the frame before must have 3 channels"):
        replace(SUBMIT, before=FrameBefore(LAYER, wide))
    with pytest.raises(PictureError, match="the layer of the frame before must have 4 channels"):
        replace(SUBMIT, before=FrameBefore(painting, painting))
    with pytest.raises(PictureError, match="without a window"):
        replace(SUBMIT, before=FrameBefore(LAYER, painting), window=Window(0, 0, 1, 1))


@pytest.mark.parametrize(("width", "height", "channels"), [(3, 2, 4), (6, 4, 3), (1, 2, 3)])
def test_an_earlier_painting_of_other_channels_proportions_or_too_large_is_refused(
    width: int, height: int, channels: int
) -> None:
    layer = replace(LAYER, width=30, height=20)
    bare = replace(SUBMIT, layer=layer, selection=None, detail_map=None, regions=(), window=None, before=None)
    fitting = PictureRef("1" * 64, 30, 20, 3, "u8")
    assert fitting in replace(bare, earlier=fitting).pictures()
    other = PictureRef("1" * 64, 10 * width, 10 * height, channels, "u8")
    with pytest.raises(PictureError, match="the earlier painting"):
        replace(bare, earlier=other)


def test_a_painting_goes_on_from_one_picture_only() -> None:
    painting = PictureRef("1" * 64, LAYER.width, LAYER.height, 3, "u8")
    with pytest.raises(PictureError, match="not from both"):
        replace(SUBMIT, before=FrameBefore(LAYER, painting), earlier=painting)


@pytest.mark.parametrize("text", ["NaN", "-Infinity", "1e999", "9" * 400, "1.5", "true", '"1"', "null", "[]"])
def test_a_whole_number_is_nothing_else(text: str) -> None:
    with pytest.raises(WireError):
        decode(f'{{"type": "Ping", "number": {text}}}'.encode(), TO_ENGINE)


def test_a_field_named_twice_is_refused() -> None:
    with pytest.raises(WireError, match="twice"):
        decode(b'{"type": "Ping", "number": 1, "number": 1}', TO_ENGINE)


def test_a_missing_field_is_named() -> None:
    with pytest.raises(WireError, match="Ping lacks its field number"):
        decode(b'{"type": "Ping"}', TO_ENGINE)


def test_a_region_comes_with_a_map_and_styles() -> None:
    map_ = replace(LAYER, channels=1)
    asked = replace(SUBMIT, regions=(Region(map_, SUBMIT.styles, Settings(strength=0.9)),))
    assert decode(encode(asked), TO_ENGINE) == asked
    assert [ref.channels for ref in asked.pictures()] == [4, 4, 1, 4]
    looks = list(replace(asked, settings=Settings(quality="draft", seed=7)).in_each_look())
    assert [look.regions for look in looks] == [(), ()]
    assert looks[1].settings == Settings(strength=0.9, quality="draft", seed=7), "quality and variation are the job's"
    with pytest.raises(PictureError, match="the region's map must have one channel and the layer's size"):
        replace(SUBMIT, regions=(Region(LAYER, SUBMIT.styles),))
    with pytest.raises(PictureError, match="the style has 1 channels"):
        replace(SUBMIT, regions=(Region(map_, (WeightedStyle(map_),)),))
    with pytest.raises(PictureError, match="has 0 styles"):
        Region(map_, ())
    with pytest.raises(PictureError, match="has 9 regions; it can have at most 8"):
        replace(SUBMIT, regions=(Region(map_, SUBMIT.styles),) * 9)


@pytest.mark.parametrize("deep", ["[" * 9 + "]" * 9, "[" * 60_000, '{"a":' * 9 + "1" + "}" * 9], ids=len)
def test_deep_nesting_is_refused_before_it_recurses(deep: str) -> None:
    with pytest.raises(WireError, match="deeper"):
        decode(deep.encode(), TO_ENGINE)


def test_brackets_in_a_text_are_no_nesting() -> None:
    hello = Hello(1, "[{" * 100 + '\\"[[[')
    assert decode(encode(hello), TO_ENGINE) == hello


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-32-be", "utf-8-sig"])
def test_a_message_is_utf_8_and_nothing_else(encoding: str) -> None:
    with pytest.raises(WireError, match="not JSON"):
        decode(encode(Hello(1, "plain")).decode().encode(encoding), TO_ENGINE)


def test_closing_brackets_in_a_text_hide_no_nesting() -> None:
    with pytest.raises(WireError, match="deeper"):
        decode(b'{"type": "' + b"]" * 100 + b'", "x": ' + b"[" * 9 + b"]" * 9 + b"}", TO_ENGINE)


def test_messages_have_a_greatest_length_both_ways() -> None:
    with pytest.raises(WireError, match=str(MAX_HEADER)):
        encode(Hello(1, "x" * MAX_HEADER))
    with pytest.raises(WireError, match=str(MAX_HEADER)):
        decode(json.dumps({"type": "Hello", "protocol": 1, "client": "x" * MAX_HEADER}).encode(), TO_ENGINE)


@pytest.mark.parametrize("job", ["", "abc", "g" * 32, "A" * 32, "../" * 10 + "ab", "0" * 33])
def test_a_job_has_a_name_of_one_kind_only(job: str) -> None:
    with pytest.raises(WireError, match="32 hexadecimal digits"):
        decode(encode(messages.Cancel(job)), TO_ENGINE)


def test_a_refusal_knows_its_job() -> None:
    values = json.loads(encode(SUBMIT))
    values["settings"]["strength"] = 2
    with pytest.raises(SettingError) as caught:
        decode(json.dumps(values).encode(), TO_ENGINE)
    assert caught.value.job == SUBMIT.job


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_noise_is_refused_and_never_crashes(noise: bytes) -> None:
    for kinds in (TO_ENGINE, FROM_ENGINE):
        with pytest.raises(ImpastoError):
            decode(noise, kinds)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = sorted({field.name for kind in EVERY_KIND for field in fields(kind)} | {"type"})


def check_any_json(kind: type, wrong: dict[str, Any]) -> None:
    """A message with some fields replaced by anything is a message still, or refused in words."""
    frame = json.dumps({**json.loads(encode(SUBMIT)), "type": name_of(kind), **wrong}).encode()
    try:
        decoded = decode(frame, both_ways(kind))
    except (WireError, SettingError, PictureError):
        return
    assert isinstance(decoded, kind)


@given(st.sampled_from(EVERY_KIND), st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4))
@settings(max_examples=500, deadline=None)
def test_any_json_is_a_message_or_refused(kind: type, wrong: dict[str, Any]) -> None:
    check_any_json(kind, {name: value for name, value in wrong.items() if name != "type"})


@pytest.mark.long
@pytest.mark.timeout(1800)
@given(st.sampled_from(EVERY_KIND), st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4))
@settings(max_examples=100_000, deadline=None)
def test_a_great_deal_of_json_is_a_message_or_refused(kind: type, wrong: dict[str, Any]) -> None:
    check_any_json(kind, {name: value for name, value in wrong.items() if name != "type"})


def test_credit_goes_both_ways() -> None:
    credit = Credit("0" * 32, "0" * 64, 3)
    assert decode(encode(credit), TO_ENGINE) == decode(encode(credit), FROM_ENGINE) == credit
    assert encode(Ping(1)) == b'{"type": "Ping", "number": 1}'
