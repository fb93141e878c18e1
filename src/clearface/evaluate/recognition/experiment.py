"""A recognition experiment from beginning to end: look, blur, restore, learn, ask, write."""

import hashlib
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np

from clearface import __version__
from clearface.arrays import AnyArray
from clearface.errors import UsageError
from clearface.evaluate.engine import KeptUnit, ShowProgress, complete
from clearface.evaluate.identities.people import PersonPhoto, find_people
from clearface.evaluate.machine import machine_facts, package_versions
from clearface.evaluate.recognition.collection_photos import Collection, PhotoUnit, collection_of, told
from clearface.evaluate.recognition.plots import plots_of
from clearface.evaluate.recognition.recognizers import recognizer_named
from clearface.evaluate.recognition.results import CollectionFacts, RecognitionResults, SplitResult, summed_up
from clearface.evaluate.recognition.scoring import SplitUnit, score_unit
from clearface.evaluate.recognition.settings import RecognitionSettings, settings_as_values
from clearface.evaluate.recognition.showing import (
    GREY,
    SQUARES,
    EmbeddedUnit,
    ShownUnit,
    embed_unit,
    find_unit,
    recognition_tools,
    show_unit,
)
from clearface.evaluate.recognition.tables import as_csv, as_json, as_markdown
from clearface.evaluate.store import Store
from clearface.evaluate.workers import Workers, workers
from clearface.files.atomic import write_atomically
from clearface.files.explanations import shown

RESULTS = ("recognition.json", "recognition.csv", "recognition.md")
"""What is written, besides the plots."""

_PHOTOS_AT_ONCE = 16


def run_experiment(
    settings: RecognitionSettings,
    output: Path,
    command: str,
    worker_count: int,
    start_anew: bool,
    show: ShowProgress,
) -> RecognitionResults:
    """Measures, and writes `RESULTS` and the plots into a folder.

    What is done is kept there until all is done; the same settings go on with it, others are refused unless `start_anew`.
    command: what was typed. Raises UsageError, PhotoError and ModelError, each a sentence, as `clearface evaluate recognition`
    tells them.
    """
    started = datetime.now(UTC).isoformat(timespec="seconds")
    photos = [find_people(folder) for folder in settings.folders]
    tools = recognition_tools(settings)
    # A unit's name holds all that decides it: methods may be added to what is done already.
    store = Store(output, {"kind": "recognition", "clearface": __version__}, start_anew)
    rows: list[SplitResult] = []
    facts: list[CollectionFacts] = []
    with workers(worker_count) as pool:
        for name, own in zip(settings.collection_names(), photos, strict=True):
            collection = _looked_at(name, own, settings, store, pool, show)
            _check_photos(collection, settings)
            units = _shown(collection, settings, store, pool, show)
            complete(f"{name} recognized", units, partial(score_unit, settings), store, pool, show)
            rows += _rows(units, settings, store)
            facts.append(_facts(collection))
    results = RecognitionResults(
        command,
        __version__,
        started,
        settings_as_values(settings),
        machine_facts(),
        package_versions(),
        {name: embedder.name for name, embedder in tools.embedders.items()},
        tuple(facts),
        summed_up(rows),
        tuple(rows),
    )
    write_results(results, output)
    store.remove()
    return results


def write_results(results: RecognitionResults, output: Path) -> None:
    """The plots and all files of `RESULTS`; the JSON, which says that there are results, last. Raises PhotoError."""
    plots = plots_of(results)
    for *_, file, picture in plots:
        write_atomically(output / file, picture, overwrite=True)
    page = as_markdown(results, [(collection, test, file) for collection, test, file, _ in plots])
    write_atomically(output / RESULTS[2], page, overwrite=True)
    write_atomically(output / RESULTS[1], as_csv(results), overwrite=True)
    write_atomically(output / RESULTS[0], as_json(results), overwrite=True)


