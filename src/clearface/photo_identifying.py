"""One photo whose faces are named: read, find, identify, mark, report."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from clearface.arrays import ByteImage
from clearface.batch import (
    PhotoOptions,
    encode_drawn,
    output_name,
    reported,
    result_kind,
    source_bytes,
    source_name,
    write_faces_list,
    write_result,
)
from clearface.files.outputs import PlannedOutput
from clearface.photos.decode import read_photo
from clearface.photos.photo import Photo
from clearface.pictures import draw_faces
from clearface.pictures_of_names import draw_names
from clearface.recognition.identify import Identifier
from clearface.recognition.identify_report import IdentityReport
from clearface.report import FaceReport, FileReport, Status
from clearface.steps import Step, Watch, unwatched


@dataclass(frozen=True, eq=False)
class IdentifiedPhoto:
    """A photo whose faces were found and named as far as they could be."""

    source: Photo
    faces: tuple[FaceReport, ...]
    """Every face of every frame, each with who it is said to be."""

    seconds: dict[str, float]
    left_out: int = 0
    """Faces that were found but not selected."""

    def report(self, source: str, output: str | None, extras: tuple[str, ...] = ()) -> FileReport:
        """What became of it. source, output: what to call the photo and the picture with names, where one is made."""
        return FileReport(
            source,
            output,
            Status.IDENTIFIED,
            self.faces,
            self.seconds,
            self.source.notes,
            extras,
            self.left_out,
        )


def identify_photo(
    data: bytes, name: str, identifier: Identifier, options: PhotoOptions, watch: Watch = unwatched
) -> IdentifiedPhoto:
    """Says who the faces of an encoded photo are. Raises PhotoError, ModelError, GalleryError.

    name: used in sentences about the photo. watch: told how far it is.
    """
    started = time.perf_counter()
    watch(Step.READING, 0.0)
    photo = read_photo(data, name, options.limits)
    seconds = {"read": time.perf_counter() - started, "detect": 0.0, "identify": 0.0}
    faces: list[FaceReport] = []
    left_out = 0
    for index, frame in enumerate(photo.frames, start=1):
        begun = time.perf_counter()
        watch(Step.FINDING, (index - 1) / len(photo.frames))
        found, others = identifier.find(frame.pixels)
        left_out += others
        detected = time.perf_counter()
        watch(Step.IDENTIFYING, (index - 1) / len(photo.frames))
        identified = identifier.identify_faces(frame.pixels, found)
        faces += [
            FaceReport(index, number, each.face, identity=IdentityReport.of(each))
            for number, each in enumerate(identified, start=1)
        ]
        seconds["detect"] += detected - begun
        seconds["identify"] += time.perf_counter() - detected
    return IdentifiedPhoto(photo, tuple(faces), seconds, left_out)


def encode_named(identified: IdentifiedPhoto, kind: str | None, options: PhotoOptions) -> bytes:
    """A photo with its faces marked and named, as a file of that kind; None keeps the photo's own."""

    def draw(picture: ByteImage, index: int) -> ByteImage:
        return _marked(picture, [face for face in identified.faces if face.frame == index])

    return encode_drawn(identified.source, draw, kind, options)


def identify_file(
    planned: PlannedOutput,
    draw: bool,
    identifier: Identifier,
    options: PhotoOptions,
    sidecar: Path | None = None,
) -> FileReport:
    """Names the faces of one input and, with `draw`, writes the photo with its faces marked and named.

    sidecar: where to write a list of its faces. What goes wrong on purpose, or for want of memory, becomes a report of status
    FAILED.
    """

    def work() -> FileReport:
        source = source_name(planned)
        identified = identify_photo(source_bytes(planned), source, identifier, options)
        if draw:
            write_result(planned, encode_named(identified, result_kind(planned), options), options)
        output = output_name(planned) if draw else None
        extras = write_faces_list(sidecar, source, identified.source, identified.faces, options)
        return identified.report(source, output, extras)

    return reported(planned, work)


def _marked(picture: ByteImage, faces: Sequence[FaceReport]) -> ByteImage:
    drawn = draw_faces(picture, [face.face for face in faces])
    labels = [(face.face, face.identity.as_label()) for face in faces if face.identity is not None]
    return draw_names(drawn, labels)
