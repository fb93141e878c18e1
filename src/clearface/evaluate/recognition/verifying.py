"""A verification from beginning to end: look, degrade, restore, compare, write."""

from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np

from clearface import __version__
from clearface.arrays import AnyArray, FloatArray
from clearface.errors import UsageError
from clearface.evaluate.engine import ShowProgress, complete
from clearface.evaluate.identities.people import find_people
from clearface.evaluate.identities.people_faces import IndexArray
from clearface.evaluate.planning import jobs_of
from clearface.evaluate.recognition.pairs import Pairs, kept_pairs, pairs_of_people, read_pairs
from clearface.evaluate.recognition.roc import PairCurve, PairPeople, bootstrapped
from clearface.evaluate.recognition.verification_photos import (
    VerificationSettings,
    measure_verification,
    verification_tools,
    verification_units,
)
from clearface.evaluate.recognition.verification_results import (
    VerificationResults,
    Verified,
    curve_points,
    match_rates,
    roc_plot,
    verification_csv,
    verification_json,
    verification_markdown,
)
from clearface.evaluate.settings import SharpFolder
from clearface.evaluate.store import Store
from clearface.evaluate.workers import workers
from clearface.files.atomic import write_atomically
from clearface.recognition.base import Condition
from clearface.recognition.conditions import ConditionBin, bin_of
from clearface.recognition.error_tables import LEAST_FALSE_MATCHES, write_error_table
from clearface.recognition.measuring_tables import PairDistances, measure_error_table

RESULTS = ("verification.json", "verification.csv", "verification.md", "roc.svg")
"""What is written."""

FALSE_MATCH_RATES = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)

_PAIRS_AT_ONCE = 200_000


@dataclass(frozen=True)
class PhotoSource:
    """Whose photos are compared."""

    people: Path | None = None
    """A folder of people."""

    strangers: Path | None = None
    """A folder of photos, each of another person."""

    pairs: Path | None = None
    """A CSV file of pairs, instead."""


@dataclass(frozen=True, eq=False)
class ChosenPhotos:
    """The photos, and who is on them or which are compared."""

    paths: tuple[Path, ...]
    people: IndexArray | None
    """`(N,)`: whose each is; None where pairs are given instead."""

    pairs: Pairs | None


def chosen_photos(source: PhotoSource) -> ChosenPhotos:
    """Raises UsageError where folders or the file are none, PhotoError where the file cannot be read."""
    if source.pairs is not None:
        named, pairs = read_pairs(source.pairs)
        return ChosenPhotos(named, None, pairs)
    assert source.people is not None
    photos = find_people(source.people)
    names = {person: place for place, person in enumerate(dict.fromkeys(photo.person for photo in photos))}
    paths = [photo.path for photo in photos]
    people = [names[photo.person] for photo in photos]
    if source.strangers is not None:
        others = [job.path for job in jobs_of(SharpFolder(source.strangers))]
        people += range(len(names), len(names) + len(others))
        paths += others
    return ChosenPhotos(tuple(paths), np.array(people, np.intp), None)


def run_verification_experiment(
    source: PhotoSource,
    settings: VerificationSettings,
    output: Path,
    save_table: Path | None,
    measured_on: str,
    command: str,
    worker_count: int,
    start_anew: bool,
    show: ShowProgress,
) -> VerificationResults:
    """Measures, and writes `RESULTS` into a folder and, where it is asked for, a table of errors for `identify`.

    measured_on: whose photos these are, in words, for the table, which replaces one that is there only when all is started anew.
    What is done is kept until all is done; the same command goes on with it. Raises UsageError, PhotoError and ModelError, each a
    sentence, as `clearface evaluate verification` tells them.
    """
    started = datetime.now(UTC).isoformat(timespec="seconds")
    chosen = chosen_photos(source)
    tools = verification_tools(settings)
    store = Store(output, {"kind": "verification", "clearface": __version__}, start_anew)
    units = verification_units(chosen.paths, settings, tools.embedder.checksum)
    with workers(worker_count) as pool:
        complete("photos measured", units, partial(measure_verification, settings), store, pool, show)
    parts = [store.load(unit.key).vectors for unit in units]
    arrays = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    found = arrays["found"] > 0
    pairs, people = _pairs_of(chosen, found, settings)
    with show("conditions compared", len(settings.conditions)) as advance:
        verified: list[Verified] = []
        for condition in settings.conditions:
            for what in ("before", "after"):
                apart = _distances(arrays[f"{what}:{condition.name}"], arrays["vector"], pairs)
                verified.append(_verified(condition.name, what == "after", apart, pairs, people, settings.seed))
            advance(1)
    if save_table is not None:
        by_bin = _by_bin(arrays, pairs, settings)
        write_error_table(measure_error_table(tools.embedder, measured_on, by_bin), save_table, overwrite=start_anew)
    results = VerificationResults(
        command,
        __version__,
        started,
        tools.embedder.name,
        int(found.sum()),
        tuple(str(path) for path, there in zip(chosen.paths, found, strict=True) if not there),
        None if chosen.people is None else len(np.unique(chosen.people[found])),
        {
            **asdict(settings),
            "embedder_model": None if settings.embedder_model is None else str(settings.embedder_model),
        },
        tuple(verified),
    )
    write_atomically(output / RESULTS[3], roc_plot(results), overwrite=True)
    write_atomically(output / RESULTS[2], verification_markdown(results, RESULTS[3]), overwrite=True)
    write_atomically(output / RESULTS[1], verification_csv(results), overwrite=True)
    write_atomically(output / RESULTS[0], verification_json(results), overwrite=True)
    store.remove()
    return results


