"""Thresholds and errors against sorting by hand, calibration against what it promises, files against damage."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearface.errors import ModelError, PhotoError, UsageError
from clearface.recognition.base import Condition
from clearface.recognition.conditions import CONDITION_BINS, ConditionBin, bin_of
from clearface.recognition.error_tables import (
    Calibration,
    ErrorTable,
    MeasuredDistances,
    load_error_table,
    read_error_table,
    write_error_table,
)
from clearface.recognition.measuring_tables import (
    PairDistances,
    calibrated,
    condition_errors,
    measure_error_table,
    summarized,
)

ANY = ConditionBin(0, None)
distance_lists = st.lists(st.integers(0, 60).map(lambda step: step / 40), min_size=1, max_size=400)


@given(distances=distance_lists, share=st.floats(0.001, 0.999))
def test_no_more_strangers_pass_than_are_allowed(distances: list[float], share: float) -> None:
    ordered = np.sort(np.array(distances, np.float32))
    threshold = summarized(ordered).greatest_with(share)
    assert np.count_nonzero(ordered <= threshold) <= share * len(ordered) * (1 + 1e-5)


@given(distances=distance_lists, share=st.floats(0.001, 0.999))
def test_the_share_that_is_asked_for_keeps_within(distances: list[float], share: float) -> None:
    ordered = np.sort(np.array(distances, np.float32))
    reach = np.float32(summarized(ordered).least_with(share))
    assert np.count_nonzero(ordered <= reach) >= share * len(ordered) * (1 - 1e-5)
    assert reach in ordered


@pytest.mark.parametrize("rate", [0.1, 0.05, 0.02, 0.01, 0.005, 0.001, 0.0005, 0.0001, 0.00002])
def test_thresholds_are_what_sorting_gives(pairs: Callable[..., PairDistances], rate: float) -> None:
    measured = pairs()
    cell = condition_errors(ANY, measured)
    ordered = sorted(measured.impostors)
    threshold = cell.threshold(rate)
    allowed = int(rate * len(ordered) + 1e-9)
    assert ordered[allowed - 1] == np.float32(threshold)
    assert sum(value <= threshold for value in ordered) == allowed
    assert cell.false_matches(threshold).value == pytest.approx(rate)
    missed = sum(value > threshold for value in measured.genuine) / len(measured.genuine)
    assert cell.missed(threshold).value == pytest.approx(missed, abs=0.003)
    assert cell.missed(threshold).low <= missed <= cell.missed(threshold).high


@given(distances=distance_lists, at=st.floats(-0.1, 2.1), step=st.floats(0, 0.5))
def test_more_pairs_lie_within_a_greater_distance(distances: list[float], at: float, step: float) -> None:
    measured = summarized(np.sort(np.array(distances, np.float32)))
    near, far = measured.within(at), measured.within(at + step)
    assert 0 <= near <= far <= measured.count == len(distances)
    exact = np.count_nonzero(np.array(distances, np.float32) <= at)
    known = np.searchsorted(measured.distances, at, "right")
    low = measured.ranks[known - 1] if known else 0
    high = measured.ranks[known] if known < len(measured.ranks) else measured.count
    assert low <= exact <= high
    assert low <= near <= high


def test_a_rate_too_few_pairs_can_tell_is_refused(pairs: Callable[..., PairDistances]) -> None:
    cell = condition_errors(ANY, pairs(impostors=4000))
    assert cell.least_false_match_rate == 0.00075
    cell.threshold(0.00075)
    with pytest.raises(UsageError, match=r"1e-05 cannot be told from 4,000 pairs of strangers.*0\.00075 is the least"):
        cell.threshold(1e-5)
    with pytest.raises(UsageError, match=r"0\.0006 cannot be told"):
        cell.threshold(0.0006)
    told = condition_errors(ANY, pairs(impostors=3713))
    with pytest.raises(UsageError, match=r"0\.00081 is the least"):
        told.threshold(1e-5)
    told.threshold(0.00081)
    for rate in (0.0, 1.0, -1.0, float("nan")):
        with pytest.raises(UsageError, match="lies between 0 and 1"):
            cell.threshold(rate)


@given(seed=st.integers(0, 10**6), apart=st.floats(-0.3, 1.2), first=st.floats(0, 2), second=st.floats(0, 2))
def test_what_speaks_for_one_person_falls_with_the_distance(
    seed: int, apart: float, first: float, second: float
) -> None:
    generator = np.random.default_rng(seed)
    genuine = generator.normal(0.5, 0.1, 60).clip(0, 2).astype(np.float32)
    impostors = generator.normal(0.5 + apart, 0.1, 400).clip(0, 2).astype(np.float32)
    cell = condition_errors(ANY, PairDistances(genuine, impostors))
    near, far = cell.log_likelihood_ratio(np.array(sorted((first, second))))
    assert near >= far
    assert np.log(401) + 1e-5 >= near
    assert far >= -np.log(61) - 1e-5


def test_odds_are_multiplied_as_the_ratio_says(pairs: Callable[..., PairDistances]) -> None:
    """Of fresh pairs, half of them of one person, the share that is so is the probability told, in each tenth of it."""
    measured, fresh = pairs(apart=0.2), pairs(seed=1, genuine=50_000, impostors=50_000, apart=0.2)
    cell = condition_errors(ANY, measured)
    distances = np.concatenate([fresh.genuine, fresh.impostors])
    is_one = np.arange(len(distances)) < 50_000
    told = 1 / (1 + np.exp(-cell.log_likelihood_ratio(distances).astype(float)))
    for low in np.arange(0, 1, 0.1):
        some = (told >= low) & (told < low + 0.1)
        if some.sum() > 1000:
            assert is_one[some].mean() == pytest.approx(told[some].mean(), abs=0.05)


def test_the_calibration_is_the_best_logistic_one(pairs: Callable[..., PairDistances]) -> None:
    measured = pairs(genuine=500, impostors=3000, apart=0.2)
    own = calibrated(measured.genuine, measured.impostors)

    def loss(intercept: float, slope: float) -> float:
        total = 0.0
        for distances, sign in ((measured.genuine, 1), (measured.impostors, -1)):
            ratio = sign * (intercept + slope * distances.astype(float))
            right = (len(distances) + 1) / (len(distances) + 2)
            total += float(np.mean(right * np.logaddexp(0, -ratio) + (1 - right) * np.logaddexp(0, ratio)))
        return total

    best = loss(own.intercept, own.slope)
    for change in (-0.3, 0.3):
        assert loss(own.intercept + change, own.slope) > best
        assert loss(own.intercept, own.slope + change) > best
        assert loss(own.intercept - 0.45 * change, own.slope + change) > best


def test_strangers_that_are_nearer_tell_nothing(pairs: Callable[..., PairDistances]) -> None:
    wrong = pairs(apart=-0.2)
    assert calibrated(wrong.genuine, wrong.impostors).slope == 0
    cleanly = calibrated(np.full(50, 0.1, np.float32), np.full(500, 1.0, np.float32))
    assert np.isfinite([cleanly.intercept, cleanly.slope]).all()
    assert cleanly.slope < 0


def test_numbers_that_cannot_be_are_refused() -> None:
    for distances, ranks, count in (
        ((0.1, 0.1), (1, 2), 2),
        ((0.1, 0.2), (2, 1), 1),
        ((), (), 0),
        ((0.1,), (1,), 2),
        ((3.0,), (1,), 1),
    ):
        with pytest.raises(ValueError, match=r"rank|rise|0 to 2"):
            MeasuredDistances(count, distances, ranks)
    with pytest.raises(ValueError, match="falls with the distance"):
        Calibration(0, 1, -1, 1)
    with pytest.raises(ValueError, match="distances are numbers"):
        condition_errors(ANY, PairDistances(np.array([np.nan]), np.ones(400)))


def test_conditions_with_few_pairs_are_left_out(pairs: Callable[..., PairDistances], stand_in: Any) -> None:
    few, many = pairs(genuine=10), pairs(genuine=30, impostors=400)
    measured = measure_error_table(
        stand_in, "made up", {CONDITION_BINS[3]: many, CONDITION_BINS[0]: many, CONDITION_BINS[1]: few}
    )
    assert [cell.bin for cell in measured.cells] == [CONDITION_BINS[0], CONDITION_BINS[3]]
    assert (measured.embedder, measured.checksum) == (stand_in.name, stand_in.checksum)
    assert measured.least_false_match_rate == 3 / 400
    with pytest.raises(UsageError, match="too few photos"):
        measure_error_table(stand_in, "made up", {CONDITION_BINS[1]: few})


def test_a_condition_that_was_not_measured_gets_one_no_easier(table: Callable[..., ErrorTable]) -> None:
    def own(size: float, blur: float | None) -> ConditionBin:
        return bin_of(Condition(size, blur))

    some = table(own(80, 0), own(80, 0.1), own(50, 0.03), own(80, None))
    assert some.cell(Condition(80, 0.0)).bin == own(80, 0)
    assert "nearest" not in some.words(Condition(80, 0.0))
    assert some.cell(Condition(500, 0.0)).bin == own(80, 0)
    assert some.words(Condition(500, 0.0)).endswith("the nearest that were measured")
    assert some.cell(Condition(80, 0.03)).bin == own(50, 0.03)
    assert some.cell(Condition(80, 0.06)).bin == own(80, 0.1)
    assert some.cell(Condition(80, 0.4)).bin == own(80, None)
    assert some.cell(Condition(20, 0.0)).bin == own(80, None)
    assert "more errors are to be expected" in some.words(Condition(20, 0.0))
    assert table().cell(Condition(20, 0.3)).bin == ANY
    assert "more errors are to be expected" in table().words(Condition(20, None))


def test_a_table_is_read_back_as_it_was(table: Callable[..., ErrorTable], tmp_path: Path) -> None:
    path = tmp_path / "own.errors.json"
    full = table(*CONDITION_BINS)
    write_error_table(full, path)
    assert read_error_table(path) == full
    assert path.stat().st_size < 200_000
    with pytest.raises(PhotoError, match="exists already"):
        write_error_table(full, path)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "damaged, or no JSON at all"),
        ("[]", "no table of recognition errors"),
        ('{"format": "clearface recognition errors 9"}', "this clearface reads"),
        ('{"format": "clearface recognition errors 1"}', "damaged table"),
        ('{"format": "clearface recognition errors 1", "embedder": 3}', "damaged table"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(ModelError, match=rf"other\.json: .*{sentence}"):
        read_error_table(path)


def test_a_damaged_table_is_refused(table: Callable[..., ErrorTable], tmp_path: Path) -> None:
    path = tmp_path / "own.errors.json"
    write_error_table(table(), path)
    values = json.loads(path.read_text())
    values["cells"][0]["impostors"]["ranks"][3] = 1
    path.write_text(json.dumps(values))
    with pytest.raises(ModelError, match=r"own\.errors\.json: a damaged table of recognition errors: .*rise"):
        read_error_table(path)
    with pytest.raises(ModelError, match=r"none\.json: cannot be read: there is no such file"):
        read_error_table(tmp_path / "none.json")


def test_tables_are_of_one_embedder(table: Callable[..., ErrorTable], stand_in: Any, tmp_path: Path) -> None:
    path = tmp_path / "own.errors.json"
    write_error_table(table(), path)
    assert load_error_table(stand_in, path) == table()
    other = type(stand_in)("other.onnx (87654321)", "cd" * 32)
    with pytest.raises(
        ModelError, match=r"errors of stand-in \(12345678\), and the embedder is other\.onnx \(87654321\)"
    ):
        load_error_table(other, path)
    with pytest.raises(ModelError, match=r"--embedder onnx --embedder-model FILE --save-table FILE\.errors\.json"):
        load_error_table(other)
    with pytest.raises(ModelError, match=r"PEOPLE --embedder lbp --save-table FILE\.errors\.json"):
        load_error_table(other, method="lbp")


def test_shipped_tables_are_found_by_checksum(
    table: Callable[..., ErrorTable], stand_in: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clearface.recognition import error_tables

    write_error_table(table(), tmp_path / "dlib.errors.json")
    monkeypatch.setattr(error_tables, "weight_path", tmp_path.joinpath)
    assert load_error_table(stand_in) == table()
