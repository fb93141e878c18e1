"""Who a face is, against loops over every photo; ties, strangers and the chances that are told."""

import math
from collections import defaultdict
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearface.arrays import FloatArray
from clearface.errors import GalleryError, UsageError
from clearface.recognition.base import Answer, Condition, Decision, KnownFaces, KnownPerson, Rate
from clearface.recognition.conditions import ConditionBin
from clearface.recognition.deciding import Decider, DecisionRule, strangers_named
from clearface.recognition.error_tables import ErrorTable
from clearface.recognition.measuring_tables import PairDistances, condition_errors

SHARP = Condition(120, 0.0)


def unit(values: np.ndarray) -> FloatArray:
    return np.asarray(values / np.linalg.norm(values, axis=-1, keepdims=True), np.float32)


def made_gallery(seed: int, people: int = 6, photos: int = 4, spread: float = 0.6, size: int = 16) -> KnownFaces:
    generator = np.random.default_rng(seed)
    owners = np.repeat(np.arange(people), photos)
    centres = generator.normal(size=(people, size))
    return KnownFaces(
        unit(centres[owners] + spread * generator.normal(size=(len(owners), size))),
        owners,
        generator.uniform(0.2, 1, len(owners)).astype(np.float32),
        tuple(f"{number}.jpg" for number in range(len(owners))),
        tuple(KnownPerson(f"person {number}") for number in range(people)),
    )


def shuffled(known: KnownFaces, seed: int) -> KnownFaces:
    order = np.random.default_rng(seed).permutation(len(known.vectors))
    return KnownFaces(
        known.vectors[order],
        known.owners[order],
        known.qualities[order],
        tuple(known.photos[place] for place in order),
        known.people,
    )


def flat(answer: Answer) -> tuple[str, list[tuple[str, str]]]:
    return answer.decision, [(candidate.person.name, candidate.photo) for candidate in answer.candidates]


@pytest.mark.parametrize("weights", ["uniform", "distance"])
@pytest.mark.parametrize("k", [1, 3, 7, 100])
def test_neighbours_vote_as_loops_count(table: Callable[..., ErrorTable], k: int, weights: str) -> None:
    errors = table()
    known = made_gallery(0)
    probes = unit(made_gallery(0, photos=9).vectors + 0.05)
    threshold = errors.cells[0].threshold(0.1)
    answers = Decider(known, DecisionRule(k=k, weights=weights, false_match_rate=0.1), errors).decide(
        probes, [SHARP] * len(probes)
    )
    seen = set()
    for probe, answer in zip(probes, answers, strict=True):
        photos = sorted(
            (1 - float(np.dot(vector, probe)), owner) for vector, owner in zip(known.vectors, known.owners, strict=True)
        )
        votes: dict[int, float] = defaultdict(float)
        for distance, owner in photos[:k]:
            if distance <= threshold:
                votes[owner] += 1 if weights == "uniform" else 1 / distance
        best = max(votes.values(), default=0.0)
        winners = {known.people[owner].name for owner, vote in votes.items() if vote == best}
        expected = Decision.UNKNOWN if not winners else Decision.NAMED if len(winners) == 1 else Decision.TIED
        assert answer.decision is expected
        if winners:
            assert {candidate.person.name for candidate in answer.candidates[: len(winners)]} == winners
        assert answer.threshold == threshold
        seen.add(expected)
    assert Decision.NAMED in seen


