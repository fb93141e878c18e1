import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearface.evaluate.report.axes import axis, logarithmic_axis

values = st.lists(st.floats(-1e6, 1e6).map(lambda value: round(value, 3)), min_size=1, max_size=8)
times = st.lists(st.floats(1e-5, 1e4), min_size=1, max_size=8)


@given(values, st.booleans())
def test_every_value_lies_within_and_in_order(numbers: list[float], zero: bool) -> None:
    made = axis(numbers, 40, 390, zero=zero)
    places = [made.place(value) for value in sorted(numbers)]
    assert places == sorted(places)
    assert all(40 <= place <= 390 for place in places)
    assert not zero or 40 <= made.place(0) <= 390


@given(values)
def test_ticks_are_few_and_where_they_say(numbers: list[float]) -> None:
    made = axis(numbers, 240, 10)
    ticks = made.ticks()
    assert 2 <= len(ticks) <= 7
    for tick in ticks:
        written = float(tick.label.replace("\N{MINUS SIGN}", "-").replace(",", ""))
        assert made.place(written) == pytest.approx(tick.place, abs=0.02)
        assert 10 <= tick.place <= 240
    gaps = [second.place - first.place for first, second in zip(ticks, ticks[1:], strict=False)]
    assert max(gaps) == pytest.approx(min(gaps), abs=0.03)


@given(times)
def test_equal_ratios_are_equally_far_apart(numbers: list[float]) -> None:
    made = logarithmic_axis(numbers, 40, 390)
    assert made.high / made.low >= 10 * (1 - 1e-9)
    assert all(40 <= made.place(value) <= 390 for value in numbers)
    middle = math.sqrt(made.low * made.high)
    assert made.place(middle) == pytest.approx(215, abs=0.01)
    ticks = made.ticks()
    assert 2 <= len(ticks) <= 12
    for tick in ticks:
        assert made.place(float(tick.label)) == pytest.approx(tick.place, abs=0.01)
