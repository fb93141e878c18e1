import enum
import math
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearface.typed_values import Reading, typed_value


class Colour(enum.Enum):
    RED = "red"


@dataclass(frozen=True)
class Inner:
    number: float
    name: str | None


@dataclass(frozen=True)
class Outer:
    inner: tuple[Inner, ...]
    pair: tuple[int, int]
    flags: dict[str, bool]
    anything: dict[str, Any]
    colour: Colour = Colour.RED


RESULTS = Reading("the results", complete=True, null_is_nan=True)

GOOD: dict[str, Any] = {
    "inner": [{"number": 1, "name": None}],
    "pair": [1, 2],
    "flags": {"a": True},
    "anything": {"deep": [1, {"x": None}]},
    "colour": "red",
}


@given(
    inner=st.lists(st.builds(Inner, st.floats(allow_nan=False), st.none() | st.text())),
    pair=st.tuples(st.integers(), st.integers()),
    flags=st.dictionaries(st.text(), st.booleans()),
)
def test_values_become_what_they_were(inner: list[Inner], pair: tuple[int, int], flags: dict[str, bool]) -> None:
    outer = Outer(tuple(inner), pair, flags, {})
    plain = asdict(outer) | {"inner": [asdict(each) for each in inner], "pair": list(pair), "colour": "red"}
    assert typed_value(Outer, plain, RESULTS, "it") == outer


def test_null_is_a_float_that_is_none() -> None:
    assert math.isnan(typed_value(Inner, {"number": None, "name": None}, RESULTS, "it").number)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"pair": [1]}, '"it.pair" cannot be [1]'),
        ({"pair": [1, True]}, '"it.pair" cannot be true'),
        ({"pair": "12"}, '"it.pair" cannot be "12"'),
        ({"inner": [{"number": "1", "name": None}]}, '"it.inner[0].number" cannot be "1"'),
        ({"inner": [{"number": 1}]}, '"it.inner[0]" lacks "name"'),
        ({"inner": [[]]}, '"it.inner[0]" cannot be []'),
        ({"flags": {"a": 1}}, '"it.flags.a" cannot be 1'),
        ({"flags": []}, '"it.flags" cannot be []'),
        ({"colour": "blue"}, '"it.colour" cannot be "blue"'),
        ({"colour": []}, '"it.colour" cannot be []'),
        ({"colour": "b" * 100}, '"it.colour" cannot be str'),
        ({"other": 1}, '"it.other" is no part of the results: choose from inner, pair, flags, anything, colour'),
    ],
)
def test_what_does_not_fit_is_named(change: dict[str, Any], said: str) -> None:
    assert typed_value(Outer, GOOD, RESULTS, "it").pair == (1, 2)
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the sentence is compared whole
        typed_value(Outer, GOOD | change, RESULTS, "it")
    assert str(error.value) == said


@dataclass(frozen=True)
class Told:
    moment: datetime
    inner: Inner
    remark: str | None = None


def test_a_lenient_reading_passes_over_what_is_new_and_needs_nothing_with_a_default():
    reading = Reading("the answer", complete=True, lenient=True)
    told = {"moment": "2026-11-21T15:00:00+00:00", "inner": {"number": 1, "name": None, "new": []}, "newer": 1}
    moment = datetime(2026, 11, 21, 15, tzinfo=UTC)
    assert typed_value(Told, told, reading) == Told(moment, Inner(1.0, None))
    del told["moment"]
    with pytest.raises(ValueError, match='"moment" is missing'):
        typed_value(Told, told, reading)


@pytest.mark.parametrize("value", [None, 5, "yesterday", "2026-11-21T15:00:00", True])
def test_moments_are_iso_8601_and_know_their_distance_from_utc(value):
    with pytest.raises(ValueError, match="cannot be"):
        typed_value(datetime, value, Reading("it", complete=True), "it")