def _pairs_of(chosen: ChosenPhotos, found: AnyArray, settings: VerificationSettings) -> tuple[Pairs, PairPeople | None]:
    """What is compared, of photos that show a face. Raises UsageError where nothing is left."""
    if chosen.pairs is not None:
        return kept_pairs(chosen.pairs, found), None
    assert chosen.people is not None
    places = np.flatnonzero(found)
    own = pairs_of_people(chosen.people[places], settings.most_pairs, settings.seed)
    pairs = kept_pairs(Pairs(places[own.first], places[own.second], own.same), found)
    _, numbers = np.unique(chosen.people, return_inverse=True)
    return pairs, PairPeople(numbers[pairs.first], numbers[pairs.second])


def _distances(first: FloatArray, second: FloatArray, pairs: Pairs) -> FloatArray:
    """Cosine distances `(N,)` of pairs."""
    apart = np.empty(len(pairs), np.float32)
    for start in range(0, len(pairs), _PAIRS_AT_ONCE):
        part = slice(start, start + _PAIRS_AT_ONCE)
        apart[part] = 1 - np.einsum("nd,nd->n", first[pairs.first[part]], second[pairs.second[part]])
    return np.clip(apart, 0, 2, out=apart)


def _verified(
    condition: str, restored: bool, apart: FloatArray, pairs: Pairs, people: PairPeople | None, seed: int
) -> Verified:
    curve = PairCurve(apart, pairs.same)
    roc = curve.roc()
    if roc is None:
        raise UsageError("there are no pairs to compare")
    rate_bounds, error_bounds = bootstrapped(curve, pairs.same, people, FALSE_MATCH_RATES, seed)
    genuine = int(pairs.same.sum())
    impostors = len(pairs) - genuine
    return Verified(
        condition,
        restored,
        genuine,
        impostors,
        match_rates(roc, impostors, FALSE_MATCH_RATES, rate_bounds, LEAST_FALSE_MATCHES),
        roc.equal_error_rate,
        error_bounds,
        curve_points(roc),
    )


def _by_bin(
    arrays: dict[str, FloatArray], pairs: Pairs, settings: VerificationSettings
) -> dict[ConditionBin, PairDistances]:
    """The distances by what was seen of the first photo, whatever was done to it."""
    genuine: dict[ConditionBin, list[AnyArray]] = defaultdict(list)
    impostors: dict[ConditionBin, list[AnyArray]] = defaultdict(list)
    for condition in settings.conditions:
        apart = _distances(arrays[f"before:{condition.name}"], arrays["vector"], pairs)
        bins = [bin_of(_condition(size, blur)) for size, blur in arrays[f"state:{condition.name}"].tolist()]
        names = {own: number for number, own in enumerate(dict.fromkeys(bins))}
        numbers = np.array([names[own] for own in bins], np.intp)[pairs.first]
        for own, number in names.items():
            inside = numbers == number
            genuine[own].append(apart[inside & pairs.same])
            impostors[own].append(apart[inside & ~pairs.same])
    return {own: PairDistances(np.concatenate(genuine[own]), np.concatenate(impostors[own])) for own in genuine}


def _condition(size: float, blur: float) -> Condition:
    return Condition(size, None if np.isnan(blur) else blur)


def source_in_words(source: PhotoSource) -> str:
    """Whose photos, by the names of folders and files: such as "people, with strangers of faces"."""
    if source.pairs is not None:
        return f"the pairs of {source.pairs.name}"
    assert source.people is not None
    others = "" if source.strangers is None else f", with strangers of {source.strangers.resolve().name}"
    return f"the people of {source.people.resolve().name}{others}"
