"""Who is recognized before and after: the vectors of every photo of a collection of people, and the rates they give."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from clearface.arrays import AnyArray, FloatArray
from clearface.detectors.registry import build_detector
from clearface.embedders.base import Embedder
from clearface.embedders.eigenfaces import fit_eigenfaces
from clearface.embedders.face_vectors import face_vectors
from clearface.evaluate.engine import ShowProgress, complete
from clearface.evaluate.gauges.base import Metric
from clearface.evaluate.groups import by_methods, degraded
from clearface.evaluate.identities.people import PersonPhoto
from clearface.evaluate.identities.people_faces import PeopleFaces, cut_people
from clearface.evaluate.identities.recognition import recognition_metric, recognition_rates
from clearface.evaluate.identities.splits import GALLERY_PHOTOS, SPLITS, draw_splits
from clearface.evaluate.measuring import TRUTH, Tools, tools_of
from clearface.evaluate.results import SetFigure
from clearface.evaluate.settings import EvaluationSettings
from clearface.evaluate.specs import TestSpec
from clearface.evaluate.store import Store, UnitResult
from clearface.evaluate.workers import Workers

_EIGENFACES = "eigenfaces"
_FACES_AT_ONCE = 16


@dataclass(frozen=True, eq=False)
class PeopleUnit:
    """Some faces of a collection in one test."""

    test: TestSpec
    start: int
    """Place of the first among all."""

    faces: FloatArray
    """RGB float32 `(N, S, S, 3)` in [0, 1]."""

    @property
    def key(self) -> str:
        """A name that changes with anything the unit stands for."""
        told = f"people {self.test.name} {self.start} {self.faces.shape} ".encode()
        return hashlib.sha256(told + np.ascontiguousarray(self.faces).tobytes()).hexdigest()[:32]


@dataclass(frozen=True, eq=False)
class Recognition:
    """Rates of every test and method, and what they are."""

    metrics: tuple[Metric, ...]
    figures: tuple[SetFigure, ...]


def recognize(
    photos: Sequence[PersonPhoto],
    settings: EvaluationSettings,
    embedder: Embedder | None,
    store: Store,
    workers: Workers,
    show: ShowProgress,
) -> Recognition:
    """Rank-1 recognition of people in every test that aligns its faces.

    By eigenfaces, and by the embedder where there is one.

    Raises UsageError where too few faces are found, PhotoError for a photo that cannot be read, ModelError where a method fails.
    """
    tests = [test for test in settings.tests if not test.tight]
    detector = build_detector("centerface")
    people: dict[int, PeopleFaces] = {}
    sizes = sorted({test.size for test in tests})
    with show("people looked at", len(sizes) * len(photos)) as advance:
        for size in sizes:
            people[size] = cut_people(photos, detector, size, settings.max_pixels, advance)
    units = [
        PeopleUnit(test, start, people[test.size].faces[start : start + _FACES_AT_ONCE])
        for test in tests
        for start in range(0, len(people[test.size].faces), _FACES_AT_ONCE)
    ]
    complete("people measured", units, partial(people_vectors, settings), store, workers, show)
    metrics, figures = dict[str, Metric](), list[SetFigure]()
    for test in tests:
        parts = [store.load(unit.key).vectors for unit in units if unit.test is test]
        vectors = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        for metric, own in _rates(vectors, people[test.size], settings, embedder, test.name):
            metrics[metric.key] = metric
            figures += own
    return Recognition(tuple(metrics.values()), tuple(figures))


def people_vectors(settings: EvaluationSettings, unit: PeopleUnit) -> UnitResult:
    """The vectors of a unit in every space, for a worker process: by space, a colon, and the method."""
    tools = tools_of(settings)
    names = [f"person photo {unit.start + place + 1}" for place in range(len(unit.faces))]
    places = [unit.start + place for place in range(len(unit.faces))]
    vectors = dict(_vectors(tools, TRUTH, unit.faces))
    before, kernels = degraded(unit.faces, unit.test, settings, places)
    for method, batch in by_methods(before, kernels, names, tools.methods):
        vectors |= _vectors(tools, method, batch.after)
    return UnitResult((), vectors)


def _vectors(tools: Tools, method: str, faces: FloatArray) -> Mapping[str, FloatArray]:
    spaces = {f"{_EIGENFACES}:{method}": face_vectors(faces)}
    if tools.embedder is not None:
        spaces[f"{tools.settings.gauges.embedder}:{method}"] = tools.embedder.embed(faces)
    return spaces


def _rates(
    vectors: Mapping[str, AnyArray],
    people: PeopleFaces,
    settings: EvaluationSettings,
    embedder: Embedder | None,
    test: str,
) -> Sequence[tuple[Metric, list[SetFigure]]]:
    splits = draw_splits(people.people, settings.seed)
    full_names = {_EIGENFACES: "eigenfaces fitted on them"}
    if embedder is not None:
        full_names[str(settings.gauges.embedder)] = embedder.name
    answers = []
    for space in dict.fromkeys(name.partition(":")[0] for name in vectors):
        by_method = {
            name.removeprefix(f"{space}:"): values for name, values in vectors.items() if name.startswith(f"{space}:")
        }
        metric = recognition_metric(full_names[space], GALLERY_PHOTOS, SPLITS, space)
        sharp = by_method[TRUTH]
        args = (sharp, by_method, people.people, splits, settings.seed, people.people_without_face)
        rates = recognition_rates(*args, fit_eigenfaces) if space == _EIGENFACES else recognition_rates(*args)
        figures = [
            SetFigure(test, method, metric.key, rate.mean, rate.low, rate.high) for method, rate in rates.items()
        ]
        answers.append((metric, figures))
    return answers
