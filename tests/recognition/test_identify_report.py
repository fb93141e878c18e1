"""Who a face is, as it is told."""

import json

import pytest

from clearface.recognition.base import Answer, Candidate, Condition, Decision, ExpectedErrors, KnownPerson, Rate
from clearface.recognition.identify_report import IdentityReport, expected_words
from clearface.verdicts import Verdict

EXPECTED = ExpectedErrors(
    "blurred over 2% to 5% of the face's square, 64 to 100 pixels",
    Rate(0.1234, 0.1, 0.15, 800),
    Rate(0.00102, 0.0004, 0.0021, 90_000),
)
ADA = KnownPerson("Ada", "wrote the first program", "https://example.org/ada")
GRACE = KnownPerson('Grace "the 😀" O\'Neil <b>')


def answer(decision: Decision, *candidates: Candidate) -> Answer:
    return Answer(decision, candidates, 0.4, EXPECTED)


NEAR = Candidate(ADA, 0.973, 0.2104, "ada 2.jpg")
FAR = Candidate(GRACE, 0.012, 0.612, "grace.jpg")
SMALL = Condition(80.0, 0.03)


def test_somebody_named_comes_with_all_that_is_known():
    first, expected = IdentityReport(answer(Decision.NAMED, NEAR, FAR), SMALL).as_lines()
    assert first.startswith(
        "Ada, probability 0.97, distance 0.210 to ada 2.jpg; wrote the first program; https://example.org/ada;"
    )
    assert "next Grace" in first
    assert "12% (10% to 15%) of those known are missed" in expected
    assert "0.1% (0.04% to 0.21%) of strangers are named" in expected
    assert "blurred over 2% to 5%" in expected


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (answer(Decision.UNKNOWN, FAR), "unknown; nearest Grace"),
        (answer(Decision.UNKNOWN), "unknown"),
        (answer(Decision.TIED, NEAR, FAR), "tied, so nobody is named: Ada ("),
    ],
)
def test_nobody_named_is_said_too_and_with_the_errors(told: Answer, words: str):
    report = IdentityReport(told, SMALL)
    assert report.as_lines()[0].startswith(words)
    assert report.as_lines()[-1] == expected_words(EXPECTED)
    assert not report.named
    assert report.as_dict()["name"] is None


def test_a_disagreement_stands_between_answer_and_errors():
    report = IdentityReport(answer(Decision.UNKNOWN, NEAR), SMALL, disagreement="one says this, one says that")
    assert report.as_lines()[1] == "one says this, one says that"


def test_the_json_holds_names_as_they_are():
    before, after = answer(Decision.NAMED, FAR), answer(Decision.NAMED, NEAR)
    report = IdentityReport(answer(Decision.UNKNOWN, NEAR, FAR), SMALL, before, after, "they differ", Verdict.RESTORED)
    told = json.loads(json.dumps(report.as_dict(), ensure_ascii=False))
    assert [each["name"] for each in told["candidates"]] == [ADA.name, GRACE.name]
    assert told["candidates"][1]["link"] is None
    assert (told["before"]["name"], told["after"]["name"], told["decision"]) == (GRACE.name, "Ada", "unknown")
    assert told["expected"]["missed"] == {"value": 0.1234, "low": 0.1, "high": 0.15, "count": 800}
    assert (told["size"], told["blur"], told["restored"]) == (80.0, 0.03, "restored")


def test_what_is_too_far_gone_has_no_blur():
    assert IdentityReport(answer(Decision.UNKNOWN), Condition(50.0, None)).as_dict()["blur"] is None


def test_a_rate_that_was_never_seen_is_not_rounded_to_nothing():
    rare = ExpectedErrors("sharp", Rate(0.0, 0.0, 0.00384, 1000), Rate(1e-7, 0.0, 3e-6, 10**7))
    assert "0% (0% to 0.38%)" in expected_words(rare)
    assert "1e-05% (0% to 0.0003%)" in expected_words(rare)