def test_means_are_as_loops_make_them(table: Callable[..., ErrorTable]) -> None:
    errors, known = table(), made_gallery(1)
    probes = unit(made_gallery(1, photos=9).vectors + 0.05)
    decider = Decider(known, DecisionRule("mean", false_match_rate=0.1), errors)
    for probe, answer in zip(probes, decider.decide(probes, [SHARP] * len(probes)), strict=True):
        distances = {}
        for person in range(6):
            own = known.owners == person
            apart = [1 - float(np.dot(vector, probe)) for vector in known.vectors[own]]
            distances[known.people[person].name] = float(np.average(apart, weights=known.qualities[own]))
        order = sorted(distances, key=distances.__getitem__)
        assert [candidate.person.name for candidate in answer.candidates] == order[:5]
        assert [candidate.distance for candidate in answer.candidates] == pytest.approx(
            [distances[name] for name in order[:5]], abs=1e-5
        )
        assert (answer.decision is Decision.NAMED) == (distances[order[0]] <= answer.threshold)
        first = answer.candidates[0]
        own_photos = np.flatnonzero(known.owners == order_place(known, first.person.name))
        nearest = own_photos[(known.vectors[own_photos] @ probe).argmax()]
        assert first.photo == known.photos[nearest]


def order_place(known: KnownFaces, name: str) -> int:
    return [person.name for person in known.people].index(name)


@settings(max_examples=30)
@given(
    seed=st.integers(0, 10**6),
    method=st.sampled_from([DecisionRule(false_match_rate=0.05), DecisionRule("mean", false_match_rate=0.05)]),
    people=st.integers(1, 9),
    photos=st.integers(1, 5),
)
def test_order_does_not_matter_and_chances_add_up(
    seed: int, method: DecisionRule, people: int, photos: int, table: Callable[..., ErrorTable]
) -> None:
    errors, known = table(), made_gallery(seed, people, photos)
    probes = unit(known.vectors + np.random.default_rng(seed).normal(size=known.vectors.shape) / 4)
    conditions = [SHARP] * len(probes)
    answers = Decider(known, method, errors).decide(probes, conditions, top=people)
    again = Decider(shuffled(known, seed), method, errors).decide(probes, conditions, top=people)
    alone = [Decider(known, method, errors).decide(probe[None], [SHARP], top=people)[0] for probe in probes]
    for answer, other, single in zip(answers, again, alone, strict=True):
        assert flat(answer) == flat(other) == flat(single)
        for mine, theirs in zip(answer.candidates, other.candidates, strict=True):
            assert (mine.distance, mine.probability) == pytest.approx((theirs.distance, theirs.probability), abs=1e-4)
        assert all(0 <= candidate.probability <= 1 for candidate in answer.candidates)
        assert sum(candidate.probability for candidate in answer.candidates) < 1
        assert len(answer.candidates) == people or answer.decision is Decision.TIED


def test_the_probability_is_bayes_rule(table: Callable[..., ErrorTable]) -> None:
    errors, known = table(apart=0.2), made_gallery(2)
    probe = unit(known.vectors[:1] + 0.2)
    for method in ("knn", "mean"):
        (answer,) = Decider(known, DecisionRule(method, false_match_rate=0.05), errors).decide(probe, [SHARP], top=6)
        cell = errors.cells[0]
        ratios = {}
        for number, person in enumerate(known.people):
            own = known.owners == number
            distances = 1 - known.vectors[own].astype(float) @ probe[0]
            if method == "mean":
                distances = np.array([np.average(distances, weights=known.qualities[own])])
            ratios[person.name] = np.mean(
                [math.exp(float(cell.log_likelihood_ratio(distance))) for distance in distances]
            )
        total = 0.5 + sum(0.5 / 6 * ratio for ratio in ratios.values())
        for candidate in answer.candidates:
            assert candidate.probability == pytest.approx(0.5 / 6 * ratios[candidate.person.name] / total, rel=1e-3)


