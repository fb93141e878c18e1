import pytest

from clearface.suggestions import did_you_mean


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
