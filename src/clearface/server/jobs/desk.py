"""Takes jobs in, follows them and hands results out."""

import secrets
import threading
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from clearface.errors import ClearfaceError, UsageError
from clearface.server.dispatchers.base import Dispatcher, PhotoKey
from clearface.server.jobs import layout
from clearface.server.jobs.base import Load, QueueAway, StillWorking, UnknownJob, Upload
from clearface.server.jobs.manifest import End, Manifest
from clearface.server.jobs.names import result_stem, unique_names
from clearface.server.jobs.states import JobState, PhotoState, Stage
from clearface.server.orders import FaceKey, Outcome, PhotoOrder, PhotoTask
from clearface.server.settings import ServerSettings
from clearface.server.stores.base import CHECKS, Missing, Store, StoreAway
from clearface.server.work.plans import check_task
from clearface.server.work.words import as_json, from_json

_LONGEST_WAIT = timedelta(hours=24)
"""A job that is not over by then will never be."""

_SHORTEST_PAUSE, _LONGEST_PAUSE, _LONGEST_PAUSE_FAR = 0.005, 0.02, 0.2
"""Seconds between two looks at a job that is waited for; the last where the store may be on another machine."""

_READABLE = 0o100644
"""A plain file that everyone may read, in an archive."""

NOT_DONE = "not-done.txt"
"""In an archive: why photos are missing."""

_PATIENCE = 60.0
"""Seconds that faces pasted anew are waited for."""


