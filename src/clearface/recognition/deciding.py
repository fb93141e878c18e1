"""Who a face is, among people who are known: nearest neighbours or nearest mean, with calibrated doubt."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from clearface.arrays import DoubleArray, FloatArray
from clearface.errors import GalleryError, UsageError
from clearface.recognition.base import (
    Answer,
    Candidate,
    Condition,
    Decision,
    ExpectedErrors,
    IndexArray,
    KnownFaces,
    Rate,
)
from clearface.recognition.error_tables import ConditionErrors, ErrorTable, check_false_match_rate
from clearface.recognition.pooling import weighted_means
from clearface.suggestions import one_of

Method = Literal["knn", "mean"]
Weights = Literal["distance", "uniform"]

DEFAULT_NEIGHBOURS = 3
DEFAULT_WEIGHTS: Weights = "distance"
DEFAULT_FALSE_MATCH_RATE = 0.001
DEFAULT_TOP = 5
"""Candidates that are told."""

PRIOR_UNKNOWN = 0.5
"""The chance that a face is of somebody else, before it is looked at; the rest is shared by all who are known, alike."""

_EQUALLY_NEAR = 1e-5
"""Cosine distances of float32 vectors that are no further apart are equal within rounding."""

_EQUAL_VOTES = 1e-6
"""In parts of the vote."""

_FACES_AT_ONCE = 16


@dataclass(frozen=True)
class DecisionRule:
    """How somebody is chosen. Raises UsageError where the options do not go together."""

    method: str = "knn"
    """`knn`: the k nearest photos vote (Cover and Hart 1967), but those beyond the threshold do not; `mean`: the person whose
    photos are nearest on average, weighted by their quality (the nearest class mean)."""

    k: int | None = None
    """Photos that vote; None for `DEFAULT_NEIGHBOURS`."""

    weights: str | None = None
    """`uniform`: a photo, a vote; `distance`: the nearer, the more, as 1/distance; None for `DEFAULT_WEIGHTS`."""

    false_match_rate: float = DEFAULT_FALSE_MATCH_RATE
    """Of comparisons with photos of somebody else, how many may be taken for the same person; the threshold follows from it."""

    def __post_init__(self) -> None:
        one_of("the method", self.method, get_args(Method))
        if self.weights is not None:
            one_of("the weights", self.weights, get_args(Weights))
        if self.method.lower() == "mean" and not (self.k is None and self.weights is None):
            raise UsageError("nearest means have no neighbours that vote: k and weights are for knn")
        if self.k is not None and self.k < 1:
            raise UsageError(f"at least 1 neighbour votes, not {self.k}")
        check_false_match_rate(self.false_match_rate)

    @property
    def by_mean(self) -> bool:
        return self.method.lower() == "mean"

    @property
    def neighbours(self) -> int:
        return DEFAULT_NEIGHBOURS if self.k is None else self.k

    @property
    def by_distance(self) -> bool:
        return (self.weights or DEFAULT_WEIGHTS).lower() == "distance"


@dataclass(frozen=True, eq=False)
class _People:
    """How near a face is to all who have a photo, in the order of `KnownFaces.people`."""

    distances: FloatArray
    """`(P,)`: what each is named by."""

    probabilities: DoubleArray
    """`(P,)`."""


class Decider:
    """Compares faces with all that are known, by one matrix product.

    A probability is that of Bayes' rule. Before looking, half of all faces are of somebody else (`PRIOR_UNKNOWN`), and the people
    who are known share the other half alike. What is seen speaks for a person by the likelihood ratio that the error table gives
    for faces in this condition: of the mean distance for `mean`, for `knn` the mean of the ratios of all photos of the person,
    which stays calibrated whether or not these tell the same. The probabilities of all people and of somebody else sum to 1.
    """

    def __init__(self, known: KnownFaces, rule: DecisionRule, errors: ErrorTable) -> None:
        """Raises GalleryError where nobody is known, UsageError where the table cannot tell the false-match rate of the rule."""
        if not len(known.vectors):
            raise GalleryError("nobody is known: the gallery is empty")
        for cell in errors.cells:
            cell.threshold(rule.false_match_rate)
        self._rule, self._errors = rule, errors
        order = np.argsort(known.owners, kind="stable")
        in_order = bool((order == np.arange(len(order))).all())
        vectors = known.vectors if in_order else known.vectors[order]
        self._vectors = np.ascontiguousarray(vectors, np.float32)
        self._photos = known.photos if in_order else tuple(known.photos[place] for place in order)
        owners = known.owners[order]
        held, self._starts, self._counts = np.unique(owners, return_index=True, return_counts=True)
        self._people = tuple(known.people[place] for place in held)
        self._owners: IndexArray = np.repeat(np.arange(len(held)), self._counts)
        self._means = (
            weighted_means(self._vectors, self._owners, known.qualities[order], len(held)) if rule.by_mean else None
        )
        self._all_people = max(known.all_people or 0, len(held))
        self._all_photos = max(known.all_photos or 0, len(known.vectors))

    def decide(self, vectors: FloatArray, conditions: Sequence[Condition], top: int = DEFAULT_TOP) -> list[Answer]:
        """Who each of the faces is.

        vectors: `(M, D)` float32 of unit length. conditions: M. top: how many candidates are told; all who are tied are. An
        answer depends neither on the other faces nor on the order of what is known. Raises ValueError where the numbers differ, a
        vector is no number, or `top` is below 1.
        """
        if len(vectors) != len(conditions) or top < 1 or not np.isfinite(vectors).all():
            raise ValueError("there is one condition for each vector, all of them numbers, and one candidate at least")
        if vectors.shape[1:] != self._vectors.shape[1:]:
            raise ValueError(f"vectors of {self._vectors.shape[1]} numbers are known, not of {vectors.shape[1:]}")
        answers: list[Answer] = []
        for start in range(0, len(vectors), _FACES_AT_ONCE):
            part = np.asarray(vectors[start : start + _FACES_AT_ONCE], np.float32)
            compared = self._vectors if self._means is None else self._means
            distances = np.clip(1 - part @ compared.T, 0, 2)
            for own, vector, condition in zip(distances, part, conditions[start:], strict=False):
                answers.append(self._answer(own, vector, condition, top))
        return answers

    def _answer(self, distances: FloatArray, vector: FloatArray, condition: Condition, top: int) -> Answer:
        """distances: `(N,)` to all photos, or `(P,)` to all means."""
        cell = self._errors.cell(condition)
        threshold = cell.threshold(self._rule.false_match_rate)
        people = self._by_mean(distances, cell) if self._rule.by_mean else self._by_neighbours(distances, cell)
        leading = [] if self._rule.by_mean else self._voted(distances, threshold)
        if self._rule.by_mean and people.distances.min() <= threshold:
            leading = np.flatnonzero(people.distances <= people.distances.min() + _EQUALLY_NEAR).tolist()
        if len(leading) == 1:
            # As near as the one who won the vote: that votes differ does not part them.
            own = people.distances[leading[0]]
            leading = np.flatnonzero(np.abs(people.distances - own) <= _EQUALLY_NEAR).tolist()
        decision = Decision.UNKNOWN if not leading else Decision.NAMED if len(leading) == 1 else Decision.TIED
        shown = self._in_order(people, leading)
        if decision is not Decision.TIED:
            shown += [place for place in self._nearest(people, top + len(leading)) if place not in leading]
            shown = shown[:top]
        candidates = tuple(self._candidate(place, people, distances, vector) for place in shown)
        return Answer(decision, candidates, threshold, self._expected(cell, condition, threshold))

    def _by_neighbours(self, distances: FloatArray, cell: ConditionErrors) -> _People:
        nearest = np.minimum.reduceat(distances, self._starts)
        ratios = np.exp(cell.log_likelihood_ratio(distances))
        return _People(nearest, self._posterior(np.add.reduceat(ratios, self._starts, dtype=np.float64) / self._counts))

    def _by_mean(self, distances: FloatArray, cell: ConditionErrors) -> _People:
        ratios = np.exp(cell.log_likelihood_ratio(distances).astype(np.float64))
        return _People(distances, self._posterior(ratios))

    def _posterior(self, ratios: DoubleArray) -> DoubleArray:
        """`(P,)` from likelihood ratios `(P,)`. Who is not among these, far away in a large gallery, counts as 0 here."""
        joint = ratios * ((1 - PRIOR_UNKNOWN) / self._all_people)
        return np.asarray(joint / (PRIOR_UNKNOWN + joint.sum()), np.float64)

    def _voted(self, distances: FloatArray, threshold: float) -> list[int]:
        """Who has the most votes of the nearest photos within the threshold: nobody, one, or several."""
        count = min(self._rule.neighbours, len(distances))
        furthest = np.partition(distances, count - 1)[count - 1]
        # Of photos that are equally near none is preferred, so that more than k may vote.
        voting = np.flatnonzero((distances <= furthest + _EQUALLY_NEAR) & (distances <= threshold))
        if not len(voting):
            return []
        votes = 1 / np.maximum(distances[voting], _EQUALLY_NEAR) if self._rule.by_distance else np.ones(len(voting))
        sums = np.bincount(self._owners[voting], votes)
        return np.flatnonzero(sums >= sums.max() * (1 - _EQUAL_VOTES)).tolist()

    def _nearest(self, people: _People, count: int) -> list[int]:
        """The nearest people, at least so many where there are."""
        count = min(count, len(people.distances))
        furthest = np.partition(people.distances, count - 1)[count - 1]
        return self._in_order(people, np.flatnonzero(people.distances <= furthest + _EQUALLY_NEAR).tolist())

    def _in_order(self, people: _People, places: Sequence[int]) -> list[int]:
        """Nearest first; of those equally near, the first by name."""
        ordered = sorted(places, key=lambda place: float(people.distances[place]))
        groups: list[list[int]] = []
        for place in ordered:
            if groups and people.distances[place] - people.distances[groups[-1][0]] <= _EQUALLY_NEAR:
                groups[-1].append(place)
            else:
                groups.append([place])
        return [place for group in groups for place in sorted(group, key=lambda place: self._people[place].name)]

    def _candidate(self, place: int, people: _People, distances: FloatArray, vector: FloatArray) -> Candidate:
        start = int(self._starts[place])
        own = slice(start, start + int(self._counts[place]))
        photos = np.clip(1 - self._vectors[own] @ vector, 0, 2) if self._rule.by_mean else distances[own]
        nearest = min(
            self._photos[start + int(index)] for index in np.flatnonzero(photos <= photos.min() + _EQUALLY_NEAR)
        )
        return Candidate(
            self._people[place], float(people.probabilities[place]), float(people.distances[place]), nearest
        )

    def _expected(self, cell: ConditionErrors, condition: Condition, threshold: float) -> ExpectedErrors:
        once = cell.false_matches(threshold)
        comparisons = self._all_people if self._rule.by_mean else self._all_photos
        return ExpectedErrors(
            self._errors.words(condition),
            cell.missed(threshold),
            strangers_named(once, comparisons, self._all_people),
        )


def strangers_named(once: Rate, comparisons: int, people: int) -> Rate:
    """How many strangers are taken for somebody, from how often one comparison of a stranger is a false match.

        1 - (1 - rate)^comparisons

    comparisons: with how many photos, or means, a face is compared. The value supposes that these comparisons fail one by one,
    and errs on the side of caution: photos of one person are alike and fail together. So the lower bound supposes that all photos
    of a person fail together, in `people` comparisons of the lowest rate the measurement allows, and the upper bound that none
    do, at the highest.
    """

    def any_of(rate: float, count: int) -> float:
        return float(-np.expm1(count * np.log1p(-min(rate, 1 - 1e-12))))

    return Rate(any_of(once.value, comparisons), any_of(once.low, people), any_of(once.high, comparisons), once.count)
