"""The learning rate over a run, against its formula."""

import math

import pytest

from clearface.errors import UsageError
from clearface.train.engine.schedules import Schedule, learning_rate_factor


def test_a_cosine_warms_up_and_falls_along_half_a_wave() -> None:
    schedule = Schedule(warm_up=10, final=0.1)
    factors = [learning_rate_factor(step, 110, schedule) for step in range(110)]
    assert factors[:10] == pytest.approx([(step + 1) / 10 for step in range(10)])
    assert factors[59] == pytest.approx(0.1 + 0.9 * (1 + math.cos(math.pi * 50 / 101)) / 2)
    assert all(earlier > later for earlier, later in zip(factors[9:-1], factors[10:], strict=True))
    assert 0.1 < factors[-1] < 0.102


def test_a_plateau_stays_until_its_final_fall() -> None:
    schedule = Schedule("plateau", warm_up=10, fall=20)
    factors = [learning_rate_factor(step, 100, schedule) for step in range(100)]
    assert factors[0] == pytest.approx(0.1)
    assert set(factors[9:80]) == {1.0}
    assert factors[89] == pytest.approx((1 + math.cos(math.pi * 10 / 21)) / 2)
    assert 0 < factors[99] < 0.01


def test_a_run_shorter_than_its_warm_up_and_its_fall_has_a_rate_all_the_same() -> None:
    for shape in ("cosine", "plateau"):
        factors = [learning_rate_factor(step, 5, Schedule(shape, warm_up=10, fall=20)) for step in range(5)]
        assert all(0 < factor <= 1 for factor in factors)
    assert learning_rate_factor(0, 1, Schedule(warm_up=0)) > 0


def test_wrong_schedules_are_refused() -> None:
    with pytest.raises(UsageError, match=r'one of cosine, plateau, not "line"'):
        Schedule("line")
    with pytest.raises(UsageError, match="warm_up"):
        Schedule(warm_up=-1)
