"""One photo from its order to its outcome."""

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from clearface.batch import detect_photo, encode_marked, encode_result, process_photo, refuse_untold
from clearface.extras import Extras, extra_pictures, png_file
from clearface.faces import Box, Face
from clearface.hiding import FaceHider
from clearface.photo_hiding import PhotoHiding, hide_photo
from clearface.photo_identifying import encode_named, identify_photo
from clearface.photos.decode import read_photo
from clearface.photos.kinds import KINDS
from clearface.photos.photo import Photo
from clearface.pipeline import RestoredFace, RestoredFrame, Timings, pasted_faces, pasted_whole
from clearface.report import FileReport, Status, rounded_seconds
from clearface.server.jobs.names import result_stem
from clearface.server.orders import FaceKey, Outcome, PhotoOrder, Task
from clearface.server.settings import UploadLimits
from clearface.server.work import plans
from clearface.server.work.bench import Bench
from clearface.server.work.kept import load_kept, save_kept
from clearface.server.work.views import write_after, write_view
from clearface.squares import Square, take_square
from clearface.steps import Step, Watch
from clearface.verdicts import Verdict

UPLOAD, RESULT = "upload", "result"
"""Names in the folder of an order: the photo, and what was made of it."""

EXTRAS, VIEW, KEPT = "extras", "view", "kept"
"""Folders in it."""


@dataclass(frozen=True)
class PhotoWork:
    """Works on photos, each in a folder of its own that holds the upload and receives the results."""

    bench: Bench
    limits: UploadLimits

    def do(self, folder: Path, order: PhotoOrder, watch: Watch) -> Outcome:
        """What comes of the order. Raises what clearface raises: UsageError, PhotoError, ModelError."""
        for name in (EXTRAS, VIEW, KEPT):
            (folder / name).mkdir(exist_ok=True)
        if order.task.task is Task.DETECT:
            return self._detect(folder, order, watch)
        if order.task.task is Task.HIDE:
            return self._hide(folder, order, watch)
        if order.task.task is Task.IDENTIFY:
            return self._identify(folder, order, watch)
        if order.left is not None:
            return self._paste_anew(folder, order, order.left, watch)
        return self._restore(folder, order, watch)

    def _restore(self, folder: Path, order: PhotoOrder, watch: Watch) -> Outcome:
        task = order.task
        options = plans.photo_options(task, self.limits)
        pipeline = self.bench.pipeline(task)
        refuse_untold(options, pipeline.restorer, "")
        upload = (folder / UPLOAD).read_bytes()
        done = process_photo(upload, order.name, plans.kind_of_result(task), pipeline, options, watch)
        kind = plans.kind_of_result(task) or done.source.kind
        (folder / RESULT).write_bytes(done.encoded)
        extras = _write_extras(folder, done.source, done.frames, options.extras)
        if order.view:
            tells = pipeline.restorer.tells.kernel
            options = replace(options, check=tells, extras=replace(options.extras, kernels=tells))
        report = done.report(order.name, _result_name(order, kind), options)
        view = None
        if order.view:
            watch(Step.WRITING, 0.5)
            view = write_view(folder / VIEW, done.source, done.frames)
            save_kept(folder / KEPT, done.frames, report.as_dict())
        return _outcome(order, kind, replace(report, extras=extras).as_dict(), extras, view)

    def _detect(self, folder: Path, order: PhotoOrder, watch: Watch) -> Outcome:
        task = order.task
        options = plans.photo_options(task, self.limits)
        upload = (folder / UPLOAD).read_bytes()
        found = detect_photo(upload, order.name, self.bench.detector(task), plans.selection(task), options, watch)
        kind = plans.kind_of_result(task) or found.source.kind
        report = FileReport(order.name, None, Status.DETECTED, found.faces, found.seconds, found.source.notes)
        return _looked(folder, order, found.source, kind, report, lambda: encode_marked(found, kind, options), watch)

    def _identify(self, folder: Path, order: PhotoOrder, watch: Watch) -> Outcome:
        task = order.task
        options = plans.photo_options(task, self.limits)
        upload = (folder / UPLOAD).read_bytes()
        named = identify_photo(upload, order.name, self.bench.identifier(task), options, watch)
        kind = plans.kind_of_result(task) or named.source.kind
        report = named.report(order.name, None)
        return _looked(folder, order, named.source, kind, report, lambda: encode_named(named, kind, options), watch)

    def _hide(self, folder: Path, order: PhotoOrder, watch: Watch) -> Outcome:
        task = order.task
        hiding = PhotoHiding(
            self.bench.thorough_detector(task),
            # Whoever knew the seed could take the noise away again.
            FaceHider(plans.hide_style(task), secrets.randbits(128)),
            plans.selection(task),
            plans.face_choice(task),
        )
        upload = (folder / UPLOAD).read_bytes()
        options = plans.photo_options(task, self.limits)
        done = hide_photo(upload, order.name, plans.kind_of_result(task), hiding, options, watch=watch)
        kind = plans.kind_of_result(task) or done.source.kind
        (folder / RESULT).write_bytes(done.encoded)
        view = None
        if order.view:
            frames = tuple(RestoredFrame(frame.pixels, (), Timings()) for frame in done.hidden)
            view = write_view(folder / VIEW, done.source, frames)
        report = done.report(order.name, _result_name(order, kind))
        return _outcome(order, kind, report.as_dict(), (), view)

    def _paste_anew(self, folder: Path, order: PhotoOrder, left: tuple[FaceKey, ...], watch: Watch) -> Outcome:
        """The faces restored before, all but those left; nothing is looked for and nothing restored."""
        task = order.task
        started = time.perf_counter()
        watch(Step.READING, 0.0)
        options = plans.photo_options(task, self.limits)
        upload = (folder / UPLOAD).read_bytes()
        photo = read_photo(upload, order.name, options.limits)
        read = time.perf_counter()
        frames, faces, report = _kept_frames(folder, photo, set(left), task.aligned)
        pasted = time.perf_counter()
        watch(Step.WRITING, 0.0)
        kind = plans.kind_of_result(task) or photo.kind
        encoded, status, notes = encode_result(photo, frames, upload, kind, options)
        (folder / RESULT).write_bytes(encoded)
        shown = Extras(comparison=options.extras.comparison, confidence=options.extras.confidence)
        _write_extras(folder, photo, frames, shown)
        write_after(folder / VIEW, photo, frames[0])
        seconds = {"read": read - started, "paste": pasted - read, "encode": time.perf_counter() - pasted}
        report |= {"status": status.value, "faces": faces, "notes": list(notes), "seconds": rounded_seconds(seconds)}
        return replace(_outcome(order, kind, report, (), None), left=left)