class JobDesk:
    """The one desk of a server: a store for what is kept, a dispatcher for what is done."""

    def __init__(self, settings: ServerSettings, store: Store, dispatcher: Dispatcher, scratch: Path) -> None:
        """scratch: a private folder."""
        self._settings = settings
        self._scratch = scratch
        self._store = store
        self._dispatcher = dispatcher
        self._pasting = threading.Lock()

    def submit(self, task: PhotoTask, uploads: Sequence[Upload], view: bool = False) -> JobState:
        """As `Desk.submit`."""
        check_task(task, self._settings.networks)
        if not uploads:
            raise UsageError("there is no photo to work on")
        job_id = secrets.token_urlsafe(18).replace("-", "x").replace("_", "y")
        now = datetime.now(UTC)
        with _away_in_http_terms():
            self._store.put(
                layout.manifest(job_id),
                as_json(Manifest(task, now.isoformat(), tuple(upload.name for upload in uploads))),
            )
            try:
                to_do = [
                    key
                    for number, upload in enumerate(uploads, start=1)
                    if (
                        key := self._take_in(
                            PhotoKey(job_id, number), PhotoOrder(task, upload.name, number, view), upload
                        )
                    )
                ]
                if to_do:
                    self._dispatcher.send(to_do)
            except BaseException:
                self._store.delete(layout.job(job_id))
                raise
        return self.state(job_id)

    def state(self, job_id: str) -> JobState:
        """As `Desk.state`."""
        with _away_in_http_terms():
            manifest = self._manifest(job_id)
            under_way = self._dispatcher.progress(job_id)
            photos = []
            for number, name in enumerate(manifest.names, start=1):
                outcome = self._outcome(PhotoKey(job_id, number))
                if outcome is None:
                    progress = under_way.get(number)
                    stage = Stage.WAITING if progress is None else Stage.WORKING
                    step, fraction = (None, 0.0) if progress is None else (progress.step, progress.fraction)
                    photos.append(PhotoState(number, name, stage, step, fraction))
                else:
                    photos.append(self._over(PhotoKey(job_id, number), name, outcome))
            return JobState(job_id, manifest.task, manifest.created_at, self._expires(job_id, photos), tuple(photos))

    def wait(self, job_id: str, seconds: float) -> JobState:
        """As `Desk.wait`."""
        deadline = time.monotonic() + seconds
        for _ in self._looks(deadline):
            with _away_in_http_terms():
                numbers = range(1, len(self._manifest(job_id).names) + 1)
                keys = [PhotoKey(job_id, number) for number in numbers]
                if all(self._store.size(layout.outcome(key)) is not None for key in keys):
                    break
        return self.state(job_id)

    def leave(self, job_id: str, photo: int, left: Sequence[FaceKey]) -> PhotoState:
        """As `Desk.leave`."""
        key = PhotoKey(job_id, photo)
        with _away_in_http_terms(), self._pasting:
            manifest = self._manifest(job_id)
            outcome = self._finished(key)
            if outcome.report is None or outcome.view is None:
                raise UsageError(
                    "only faces that were restored for a view can be left as they were: hand the photo in with view=true"
                )
            known = {FaceKey(face.frame, face.number) for face in outcome.view.faces}
            for face in left:
                if face not in known:
                    raise UsageError(f"there is no face {face.number} in frame {face.frame} of this photo")
            try:
                order = from_json(PhotoOrder, self._store.get(layout.order(key)))
            except Missing as error:
                raise _gone() from error
            wanted = tuple(sorted(set(left), key=lambda face: (face.frame, face.number)))
            order = replace(order, left=wanted, revision=outcome.revision + 1)
            self._store.put(layout.order(key), as_json(order))
            self._dispatcher.send([key])
            pasted = self._wait_for(key, order.revision)
            if pasted.left != wanted:
                raise ClearfaceError("the faces could not be pasted anew: the result is as it was")
            return self._over(key, manifest.names[photo - 1], pasted)

    def result(self, job_id: str, photo: int) -> bytes:
        """As `Desk.result`."""
        return self._file(job_id, photo, "result")

    def picture(self, job_id: str, photo: int, name: str) -> bytes:
        """As `Desk.picture`."""
        with _away_in_http_terms():
            outcome = self._finished(PhotoKey(job_id, photo))
        return self._file(job_id, photo, f"extras/{name}" if name in outcome.extras else f"view/{name}")

    def archive(self, job_id: str, folder: Path) -> Path:
        """As `Desk.archive`."""
        state = self.state(job_id)
        if not state.stage.over:
            raise StillWorking("the photos are still being worked on: try again when the job is over")
        path = folder / f"{secrets.token_hex(8)}.zip"
        done = [photo for photo in state.photos if photo.outcome is not None and photo.result_bytes is not None]
        stems = unique_names([result_stem(photo.name, photo.number, state.task.task) for photo in done])
        with zipfile.ZipFile(path, "x", zipfile.ZIP_STORED) as archive:  # photos are compressed already

            def add(name: str, data: bytes) -> None:
                entry = zipfile.ZipInfo(name, state.created.timetuple()[:6])  # the same archive every time
                entry.external_attr = _READABLE << 16
                archive.writestr(entry, data)

            for photo, stem in zip(done, stems, strict=True):
                assert photo.outcome is not None
                add(f"{stem}{photo.outcome.extension}", self.result(job_id, photo.number))
                for ending in photo.outcome.extras:
                    add(f"{stem}{ending}", self.picture(job_id, photo.number, ending))
            reasons = [photo.outcome.error for photo in state.photos if photo.outcome and photo.outcome.error]
            if reasons:
                add(NOT_DONE, "".join(f"{reason}\n" for reason in reasons).encode())
        return path

    def delete(self, job_id: str) -> None:
        """As `Desk.delete`."""
        with _away_in_http_terms():
            self._manifest(job_id)
            self._forget(job_id)

    @property
    def scratch(self) -> Path:
        """As `Desk.scratch`."""
        return self._scratch

    def load(self) -> Load:
        """As `Desk.load`."""
        return self._dispatcher.load()

    def tidy(self) -> None:
        """To be called every few seconds: deletes what has waited long enough, sends again what was lost. Raises QueueAway."""
        with _away_in_http_terms():
            for place in sorted({name.partition("/")[0] for name in self._store.names("")}):
                if not place.startswith(CHECKS):  # another server's probe, which it deletes itself
                    self._tidy_job(place)

    def close(self) -> None:
        """As `Desk.close`."""
        self._dispatcher.close()

    def _take_in(self, key: PhotoKey, order: PhotoOrder, upload: Upload) -> PhotoKey | None:
        """Writes one photo into the store; None where it is refused, which is its outcome."""
        self._store.put(layout.order(key), as_json(order))
        if upload.refusal is not None:
            self._store.put(layout.outcome(key), as_json(Outcome(None, upload.refusal, upload.fault)))
            return None
        self._store.put(layout.upload(key), upload.data)
        return key

    def _tidy_job(self, job_id: str) -> None:
        try:
            state = self.state(job_id)
        except UnknownJob:
            self._store.delete(layout.job(job_id))
            return
        now = datetime.now(UTC)
        if (state.expires is not None and state.expires <= now) or now - state.created > _LONGEST_WAIT:
            self._forget(job_id)
            return
        lost = [PhotoKey(job_id, photo.number) for photo in state.photos if photo.stage is Stage.WAITING]
        if lost:
            self._dispatcher.recover(lost)

    def _forget(self, job_id: str) -> None:
        self._dispatcher.revoke(job_id)
        self._store.delete(layout.job(job_id))

    def _manifest(self, job_id: str) -> Manifest:
        try:
            return from_json(Manifest, self._store.get(layout.manifest(job_id)))
        except (Missing, ValueError) as error:  # ValueError: what was asked for cannot be a name
            raise _gone() from error

    def _outcome(self, key: PhotoKey) -> Outcome | None:
        try:
            return from_json(Outcome, self._store.get(layout.outcome(key)))
        except Missing:
            return None

    def _over(self, key: PhotoKey, name: str, outcome: Outcome) -> PhotoState:
        stage = Stage.FAILED if outcome.report is None else Stage.DONE
        size = None if outcome.extension is None else self._store.size(layout.result(key))
        return PhotoState(key.number, name, stage, None, 1.0, outcome, size)

    def _finished(self, key: PhotoKey) -> Outcome:
        """Raises UnknownJob, StillWorking."""
        if not 1 <= key.number <= len(self._manifest(key.job_id).names):
            raise UnknownJob(f"there is no photo {key.number} in this job")
        outcome = self._outcome(key)
        if outcome is None:
            raise StillWorking("this photo is still being worked on")
        return outcome

    def _file(self, job_id: str, photo: int, name: str) -> bytes:
        key = PhotoKey(job_id, photo)
        with _away_in_http_terms():
            outcome = self._finished(key)
            if outcome.error is not None:
                raise UnknownJob(f"this photo has no result: {outcome.error}")
            try:
                return self._store.get(layout.photo(key) + name)
            except (Missing, ValueError) as error:
                raise UnknownJob("there is no such file of this photo") from error

    def _expires(self, job_id: str, photos: Sequence[PhotoState]) -> datetime | None:
        if not all(photo.stage.over for photo in photos):
            return None
        try:
            end = from_json(End, self._store.get(layout.end(job_id)))
        except Missing:
            end = End(datetime.now(UTC).isoformat())
            self._store.put(layout.end(job_id), as_json(end))
        return datetime.fromisoformat(end.at) + timedelta(seconds=self._settings.keep_seconds)

    def _looks(self, deadline: float) -> Iterator[None]:
        """One look at once, then more and more rarely until the deadline, and one at it."""
        pause = _SHORTEST_PAUSE
        longest = _LONGEST_PAUSE if self._settings.queue_url is None else _LONGEST_PAUSE_FAR
        while True:
            yield
            left = deadline - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(pause, left))
            pause = min(2 * pause, longest)

    def _wait_for(self, key: PhotoKey, revision: int) -> Outcome:
        for _ in self._looks(time.monotonic() + _PATIENCE):
            outcome = self._finished(key)
            if outcome.revision >= revision:
                return outcome
        raise QueueAway("the faces were not pasted anew in time: try again a little later")


@contextmanager
def _away_in_http_terms() -> Iterator[None]:
    try:
        yield
    except StoreAway as error:
        raise QueueAway(str(error)) from error


def _gone() -> UnknownJob:
    return UnknownJob("there is no such job, or it was deleted: results are kept for a short time only")
