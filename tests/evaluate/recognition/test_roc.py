"""Rates of pairs against loops that count them one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearface.evaluate.recognition.roc import PairCurve, PairPeople, bootstrapped
from clearface.evaluate.recognition.verification_results import curve_points, match_rates

DISTANCES = st.lists(st.integers(0, 20), min_size=1, max_size=40)


def counted(genuine: list[int], impostors: list[int], allowed: float) -> float:
    """The greatest share of pairs of one person within any distance that no more than this share of the others is within."""
    best = 0.0
    for distance in {*genuine, *impostors}:
        false_matches = sum(other <= distance for other in impostors) / len(impostors)
        if false_matches <= allowed + 1e-12:
            best = max(best, sum(own <= distance for own in genuine) / len(genuine))
    return best


def curve_of(genuine: list[int], impostors: list[int]) -> PairCurve:
    return PairCurve(np.array(genuine + impostors, float), np.arange(len(genuine) + len(impostors)) < len(genuine))


@given(DISTANCES, DISTANCES, st.sampled_from([1e-3, 0.05, 0.1, 0.25, 0.5, 1.0]))
def test_true_match_rates_are_those_of_counting(genuine: list[int], impostors: list[int], allowed: float) -> None:
    roc = curve_of(genuine, impostors).roc()
    assert roc is not None
    assert roc.true_match_rate(allowed) == pytest.approx(counted(genuine, impostors, allowed))


@given(DISTANCES, DISTANCES)
def test_the_equal_error_rate_lies_where_both_errors_cross(genuine: list[int], impostors: list[int]) -> None:
    roc = curve_of(genuine, impostors).roc()
    assert roc is not None
    errors = []
    for distance in (-1, *sorted({*genuine, *impostors})):
        taken = sum(other <= distance for other in impostors) / len(impostors)
        missed = sum(own > distance for own in genuine) / len(genuine)
        errors.append((taken, missed))
    after = next(place for place, (taken, missed) in enumerate(errors) if taken >= missed)
    # along the straight piece between both points, by bisection
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        taken, missed = (
            errors[after - 1][kind] + middle * (errors[after][kind] - errors[after - 1][kind]) for kind in (0, 1)
        )
        low, high = (low, middle) if taken >= missed else (middle, high)
    expected = errors[after - 1][0] + high * (errors[after][0] - errors[after - 1][0])
    assert roc.equal_error_rate == pytest.approx(expected, abs=1e-9)


def test_clean_pairs_have_no_errors_and_turned_ones_nothing_else() -> None:
    clean, turned = curve_of([1, 2, 3], [7, 8]).roc(), curve_of([7, 8], [1, 2, 3]).roc()
    assert clean is not None
    assert turned is not None
    assert (clean.equal_error_rate, clean.true_match_rate(0.001)) == (0, 1)
    assert (turned.equal_error_rate, turned.true_match_rate(0.5)) == (1, 0)


@given(DISTANCES, DISTANCES, st.integers(0, 2**32 - 1))
def test_a_weight_of_two_is_the_pair_twice(genuine: list[int], impostors: list[int], seed: int) -> None:
    counts = np.random.default_rng(seed).integers(1, 4, len(genuine) + len(impostors))
    weighed = curve_of(genuine, impostors).roc(counts)
    repeated = curve_of(
        list(np.repeat(genuine, counts[: len(genuine)])), list(np.repeat(impostors, counts[len(genuine) :]))
    ).roc()
    assert weighed is not None
    assert repeated is not None
    np.testing.assert_allclose(weighed.true_matches, repeated.true_matches)
    np.testing.assert_allclose(weighed.false_matches, repeated.false_matches)


def test_intervals_hold_the_rates_and_are_wider_where_people_differ() -> None:
    generator = np.random.default_rng(0)
    people = np.repeat(np.arange(20), 10)
    hard = generator.normal(0, 0.3, 20)[people]
    genuine = 0.5 + hard + generator.normal(0, 0.05, 200)
    impostors = generator.normal(1.2, 0.2, 400)
    first = np.concatenate([people, generator.integers(0, 20, 400)])
    second = np.concatenate([people, (first[200:] + 1 + generator.integers(0, 18, 400)) % 20])
    same = np.arange(600) < 200
    curve = PairCurve(np.concatenate([genuine, impostors]), same)
    roc = curve.roc()
    assert roc is not None
    (by_people,), error = bootstrapped(curve, same, PairPeople(first, second), (0.1,), 3)
    (by_pairs,), _ = bootstrapped(curve, same, None, (0.1,), 3)
    assert by_people.low <= roc.true_match_rate(0.1) <= by_people.high
    assert error.low <= roc.equal_error_rate <= error.high
    assert by_people.high - by_people.low > 1.5 * (by_pairs.high - by_pairs.low)
    assert bootstrapped(curve, same, PairPeople(first, second), (0.1,), 3) == ([by_people], error)


def test_pairs_of_one_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="pairs of one person and pairs of two"):
        PairCurve(np.zeros(3), np.ones(3, bool))


def test_rates_below_what_the_pairs_can_tell_are_left_out() -> None:
    generator = np.random.default_rng(1)
    curve = PairCurve(generator.random(400), np.arange(400) < 100)
    roc = curve.roc()
    assert roc is not None
    bounds, _ = bootstrapped(curve, np.arange(400) < 100, None, (0.1, 0.01, 0.001), 0)
    told = match_rates(roc, 300, (0.1, 0.01, 0.001), bounds, 3)
    assert [rate.true_match_rate is None for rate in told] == [False, False, True]


def test_the_points_of_a_curve_rise_and_lie_on_it() -> None:
    generator = np.random.default_rng(2)
    roc = PairCurve(generator.random(5000), np.arange(5000) < 1000).roc()
    assert roc is not None
    points = curve_points(roc)
    assert 20 < len(points) < 800
    rates = np.array(points)
    assert (np.diff(rates, axis=0) >= 0).all()
    assert points[-1][1:] == (1, 1)
    for _, false_matches, true_matches in points:
        assert roc.true_match_rate(false_matches) == true_matches