def _looked(
    folder: Path,
    order: PhotoOrder,
    source: Photo,
    kind: str,
    report: FileReport,
    encode: Callable[[], bytes],
    watch: Watch,
) -> Outcome:
    """What comes of a photo that was only looked at; `encode` draws on it what was seen, where that is asked for."""
    view = None
    if order.task.save_boxes:
        watch(Step.WRITING, 0.0)
        (folder / RESULT).write_bytes(encode())
        report = replace(report, output=_result_name(order, kind))
    if order.view:
        frames = tuple(RestoredFrame(frame.pixels, (), Timings()) for frame in source.frames)
        view = write_view(folder / VIEW, source, frames)
    if report.output is None:
        return Outcome(report.as_dict(), view=view, revision=order.revision)
    return _outcome(order, kind, report.as_dict(), (), view)


def _outcome(order: PhotoOrder, kind: str, report: dict[str, Any], extras: tuple[str, ...], view: Any) -> Outcome:  # noqa: ANN401
    return Outcome(
        report,
        media_type=KINDS[kind].media_type,
        extension=KINDS[kind].extensions[0],
        extras=extras,
        view=view,
        revision=order.revision,
    )


def _result_name(order: PhotoOrder, kind: str) -> str:
    return result_stem(order.name, order.number, order.task.task) + KINDS[kind].extensions[0]


def _write_extras(folder: Path, source: Photo, frames: tuple[RestoredFrame, ...], extras: Extras) -> tuple[str, ...]:
    endings = []
    for ending, picture in extra_pictures(source, frames, extras):
        (folder / EXTRAS / ending).write_bytes(png_file(picture))
        endings.append(ending)
    return tuple(endings)


def _kept_frames(
    folder: Path, photo: Photo, left: set[FaceKey], aligned: bool
) -> tuple[tuple[RestoredFrame, ...], list[dict[str, Any]], dict[str, Any]]:
    """The frames pasted anew, what is told of their faces, and the report on the first result."""
    kept, report = load_kept(folder / KEPT)
    told = {(face["frame"], face["number"]): face for face in report["faces"]}
    frames, faces = [], []
    for index, frame in enumerate(photo.frames, start=1):
        restored = []
        for face in kept:
            if face.frame != index:
                continue
            said = told[face.frame, face.number]
            if FaceKey(face.frame, face.number) in left and not said["left_as_it_was"]:
                said = said | {"verdict": Verdict.LEFT_ON_REQUEST.value, "left_as_it_was": True}
                said.pop("explained", None)
            square = Square(face.to_square, face.after.shape[0])
            before = take_square(frame.pixels, square)
            stays = bool(said["left_as_it_was"])
            found = Face(Box(*said["box"]), said["score"], np.array(said["landmarks"], np.float64))
            after = before if stays else face.after
            restored.append(
                RestoredFace(
                    found, square, before, after, face.confidence, verdict=Verdict(said["verdict"]), left=stays
                )
            )
            faces.append(said)
        pasted = pasted_whole(frame.pixels, restored[0]) if aligned else pasted_faces(frame.pixels, restored)
        frames.append(RestoredFrame(pasted, tuple(restored), Timings()))
    return tuple(frames), faces, report


def written_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """What an order left in its folder, but for the upload: names as the store has them, and where they lie."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != UPLOAD:
            yield name, path