def test_of_faces_drawn_by_the_prior_as_many_are_right_as_is_told() -> None:
    """Half are strangers; the table is measured on other faces of the same making."""
    size, spread = 24, 0.9
    generator = np.random.default_rng(0)

    def people_photos(people: int, photos: int) -> FloatArray:
        centres = generator.normal(size=(people, 1, size))
        return unit(centres + spread * generator.normal(size=(people, photos, size)))

    measured = people_photos(300, 2)
    products = 1 - measured[:, 0] @ measured[:, 1].T
    of_one = np.eye(300, dtype=bool)
    cell = condition_errors(ConditionBin(0, None), PairDistances(products[of_one], products[~of_one]))
    errors = ErrorTable("made up", "0" * 64, "nobody", (cell,))
    told, right = [], []
    for _ in range(60):
        faces = people_photos(8, 4)
        known = KnownFaces(
            faces[:, 0],
            np.arange(8),
            np.ones(8, np.float32),
            tuple("abcdefgh"),
            tuple(KnownPerson(name) for name in "abcdefgh"),
        )
        decider = Decider(known, DecisionRule(false_match_rate=0.01), errors)
        strangers = people_photos(24, 1)[:, 0]
        probes = np.concatenate([faces[:, 1:].reshape(24, size), strangers])
        truth = [*np.repeat(list("abcdefgh"), 3), *[""] * 24]
        for name, answer in zip(truth, decider.decide(probes, [SHARP] * 48, top=8), strict=True):
            told += [candidate.probability for candidate in answer.candidates]
            right += [candidate.person.name == name for candidate in answer.candidates]
    chances, hits = np.array(told), np.array(right)
    for low, high in ((0, 0.02), (0.02, 0.1), (0.1, 0.3), (0.3, 0.6), (0.6, 1)):
        some = (chances >= low) & (chances < high)
        assert some.sum() > 100
        assert hits[some].mean() == pytest.approx(chances[some].mean(), abs=0.1)


@pytest.mark.parametrize(
    "rule", [DecisionRule(), DecisionRule("mean"), DecisionRule(k=1), DecisionRule(weights="uniform", k=2)]
)
def test_one_person_under_two_names_is_a_tie(table: Callable[..., ErrorTable], rule: DecisionRule) -> None:
    known = made_gallery(3, photos=1)
    twice = KnownFaces(
        np.concatenate([known.vectors, known.vectors[2:3]]),
        np.append(known.owners, 6),
        np.append(known.qualities, known.qualities[2]),
        (*known.photos, "again.jpg"),
        (*known.people, KnownPerson("another name")),
    )
    (answer,) = Decider(twice, rule, table()).decide(known.vectors[2:3], [SHARP])
    assert answer.decision is Decision.TIED
    assert [candidate.person.name for candidate in answer.candidates] == ["another name", "person 2"]
    assert answer.candidates[0].probability == pytest.approx(answer.candidates[1].probability, abs=1e-6)
    assert answer.candidates[0].photo == "again.jpg"


def test_equal_votes_are_a_tie(table: Callable[..., ErrorTable]) -> None:
    probe = np.eye(1, 8, dtype=np.float32)
    angles = np.radians([5, 20, 8, 19])
    vectors = np.zeros((4, 8), np.float32)
    vectors[:, 0], vectors[np.arange(4), 1 + np.arange(4)] = np.cos(angles), np.sin(angles)
    people = (KnownPerson("one"), KnownPerson("other"))
    known = KnownFaces(vectors, np.array([0, 0, 1, 1]), np.ones(4, np.float32), ("a", "b", "c", "d"), people)
    (tied,) = Decider(known, DecisionRule(k=4, weights="uniform"), table()).decide(probe, [SHARP])
    assert tied.decision is Decision.TIED
    (named,) = Decider(known, DecisionRule(k=4, weights="distance"), table()).decide(probe, [SHARP])
    assert named.decision is Decision.NAMED
    assert named.candidates[0].person.name == "one"
    assert named.candidates[0].photo == "a"


def test_strangers_are_unknown_and_doubt_is_told(table: Callable[..., ErrorTable]) -> None:
    known = made_gallery(4)
    stranger = unit(-known.vectors[:1])
    (answer,) = Decider(known, DecisionRule(), table()).decide(stranger, [SHARP], top=3)
    assert answer.decision is Decision.UNKNOWN
    assert len(answer.candidates) == 3
    assert answer.candidates[0].distance == min(candidate.distance for candidate in answer.candidates)
    assert all(candidate.probability < 0.1 for candidate in answer.candidates)


