"""One method on one split of one collection."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from clearface.arrays import AnyArray
from clearface.errors import UsageError
from clearface.evaluate.identities.people_faces import IndexArray
from clearface.evaluate.identities.splits import Split, draw_splits
from clearface.evaluate.recognition.recognizers import Asking, recognizer_named
from clearface.evaluate.recognition.settings import SHARP, Framing, RecognitionSettings
from clearface.evaluate.recognition.showing import GREY
from clearface.evaluate.store import UnitResult


@dataclass(frozen=True, eq=False)
class SplitUnit:
    """One method that learns the photos of one split, and is asked who is on all others."""

    collection: str
    arrays: Path
    """What the photos look like in every test: the file `CollectionArrays` were saved in."""

    made_by: str
    """Photos, settings and networks that decide what the method sees, as text."""

    method: str
    training_photos: int
    split: int
    framing: Framing
    """Of the grey pictures."""

    @property
    def faces(self) -> range:
        """What is counted: one for the unit."""
        return range(1)

    @property
    def key(self) -> str:
        """A name that changes with anything the unit stands for."""
        told = recognizer_named(self.method).told
        what = f"split {self.collection} {self.made_by} {self.method} {told} {self.training_photos} {self.split}"
        return hashlib.sha256(what.encode()).hexdigest()[:32]


@dataclass(frozen=True, eq=False)
class CollectionArrays:
    """What the photos of a collection look like."""

    people: IndexArray
    """`(N,)`: whose each is."""

    arrays: Mapping[str, AnyArray]
    """`what:test` to `(N, ...)`, as `RecognitionTools.show` gives them."""

    def of(self, what: str) -> dict[str, AnyArray]:
        """By test."""
        return {
            name.partition(":")[2]: values for name, values in self.arrays.items() if name.partition(":")[0] == what
        }


def split_of(people: IndexArray, settings: RecognitionSettings, training_photos: int, number: int) -> Split:
    """One of the splits that all methods share. Those with more training photos hold the ones with fewer."""
    return draw_splits(people, settings.seed, training_photos, number + 1)[number]


def recognized_photos(collection: CollectionArrays, settings: RecognitionSettings, unit: SplitUnit) -> UnitResult:
    """By test, whether each photo that was not learned is recognized: `(P,)` of 0 and 1.

    Raises UsageError where the method cannot learn these photos.
    """
    recognizer = recognizer_named(unit.method)
    split = split_of(collection.people, settings, unit.training_photos, unit.split)
    shown = collection.of(recognizer.embedder or GREY)
    asking = Asking(settings.neighbours, settings.distance, unit.split, unit.framing)
    probes = {test: values[split.probes] for test, values in shown.items()}
    try:
        answers = recognizer.recognize(shown[SHARP][split.gallery], collection.people[split.gallery], probes, asking)
    except ValueError as error:
        raise UsageError(
            f"{unit.method} cannot learn {unit.collection} with {unit.training_photos} photos a person: {error}"
        ) from error
    right = collection.people[split.probes]
    return UnitResult((), {test: (people == right).astype(np.float32) for test, people in answers.items()})


@lru_cache(maxsize=1)
def arrays_at(path: Path) -> CollectionArrays:
    """What was saved there."""
    with np.load(path, allow_pickle=False) as stored:
        return CollectionArrays(stored["people"], {name: stored[name] for name in stored.files if name != "people"})


def score_unit(settings: RecognitionSettings, unit: SplitUnit) -> UnitResult:
    """`recognized_photos`, for a worker process."""
    return recognized_photos(arrays_at(unit.arrays), settings, unit)
