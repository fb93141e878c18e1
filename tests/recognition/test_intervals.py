import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from clearface.recognition.intervals import measured_rate


@given(trials=st.integers(1, 10**7), share=st.floats(0, 1))
def test_as_scipy_has_it(trials: int, share: float) -> None:
    hits = round(share * trials)
    expected = stats.binomtest(hits, trials).proportion_ci(0.95, "wilson")
    rate = measured_rate(hits, trials)
    assert rate.value == hits / trials
    assert (rate.low, rate.high) == pytest.approx((expected.low, expected.high), abs=1e-9)
    assert 0 <= rate.low <= rate.value <= rate.high <= 1
    assert rate.count == trials


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    generator = np.random.default_rng(0)
    rates = [measured_rate(int(hits), 400) for hits in generator.binomial(400, 0.03, 2000)]
    assert np.mean([rate.low <= 0.03 <= rate.high for rate in rates]) == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize(("hits", "trials"), [(1, 0), (3, 2), (-1, 5)])
def test_what_is_no_share_is_refused(hits: int, trials: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        measured_rate(hits, trials)