def _looked_at(
    name: str,
    photos: Sequence[PersonPhoto],
    settings: RecognitionSettings,
    store: Store,
    pool: Workers,
    show: ShowProgress,
) -> Collection:
    units = [
        PhotoUnit(name, start, tuple(photos[start : start + _PHOTOS_AT_ONCE]))
        for start in range(0, len(photos), _PHOTOS_AT_ONCE)
    ]
    complete(f"{name} looked at", units, partial(find_unit, settings), store, pool, show)
    rows = np.concatenate([store.load(unit.key).vectors["faces"] for unit in units]).astype(np.float64)
    return collection_of(name, photos, rows, settings.framing)


def _check_photos(collection: Collection, settings: RecognitionSettings) -> None:
    """Raises UsageError where nobody would be left to ask for: a table of fewer training photos than it says would mislead."""
    counts = np.bincount(collection.people)
    most = int(counts.max())
    for wanted in settings.training_photos:
        if wanted >= most:
            raise UsageError(
                f"{shown(collection.name)}: nobody has more than {most} photos with a face, so that none is left to be"
                f" recognized where {wanted} are learned: choose fewer with --training-photos"
            )


def _shown(
    collection: Collection, settings: RecognitionSettings, store: Store, pool: Workers, show: ShowProgress
) -> list[SplitUnit]:
    """Every split to be scored, once all photos went through all tests."""
    tools = recognition_tools(settings)
    units = [
        ShownUnit(
            collection.name,
            start,
            collection.photos[start : start + _PHOTOS_AT_ONCE],
            collection.faces[start : start + _PHOTOS_AT_ONCE],
            collection.framing,
            collection.shape,
            tools.blurred_by,
        )
        for start in range(0, len(collection.photos), _PHOTOS_AT_ONCE)
    ]
    complete(f"{collection.name} blurred and restored", units, partial(show_unit, settings), store, pool, show)
    looks: list[list[KeptUnit]] = [list(units)]
    for name in tools.embedders:
        embedded = [EmbeddedUnit(unit, store.vectors_path(unit.key), name, tools.checksum_of(name)) for unit in units]
        complete(f"{collection.name} embedded by {name}", embedded, partial(embed_unit, settings), store, pool, show)
        looks.append(list(embedded))
    joined = {name: values for kind in looks for name, values in _joined(kind, store).items()}
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, people=collection.people, **joined)
    path = (
        store.folder
        / f"{hashlib.sha256(repr([unit.key for kind in looks for unit in kind]).encode()).hexdigest()[:32]}.npz"
    )
    write_atomically(path, buffer.getvalue(), overwrite=True)
    same = repr(
        (
            told(collection.name, collection.photos),
            collection.framing,
            collection.shape,
            tools.blurred_by,
            settings.neighbours,
            settings.distance,
        )
    )
    return [
        SplitUnit(
            collection.name,
            path,
            f"{same} {tools.checksum_of(recognizer_named(method).embedder or GREY)}",
            method,
            training_photos,
            split,
            collection.framing,
        )
        for method in settings.methods
        for training_photos in settings.training_photos
        for split in range(settings.splits)
    ]


def _joined(units: Sequence[KeptUnit], store: Store) -> dict[str, AnyArray]:
    """The arrays of some units one after the other, but for squares, which are looked at no more."""
    parts = [store.load(unit.key).vectors for unit in units]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0] if not name.startswith(SQUARES)}


def _rows(units: Sequence[SplitUnit], settings: RecognitionSettings, store: Store) -> list[SplitResult]:
    rows = []
    for unit in units:
        answers = store.load(unit.key).vectors
        rows += [
            SplitResult(
                unit.collection,
                unit.method,
                unit.training_photos,
                unit.split,
                test,
                int(answers[test].sum()),
                len(answers[test]),
            )
            for test in settings.tests
        ]
    return rows


def _facts(collection: Collection) -> CollectionFacts:
    return CollectionFacts(
        collection.name,
        len(collection.names),
        len(collection.photos),
        collection.without_face,
        collection.framing.value,
        collection.shape,
    )
