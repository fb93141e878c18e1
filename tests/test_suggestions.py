import pytest

from clearface.errors import UsageError
from clearface.suggestions import did_you_mean, one_of


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("gausian", 'did you mean "gaussian"?'),
        ("BOX", 'did you mean "box"?'),
        ("restoreformer", 'did you mean "RestoreFormer++"?'),
        ("quux", "choose from box, gaussian, RestoreFormer++"),
    ],
)
def test_the_nearest_name_is_offered_or_else_all(word: str, expected: str) -> None:
    assert did_you_mean(word, ("box", "gaussian", "RestoreFormer++")) == expected


def test_nothing_to_choose_from_is_said() -> None:
    assert did_you_mean("box", []) == "there is nothing to choose from"


def test_a_choice_is_found_in_upper_or_lower_case_or_refused() -> None:
    assert one_of("--metadata", "STRIP", ("keep", "strip")) == "strip"
    with pytest.raises(UsageError, match=r'--metadata stripp: there is no such choice: did you mean "strip"\?'):
        one_of("--metadata", "stripp", ("keep", "strip"))
