"""The calls of a server."""

import base64
import binascii
import json
import math
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from urllib3 import encode_multipart_formdata
from urllib3.fields import RequestField

from clearface.client.answers import (
    About,
    DetectedPhoto,
    Extra,
    HiddenPhoto,
    IdentifiedPhoto,
    Job,
    JobPhoto,
    PhotoReport,
    RestoredPhoto,
)
from clearface.client.errors import NotFound, StrangeAnswer, Unavailable, Unreachable
from clearface.client.events import read_events
from clearface.client.transport import PREFIX, Transport
from clearface.client.uploads import PhotoSource, option_fields, read_photo_source
from clearface.errors import UsageError
from clearface.files.atomic import write_atomically
from clearface.server.orders import FaceKey, PhotoTask, Task
from clearface.typed_values import Reading, typed_value

AnswerT = TypeVar("AnswerT")

_ANSWER = Reading("the answer of the server", complete=True, lenient=True)
_JOB_ID = re.compile(r"[A-Za-z0-9_-]+")
_FIRST_LOOK_SECONDS, _LOOK_SECONDS = 0.1, 2.0
_AWAY_SECONDS = 60.0


class Client:
    """Has a server restore photos. Safe to use from many threads; `close` it, or use it in a `with`.

    Every call raises Unreachable, NotAuthorized, Unavailable and, where the answer cannot be understood, StrangeAnswer; what else
    it raises is told there. All of them are ServerErrors, and `str(error)` is one sentence.
    """

    def __init__(
        self,
        address: str = "http://127.0.0.1:8000",
        token: str | None = None,
        timeout: float = 600.0,
        patience: float = 0.0,
    ) -> None:
        """address: of the server, with the folder it is served under behind a proxy. timeout: seconds an answer may take.
        patience: seconds in all a call tries again while the server says that it is busy; 0 raises Busy at once.

        Raises UsageError for an address or a token that cannot be one.
        """
        self._transport = Transport(address, token, timeout, patience)

    def restore(
        self,
        photo: PhotoSource,
        *,
        restorer: str | None = None,
        psf: str | None = None,
        iterations: int | None = None,
        tv: float | None = None,
        linear_light: bool | None = None,
        balance: float | None = None,
        fidelity: float | None = None,
        restore_anyway: bool = False,
        detector: str | None = None,
        threshold: float | None = None,
        min_size: float = 0.0,
        largest: bool = False,
        centre: bool = False,
        aligned: bool = False,
        metadata: str = "keep",
        quality: int = 95,
        save_crops: bool = False,
        save_comparison: bool = False,
        save_boxes: bool = False,
        confidence: bool = False,
        kernel: bool = False,
        check: bool = False,
        format: str | None = None,  # noqa: A002 - the option's name everywhere
    ) -> RestoredPhoto:
        """Makes the faces of one photo sharp. photo: a path, the encoded bytes, or an open binary file.

        Options are those of `clearface restore`, by the same names; `format` is the kind of the result, such as `png`.
        Raises Refused for a photo that cannot be read and for options that make no sense, Busy, PhotoError where the file
        cannot be read here.
        """
        task = PhotoTask(
            Task.RESTORE,
            restorer=restorer,
            psf=psf,
            iterations=iterations,
            tv=tv,
            linear_light=linear_light,
            balance=balance,
            fidelity=fidelity,
            restore_anyway=restore_anyway,
            detector=detector,
            threshold=threshold,
            min_size=min_size,
            largest=largest,
            centre=centre,
            aligned=aligned,
            metadata=metadata,
            quality=quality,
            save_crops=save_crops,
            save_comparison=save_comparison,
            save_boxes=save_boxes,
            confidence=confidence,
            kernel=kernel,
            check=check,
            format=format,
        )
        told = self._work_on(photo, task)
        extras = tuple(
            Extra(_text(extra, "name"), _text(extra, "media_type"), _data(extra, "data"))
            for extra in told.get("extras", [])
        )
        return RestoredPhoto(_data(told, "image"), _text(told, "media_type"), _read(PhotoReport, told), extras)

    def detect(
        self,
        photo: PhotoSource,
        *,
        detector: str | None = None,
        threshold: float | None = None,
        min_size: float = 0.0,
        largest: bool = False,
        centre: bool = False,
    ) -> DetectedPhoto:
        """Finds the faces of one photo. photo: a path, the encoded bytes, or an open binary file.

        Options are those of `clearface detect`, by the same names. Raises as `restore`.
        """
        task = PhotoTask(
            Task.DETECT, detector=detector, threshold=threshold, min_size=min_size, largest=largest, centre=centre
        )
        return DetectedPhoto(_read(PhotoReport, self._work_on(photo, task)))

    def hide(
        self,
        photo: PhotoSource,
        *,
        mode: str | None = None,
        shape: str | None = None,
        scale: float | None = None,
        feather: float | None = None,
        strength: float | None = None,
        colour: str | None = None,
        keep: str | None = None,
        only: str | None = None,
        also: str | None = None,
        detector: str | None = None,
        threshold: float | None = None,
        min_size: float = 0.0,
        largest: bool = False,
        centre: bool = False,
        rotations: bool = False,
        keep_gps: bool = False,
        metadata: str = "keep",
        quality: int = 95,
        format: str | None = None,  # noqa: A002 - the option's name everywhere
    ) -> HiddenPhoto:
        """Hides the faces of one photo. photo: a path, the encoded bytes, or an open binary file.

        Options are those of `clearface hide`, by the same names; `keep`, `only` and `also` hold several values parted by `;`.
        Raises as `restore`.
        """
        task = PhotoTask(
            Task.HIDE,
            mode=mode,
            shape=shape,
            scale=scale,
            feather=feather,
            strength=strength,
            colour=colour,
            keep=keep,
            only=only,
            also=also,
            detector=detector,
            threshold=threshold,
            min_size=min_size,
            largest=largest,
            centre=centre,
            rotations=rotations,
            keep_gps=keep_gps,
            metadata=metadata,
            quality=quality,
            format=format,
        )
        told = self._work_on(photo, task)
        return HiddenPhoto(_data(told, "image"), _text(told, "media_type"), _read(PhotoReport, told))

    def identify(
        self,
        photo: PhotoSource,
        *,
        restore: str | None = None,
        top: int | None = None,
        false_match_rate: float | None = None,
        method: str | None = None,
        k: int | None = None,
        weights: str | None = None,
        detector: str | None = None,
        threshold: float | None = None,
        min_size: float = 0.0,
        largest: bool = False,
        centre: bool = False,
    ) -> IdentifiedPhoto:
        """Says who the faces of one photo are, among the people of the server's gallery. photo: a path, the encoded bytes, or an
        open binary file; nothing of it is added to the gallery.

        Options are those of `clearface identify`, by the same names. Raises as `restore`, and NotFound where the server was
        started without a gallery.
        """
        task = PhotoTask(
            Task.IDENTIFY,
            restore=restore,
            top=top,
            false_match_rate=false_match_rate,
            method=method,
            k=k,
            weights=weights,
            detector=detector,
            threshold=threshold,
            min_size=min_size,
            largest=largest,
            centre=centre,
        )
        return IdentifiedPhoto(_read(PhotoReport, self._work_on(photo, task)))

    def submit(self, photos: Sequence[PhotoSource], task: PhotoTask | None = None, *, view: bool = False) -> Job:
        """Hands photos in and does not wait. task: what to do with each; None restores them with the default options.
        view: whether what `leave` needs is kept, and the pictures a page shows are made.

        A photo that cannot be used fails alone, with its reason. Raises Refused, Busy, PhotoError where a file cannot be
        read here.
        """
        if isinstance(photos, str | bytes):
            raise UsageError("a job is made of several photos: give a list of them")
        task = task or PhotoTask(Task.RESTORE)
        form = [("task", task.task.value), ("view", str(view).lower()), *option_fields(task)]
        return self._job(self._post("/jobs", "photos", photos, form))

    def job(self, job_id: str) -> Job:
        """Where a job stands. Raises NotFound."""
        return self._job(self._transport.ask("GET", _job_path(job_id)).as_json())

    def events(self, job_id: str) -> Iterator[Job | JobPhoto]:
        """The job as it stands, then each of its photos whenever something about it changes, until all are over.

        Raises NotFound; Unreachable where the connection breaks before the end.
        """
        for event in read_events(self._transport.stream(f"{_job_path(job_id)}/events", "text/event-stream")):
            if event.name == "job":
                yield self._job(_parsed(event.data))
            elif event.name == "photo":
                yield _read(JobPhoto, _parsed(event.data))
            elif event.name == "end":
                if (
                    _parsed(event.data).get("state") is None
                ):  # deleted meanwhile, or its queue is away: asking tells which
                    self.job(job_id)
                return
        raise Unreachable("the server stopped telling before the job was over")

    def wait(self, job_id: str, seconds: float | None = None) -> Job:
        """The job once all its photos are over, or as it stands after that many seconds; None waits however long it takes.

        A server that is away for less than a minute in between, because it is started anew, is waited for. Raises NotFound.
        """
        deadline = math.inf if seconds is None else time.monotonic() + seconds
        last_answer, pause = time.monotonic(), _FIRST_LOOK_SECONDS
        while True:
            try:
                job = self.job(job_id)
            except (Unavailable, Unreachable):
                if time.monotonic() - last_answer > _AWAY_SECONDS:
                    raise
            else:
                last_answer = time.monotonic()
                if job.state.over or last_answer >= deadline:
                    return job
            time.sleep(max(min(pause, deadline - time.monotonic()), _FIRST_LOOK_SECONDS))
            pause = min(pause * 1.5, _LOOK_SECONDS)

    def results(self, job_id: str, path: str | Path, *, overwrite: bool = False, keep: bool = False) -> Path:
        """Writes the results of a job as a zip file, and then has the server delete the job, unless it is to keep it.

        The file is there whole or not at all, and the server deletes nothing before it is. Raises NotFound, StillWorking,
        PhotoError where the file exists, unless it may be overwritten, or cannot be written.
        """
        target = Path(path)
        parts = self._transport.stream(f"{_job_path(job_id)}/results.zip?keep=true", "application/zip")
        first = next(parts, b"")  # so that a refusal leaves no folder behind
        write_atomically(target, _together(first, parts), overwrite=overwrite)
        if not keep:
            self._forget(job_id)
        return target

    def result(self, job_id: str, number: int) -> bytes:
        """The encoded result of one photo of a job; the server keeps it. Raises NotFound, StillWorking."""
        path = f"{_job_path(job_id)}/photos/{int(number)}/result?keep=true"
        return self._transport.ask("GET", path, accept="*/*").data

    def leave(self, job_id: str, number: int, faces: Sequence[FaceKey]) -> JobPhoto:
        """Makes the result of a photo anew with some faces left as they were, all others restored; nothing is searched again.

        Only where the job was submitted for a view. Raises NotFound, StillWorking, Refused for a face that is not there, Busy.
        """
        body = json.dumps({"left": [asdict(face) for face in faces]}).encode()
        path = f"{_job_path(job_id)}/photos/{int(number)}"
        return _read(JobPhoto, self._transport.ask("PATCH", path, body=body, media_type="application/json").as_json())

    def delete(self, job_id: str) -> None:
        """Has the server forget a job: what is not begun is not begun, and all its files are deleted. Raises NotFound."""
        self._transport.ask("DELETE", _job_path(job_id))

    def about(self) -> About:
        """What the server can do, and its limits."""
        return _read(About, self._transport.ask("GET", f"{PREFIX}/about").as_json())

    def ready(self) -> bool:
        """Whether photos would be worked on now."""
        try:
            self._transport.ask("GET", "/readyz", accept="*/*")
        except Unavailable:
            return False
        return True

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _work_on(self, photo: PhotoSource, task: PhotoTask) -> dict[str, Any]:
        return self._post(f"/{task.task.value}", "photo", [photo], option_fields(task))

    def _post(
        self, path: str, field: str, photos: Sequence[PhotoSource], form: list[tuple[str, str]]
    ) -> dict[str, Any]:
        parts = [RequestField.from_tuples(name, value) for name, value in form]
        for photo in photos:
            named = read_photo_source(photo)
            parts.append(RequestField.from_tuples(field, (named.name, named.data, "application/octet-stream")))
        body, media_type = encode_multipart_formdata(parts)
        return self._transport.ask("POST", PREFIX + path, body=body, media_type=media_type).as_json()

    def _job(self, told: dict[str, Any]) -> Job:
        return _read(Job, told)

    def _forget(self, job_id: str) -> None:
        try:
            self.delete(job_id)
        except NotFound:  # its time was over meanwhile
            return


def _job_path(job_id: str) -> str:
    """Raises UsageError for what cannot be the id of a job, so that no id leads to another address."""
    if not _JOB_ID.fullmatch(job_id):
        raise UsageError("the id of a job is made of letters, digits, - and _")
    return f"{PREFIX}/jobs/{job_id}"


def _read(kind: type[AnswerT], told: dict[str, Any]) -> AnswerT:
    try:
        return typed_value(kind, told, _ANSWER)
    except ValueError as error:
        raise StrangeAnswer(f"the server answered something else than expected: {error}") from error


def _parsed(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise StrangeAnswer("the server told something that is no JSON") from error
    if not isinstance(value, dict):
        raise StrangeAnswer("the server told something that is no JSON object")
    return value


def _text(told: dict[str, Any], key: str) -> str:
    value = told.get(key)
    if not isinstance(value, str):
        raise StrangeAnswer(f'the server answered something else than expected: "{key}" is no text')
    return value


def _data(told: dict[str, Any], key: str) -> bytes:
    try:
        return base64.b64decode(_text(told, key), validate=True)
    except binascii.Error as error:
        raise StrangeAnswer(f'the server answered something else than expected: "{key}" is no base64') from error


def _together(first: bytes, parts: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from parts
