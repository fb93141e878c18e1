import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearface.evaluate.report import words


@pytest.mark.parametrize(
    ("value", "digits", "plain", "with_sign"),
    [
        (3.14159, 2, "3.14", "+3.14"),
        (-0.5, 2, "\N{MINUS SIGN}0.50", "\N{MINUS SIGN}0.50"),
        (-0.001, 2, "0.00", "0.00"),
        (0.001, 2, "0.00", "0.00"),
        (12345.6, 0, "12,346", "+12,346"),
        (None, 2, words.MISSING, words.MISSING),
        (math.nan, 2, words.MISSING, words.MISSING),
        (-math.inf, 2, words.MISSING, words.MISSING),
    ],
)
def test_numbers(value: float | None, digits: int, plain: str, with_sign: str) -> None:
    assert words.fixed(value, digits) == plain
    assert words.signed(value, digits) == with_sign


@given(st.floats(-1e9, 1e9), st.integers(0, 6))
def test_a_number_reads_as_it_was_rounded(value: float, digits: int) -> None:
    text = words.signed(value, digits).replace("\N{MINUS SIGN}", "-").replace(",", "")
    assert float(text) == float(f"{value:.{digits}f}")
    assert text.startswith("+") == (float(text) > 0)
    assert text.startswith("-") == (float(text) < 0)


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_share_is_whole_only_where_it_is(part: int, whole: int) -> None:
    fraction = min(part, whole) / whole
    text = words.share(fraction)
    assert (text == "0%") == (fraction == 0)
    assert (text == "100%") == (fraction == 1)
    assert abs(float(text.strip("<>%")) - 100 * fraction) <= 1


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (words.share(None), words.MISSING),
        (words.p_value(0.0004), "<0.001"),
        (words.p_value(0.0314), "0.031"),
        (words.p_value(math.nan), words.MISSING),
        (words.seconds(0.0834), "83.4 ms"),
        (words.seconds(1.7), "1.70 s"),
        (words.seconds(123.4), "123 s"),
        (words.seconds(0), "0 ms"),
        (words.data_size(None), words.MISSING),
        (words.data_size(999), "999 bytes"),
        (words.data_size(13_600_000), "13.6 MB"),
        (words.data_size(4 * 10**15), "4,000 TB"),
        (words.count_in_words(3_400_000), "3.40 M"),
        (words.count_in_words(12), "12"),
        (words.counted(1, "face"), "1 face"),
        (words.counted(1250, "face"), "1,250 faces"),
        (words.listed(["a"]), "a"),
        (words.listed(["a", "b", "c"]), "a, b and c"),
        (words.breakable("a:b<"), "a:<wbr>b&lt;"),
        (words.breakable("a:n=50/0,c+d"), "a:<wbr>n=<wbr>50/0,<wbr>c+d"),
    ],
)
def test_words(said: str, expected: str) -> None:
    assert said == expected
