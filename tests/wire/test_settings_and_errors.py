"""The settings table refuses what is out of range, and errors cross the wire as themselves."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impasto_wire import errors
from impasto_wire.errors import ImpastoError, SettingError, VersionMismatch, error_from
from impasto_wire.settings import Settings, default_of, ranges


def all_errors(root: type[ImpastoError] = ImpastoError) -> list[type[ImpastoError]]:
    """Those of the wire; the filter may have kinds of its own, which never cross it."""
    children = [child for child in root.__subclasses__() if child.__module__ == errors.__name__]
    return [root, *(kind for child in children for kind in all_errors(child))]


def has_own_code(kind: type[ImpastoError]) -> bool:
    return "code" in vars(kind)


@pytest.mark.parametrize("kind", all_errors())
def test_an_error_comes_back_as_its_class_or_the_one_above_that_has_a_code(kind: type[ImpastoError]) -> None:
    back = error_from(kind.code, "a sentence")
    assert type(back) is (kind if has_own_code(kind) else kind.__bases__[0])
    assert str(back) == "a sentence"
    assert kind.__name__ in (errors.__doc__ or ""), "the tree in the docstring shows every class"


def test_no_two_errors_with_a_code_of_their_own_share_it() -> None:
    codes = [kind.code for kind in all_errors() if has_own_code(kind)]
    assert len(codes) == len(set(codes))


def test_an_unknown_code_is_still_an_error() -> None:
    assert type(error_from("tomorrow", "x")) is ImpastoError
    assert isinstance(error_from("version", "x"), VersionMismatch)


@pytest.mark.parametrize("name", [name for name, allowed in ranges().items() if not allowed.choices])
def test_a_number_out_of_its_range_is_refused_with_the_range(name: str) -> None:
    allowed = ranges()[name]
    for wrong in (allowed.minimum - 1, allowed.maximum + 1, math.nan, math.inf, 10**400, "1", None, True, [1]):
        with pytest.raises(SettingError, match=name):
            Settings(**{name: wrong})
    for right in (allowed.minimum, allowed.maximum):
        assert getattr(Settings(**{name: right}), name) == right


@pytest.mark.parametrize("name", [name for name, allowed in ranges().items() if allowed.choices])
def test_a_choice_is_one_of_its_choices(name: str) -> None:
    for wrong in ("", "DRAFT", None, 1, ["draft"], {}):
        with pytest.raises(SettingError, match="one of"):
            Settings(**{name: wrong})
    for right in ranges()[name].choices:
        assert getattr(Settings(**{name: right}), name) == right


def test_a_wrong_value_is_shown_but_not_at_length() -> None:
    with pytest.raises(SettingError, match=r"strength is 1000.*0\.\.1") as caught:
        Settings(strength=10**400)
    assert len(str(caught.value)) < 120


def test_every_default_lies_in_its_range() -> None:
    assert Settings().as_dict() == {name: default_of(name) for name in ranges()}


@given(st.dictionaries(st.sampled_from([*ranges(), "sparkle"]), st.none() | st.integers() | st.floats() | st.text()))
def test_settings_from_anything_are_settings_or_refused(values: dict[str, object]) -> None:
    try:
        built = Settings.from_dict(values)
    except SettingError:
        return
    assert Settings.from_dict(built.as_dict()) == built
