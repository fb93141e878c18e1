"""From the store and back: one photo of one job."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from clearface.server.dispatchers.base import PhotoKey, Progress
from clearface.server.jobs import layout
from clearface.server.orders import Fault, Outcome, PhotoOrder
from clearface.server.stores.base import Missing, Store
from clearface.server.work.photo_work import KEPT, UPLOAD, written_files
from clearface.server.work.process import PhotoProcess
from clearface.server.work.words import as_json, from_json


def work_on(
    store: Store, key: PhotoKey, process: PhotoProcess, scratch: Path, tell: Callable[[Progress], None]
) -> Outcome | None:
    """Works on a photo that lies in the store and writes what comes of it there, its outcome last.

    None where there is nothing to do: the job was deleted, or the order is done already. scratch: a private folder. tell: told
    how far it is. Raises StoreAway; ClearfaceError where no process can be started.
    """
    try:
        order = from_json(PhotoOrder, store.get(layout.order(key)))
        if is_over(store, key, order) or store.size(layout.manifest(key.job_id)) is None:
            return None
        upload = store.get(layout.upload(key))
        with tempfile.TemporaryDirectory(dir=scratch) as name:
            folder = Path(name)
            (folder / UPLOAD).write_bytes(upload)
            if order.left is not None:
                _fetch(store, layout.photo(key) + KEPT + "/", folder / KEPT)
            outcome = process.work(folder, order, tell)
            if order.left is not None:
                outcome = _after(from_json(Outcome, store.get(layout.outcome(key))), outcome)
            for place, path in written_files(folder):
                store.put_file(layout.photo(key) + place, path)
    except Missing:
        return None  # deleted meanwhile
    finish(store, key, outcome)
    return outcome


def finish(store: Store, key: PhotoKey, outcome: Outcome) -> None:
    """Writes the outcome of a photo; of a job deleted meanwhile nothing is left."""
    store.put(layout.outcome(key), as_json(outcome))
    if store.size(layout.manifest(key.job_id)) is None:
        store.delete(layout.job(key.job_id))


def give_up(store: Store, key: PhotoKey, sentence: str) -> None:
    """Writes an outcome that says why there is no result; none where the photo was deleted meanwhile. Raises StoreAway."""
    try:
        order = from_json(PhotoOrder, store.get(layout.order(key)))
    except Missing:
        return
    finish(store, key, Outcome(None, f"{order.name}: {sentence}", Fault.SERVER, revision=order.revision))


def is_over(store: Store, key: PhotoKey, order: PhotoOrder) -> bool:
    """Whether there is an outcome of this order."""
    try:
        return from_json(Outcome, store.get(layout.outcome(key))).revision >= order.revision
    except Missing:
        return False


def _after(first: Outcome, pasted: Outcome) -> Outcome:
    """The outcome of faces pasted anew: what was not made again stays, and all of it does where pasting failed."""
    if pasted.report is None:
        return replace(first, revision=pasted.revision)
    report = pasted.report | {"extras": list(first.extras)}
    return replace(pasted, report=report, extras=first.extras, view=first.view)


def _fetch(store: Store, prefix: str, folder: Path) -> None:
    folder.mkdir()
    for name in store.names(prefix):
        (folder / name.removeprefix(prefix)).write_bytes(store.get(name))
