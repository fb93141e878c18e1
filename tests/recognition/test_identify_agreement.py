"""Two looks at one face: what they say together."""

from hypothesis import given
from hypothesis import strategies as st

from clearface.recognition.base import Answer, Candidate, Decision, ExpectedErrors, KnownPerson, Rate
from clearface.recognition.identify_agreement import agree, names_of

RATE = Rate(0.1, 0.05, 0.2, 100)
EXPECTED = ExpectedErrors("of any kind", RATE, RATE)


def answer(decision: Decision, *people: tuple[str, float], threshold: float = 0.4) -> Answer:
    candidates = tuple(
        Candidate(KnownPerson(name), probability, 1 - probability, f"{name}.jpg") for name, probability in people
    )
    return Answer(decision, candidates, threshold, EXPECTED)


def test_the_same_name_twice_is_said_as_surely_as_the_less_certain_look():
    before = answer(Decision.NAMED, ("Ada", 0.9), ("Grace", 0.05))
    after = answer(Decision.NAMED, ("Ada", 0.99), threshold=0.5)
    for one, other in ((before, after), (after, before)):
        together, disagreement = agree(one, other)
        assert (names_of(together), disagreement) == (("Ada",), None)
        assert together.candidates[0].probability == 0.9
        assert together.threshold == one.threshold


def test_two_names_name_nobody_and_tell_both():
    together, disagreement = agree(answer(Decision.NAMED, ("Ada", 0.9)), answer(Decision.NAMED, ("Grace", 0.97)))
    assert together.decision is Decision.UNKNOWN
    assert names_of(together) == ()
    assert [(each.person.name, each.probability) for each in together.candidates] == [("Grace", 0.97), ("Ada", 0.9)]
    assert disagreement is not None
    assert "before restoring it is Ada (probability 0.90), after restoring Grace (probability 0.97)" in disagreement
    assert "nobody is named" in disagreement


def test_those_named_come_first_and_no_more_are_told_than_one_look_tells():
    before = answer(Decision.NAMED, ("Ada", 0.5), ("Bea", 0.3), ("Cleo", 0.2))
    after = answer(Decision.UNKNOWN, ("Dora", 0.6), ("Eve", 0.4), ("Ada", 0.45))
    together, _ = agree(before, after)
    assert [each.person.name for each in together.candidates] == ["Ada", "Dora", "Eve"]


def test_a_name_once_and_nobody_the_other_time_is_a_disagreement():
    before, after = answer(Decision.UNKNOWN, ("Ada", 0.2)), answer(Decision.NAMED, ("Ada", 0.95))
    together, disagreement = agree(before, after)
    assert together.decision is Decision.UNKNOWN
    assert [each.probability for each in together.candidates] == [0.2]
    assert disagreement is not None
    assert "before restoring it is unknown, after restoring Ada" in disagreement


def test_a_tie_and_one_of_those_tied_is_a_disagreement():
    together, disagreement = agree(
        answer(Decision.TIED, ("Ada", 0.4), ("Grace", 0.4)), answer(Decision.NAMED, ("Ada", 0.9))
    )
    assert together.decision is Decision.UNKNOWN
    assert disagreement is not None
    assert "Ada or Grace, tied" in disagreement


def test_the_same_tie_stays_a_tie_in_whatever_order():
    together, disagreement = agree(
        answer(Decision.TIED, ("Ada", 0.4), ("Grace", 0.4)), answer(Decision.TIED, ("Grace", 0.4), ("Ada", 0.4))
    )
    assert (together.decision, disagreement) == (Decision.TIED, None)
    assert set(names_of(together)) == {"Ada", "Grace"}


NAMES = ("Ada", "Grace", "Mary")
PEOPLE = st.lists(st.sampled_from(NAMES), min_size=1, unique=True)


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    people = [(name, draw(st.floats(0, 1))) for name in draw(PEOPLE)]
    decision = draw(st.sampled_from(list(Decision) if len(people) > 1 else [Decision.NAMED, Decision.UNKNOWN]))
    return answer(decision, *people)


@given(answers(), answers())
def test_nobody_is_named_whom_not_both_looks_name(before: Answer, after: Answer):
    together, disagreement = agree(before, after)
    if together.decision is Decision.NAMED:
        assert names_of(before) == names_of(after) == names_of(together)
        assert before.decision is after.decision is Decision.NAMED
        assert together.candidates[0].probability <= min(each.candidates[0].probability for each in (before, after))
    assert (disagreement is None) == (
        before.decision is after.decision and set(names_of(before)) == set(names_of(after))
    )
    assert together.expected is before.expected


@given(answers(), answers())
def test_who_is_named_does_not_depend_on_which_look_came_first(before: Answer, after: Answer):
    one, other = agree(before, after)[0], agree(after, before)[0]
    assert (one.decision, set(names_of(one))) == (other.decision, set(names_of(other)))