def test_expected_errors_are_those_of_the_condition_and_the_gallery(table: Callable[..., ErrorTable]) -> None:
    sharp, blurred = ConditionBin(100, None, 0, 0.02), ConditionBin(100, None, 0.02, None)
    errors = table(sharp, blurred)
    known = made_gallery(5)
    for method, comparisons in (("knn", 24), ("mean", 6)):
        (answer,) = Decider(known, DecisionRule(method), errors).decide(known.vectors[:1], [Condition(120, 0.1)])
        assert answer.expected.condition == blurred.words
        once = errors.cells[1].false_matches(answer.threshold)
        assert once.value == pytest.approx(0.001)
        assert answer.expected.strangers_named.value == pytest.approx(1 - (1 - once.value) ** comparisons)
        assert answer.expected.missed == errors.cells[1].missed(answer.threshold)
    large = KnownFaces(
        known.vectors, known.owners, known.qualities, known.photos, known.people, all_photos=200_000, all_people=50_000
    )
    (answer,) = Decider(large, DecisionRule(), errors).decide(known.vectors[:1], [SHARP])
    assert answer.expected.strangers_named.value == pytest.approx(1, abs=1e-6)
    (small,) = Decider(known, DecisionRule(), errors).decide(known.vectors[:1], [SHARP])
    assert answer.candidates[0].probability < small.candidates[0].probability


@given(rate=st.floats(0, 1), people=st.integers(1, 1000), photos=st.integers(1, 50))
def test_more_comparisons_name_more_strangers(rate: float, people: int, photos: int) -> None:
    once = Rate(rate, rate * 0.9, min(1.0, rate * 1.1), 1000)
    told = strangers_named(once, people * photos, people)
    assert told.value == pytest.approx(1 - (1 - rate) ** (people * photos), abs=1e-9)
    assert 0 <= told.low <= told.value <= told.high <= 1
    assert strangers_named(once, people * photos + 1, people).value >= told.value


def test_people_without_a_photo_do_not_count(table: Callable[..., ErrorTable]) -> None:
    known = made_gallery(6, people=3)
    more = KnownFaces(
        known.vectors,
        known.owners + 1,
        known.qualities,
        known.photos,
        (KnownPerson("nobody"), *known.people, KnownPerson("last")),
    )
    rule = DecisionRule()
    for one, other in zip(
        Decider(known, rule, table()).decide(known.vectors, [SHARP] * 12),
        Decider(more, rule, table()).decide(known.vectors, [SHARP] * 12),
        strict=True,
    ):
        assert flat(one) == flat(other)
        assert one.candidates == other.candidates


def test_what_cannot_be_decided_is_refused(table: Callable[..., ErrorTable]) -> None:
    known, errors = made_gallery(7), table()
    empty = KnownFaces(known.vectors[:0], known.owners[:0], known.qualities[:0], (), known.people)
    with pytest.raises(GalleryError, match="nobody is known"):
        Decider(empty, DecisionRule(), errors)
    with pytest.raises(UsageError, match="cannot be told from 200,000 pairs"):
        Decider(known, DecisionRule(false_match_rate=1e-6), errors)
    decider = Decider(known, DecisionRule(), errors)
    assert decider.decide(known.vectors[:0], []) == []
    for vectors, count, top in (
        (known.vectors[:2], 1, 5),
        (known.vectors[:1], 1, 0),
        (known.vectors[:1] * np.float32("nan"), 1, 5),
        (np.ones((1, 3), np.float32), 1, 5),
    ):
        with pytest.raises(ValueError, match="vector"):
            decider.decide(vectors, [SHARP] * count, top)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"method": "nearest"}, "the method nearest"),
        ({"weights": "even"}, "the weights even"),
        ({"k": 0}, "at least 1 neighbour"),
        ({"method": "mean", "k": 3}, "k and weights are for knn"),
        ({"method": "mean", "weights": "uniform"}, "k and weights are for knn"),
        ({"false_match_rate": 0.0}, "between 0 and 1"),
    ],
)
def test_rules_that_cannot_be_are_refused(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        DecisionRule(**options)  # type: ignore[arg-type]
