"""One photo file at a time through the pipeline: read, work, write, report. One bad photo never stops the others."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from clearface.arrays import ByteImage, as_bytes
from clearface.detectors.base import Detector
from clearface.detectors.selection import FaceSelection, select_faces
from clearface.errors import ClearfaceError, UsageError
from clearface.files.atomic import write_atomically
from clearface.files.explanations import shown
from clearface.files.inputs import STANDARD_STREAM, read_bytes, read_standard_input
from clearface.files.outputs import ExistingPolicy, PlannedOutput
from clearface.files.standard_output import write_standard_output
from clearface.photos.decode import PhotoLimits, read_photo
from clearface.photos.encode import EncodeOptions, Metadata, encode_photo, losses
from clearface.photos.kinds import kind_of_extension
from clearface.photos.photo import Frame, Photo, byte_view
from clearface.pictures import comparison, draw_faces
from clearface.pictures_of_blur import confidence_overlay, kernel_picture
from clearface.pipeline import Pipeline, RestoredFace, RestoredFrame, Timings
from clearface.point_spread_words import describe_kernel
from clearface.report import BlurReport, FaceReport, FileReport, Status


@dataclass(frozen=True)
class Extras:
    """What else is saved beside a result."""

    crops: bool = False
    """Every face before and after, as PNG."""

    comparison: bool = False
    """The photo and its faces before and after, in one picture."""

    boxes: bool = False
    """The photo with its faces marked."""

    kernels: bool = False
    """The kernel of each face, enlarged; what kind of blur it is, is told in the report."""

    confidence: bool = False
    """The result with what is guessed marked on every face."""


@dataclass(frozen=True)
class PhotoOptions:
    """How photos are read, restored and written."""

    aligned: bool = False
    """Inputs are face crops already."""

    jpeg_quality: int = 95
    metadata: Metadata = "keep"
    limits: PhotoLimits = field(default_factory=PhotoLimits)
    extras: Extras = field(default_factory=Extras)
    check: bool = False
    """Each result is blurred again, and the report tells how well it explains its input."""

    existing: ExistingPolicy = ExistingPolicy.FAIL

    @property
    def overwrite(self) -> bool:
        """Whether a result that exists is replaced."""
        return self.existing is ExistingPolicy.OVERWRITE


@dataclass(frozen=True, eq=False)
class ProcessedPhoto:
    """A photo with its faces restored, and the file made of it."""

    source: Photo
    frames: tuple[RestoredFrame, ...]
    encoded: bytes
    seconds: dict[str, float]
    status: Status

    notes: tuple[str, ...]
    """Sentences about what the photo lost on the way."""

    def report_faces(self, check: bool = False, kernels: bool = False) -> tuple[FaceReport, ...]:
        """Every face of every frame, numbered within its frame from 1.

        check: how well the result explains the input is worked out too. kernels: so is what kind of blur it was.
        """
        return tuple(
            FaceReport(
                index,
                number,
                restored.face,
                restored.working_size,
                restored.verdict,
                restored.left,
                restored.explained if check else None,
                _report_blur(restored) if kernels else None,
            )
            for index, frame in enumerate(self.frames, start=1)
            for number, restored in enumerate(frame.faces, start=1)
        )


def process_photo(
    data: bytes, name: str, kind: str | None, pipeline: Pipeline, options: PhotoOptions
) -> ProcessedPhoto:
    """Restores the faces of an encoded photo and encodes it again.

    name: used in sentences about the photo. kind: of the result, such as "PNG"; None keeps the photo's own. Where there is no
    face or all were left as they were, the metadata is kept and the kind is the same, the very bytes come back. Raises
    PhotoError, ModelError.
    """
    started = time.perf_counter()
    photo = read_photo(data, name, options.limits)
    read = time.perf_counter()
    restore = pipeline.restore_aligned if options.aligned else pipeline.restore
    frames = tuple(restore(frame.pixels) for frame in photo.frames)
    timings = Timings()
    for frame in frames:
        timings = timings.plus(frame.timings)
    encoding = time.perf_counter()
    target = kind or photo.kind
    status, notes = Status.RESTORED, photo.notes
    if all(face.left for frame in frames for face in frame.faces):
        status = Status.UNCHANGED if target == photo.kind and options.metadata == "keep" else Status.CONVERTED
    if status is Status.UNCHANGED:
        encoded = data
    else:
        notes += losses(photo, target)
        result = photo.with_pixels([frame.pixels for frame in frames])
        encoded = encode_photo(result, EncodeOptions(target, options.jpeg_quality, options.metadata))
    seconds = {
        "read": read - started,
        "detect": timings.detect,
        "restore": timings.restore,
        "paste": timings.paste,
        "encode": time.perf_counter() - encoding,
    }
    return ProcessedPhoto(photo, frames, encoded, seconds, status, notes)


def restore_file(planned: PlannedOutput, pipeline: Pipeline, options: PhotoOptions) -> FileReport:
    """Restores one input into its output, never half-written.

    What goes wrong on purpose, or for want of memory, becomes a report of status FAILED.
    """

    def work() -> FileReport:
        if planned.standard_stream and options.extras != Extras():
            raise UsageError("pictures that explain a result need a place beside it: name an output file with -o")
        processed = process_photo(_source_bytes(planned), _source_name(planned), _kind(planned), pipeline, options)
        writing = time.perf_counter()
        extras = _write_extras(processed, planned.path, options)
        _write(planned, processed.encoded, options)
        seconds = processed.seconds | {"write": time.perf_counter() - writing}
        return FileReport(
            _source_name(planned),
            _output_name(planned),
            processed.status,
            processed.report_faces(options.check, options.extras.kernels),
            seconds,
            processed.notes,
            extras,
            sum(frame.left_out for frame in processed.frames),
        )

    return _reported(planned, work)


def detect_file(
    planned: PlannedOutput,
    draw: bool,
    detector: Detector,
    selection: FaceSelection,
    options: PhotoOptions,
) -> FileReport:
    """Finds the faces of one input and, with `draw`, writes the photo with its faces marked. Fails as `restore_file` does."""

    def work() -> FileReport:
        started = time.perf_counter()
        photo = read_photo(_source_bytes(planned), _source_name(planned), options.limits)
        read = time.perf_counter()
        found = [
            select_faces(detector.detect(byte_view(frame.pixels)), frame.pixels.shape, selection)
            for frame in photo.frames
        ]
        seconds = {"read": read - started, "detect": time.perf_counter() - read}
        if draw:
            marked = [
                draw_faces(byte_view(frame.pixels), faces) for frame, faces in zip(photo.frames, found, strict=True)
            ]
            coloured = Photo(
                tuple(
                    Frame(picture, None, frame.duration) for picture, frame in zip(marked, photo.frames, strict=True)
                ),
                photo.kind,
                grey=False,
                loop=photo.loop,
            )
            kind = _kind(planned) or photo.kind
            encoded = encode_photo(coloured, EncodeOptions(kind, options.jpeg_quality, options.metadata))
            _write(planned, encoded, options)
        faces = tuple(
            FaceReport(index, number, face)
            for index, frame_faces in enumerate(found, start=1)
            for number, face in enumerate(frame_faces, start=1)
        )
        output = _output_name(planned) if draw else None
        return FileReport(_source_name(planned), output, Status.DETECTED, faces, seconds, photo.notes)

    return _reported(planned, work)


def _report_blur(restored: RestoredFace) -> BlurReport | None:
    blur = restored.blur
    if blur is None:
        return None
    return BlurReport(describe_kernel(blur.kernel, blur.resolution), blur.certainty, blur.field is not None)


def _reported(planned: PlannedOutput, work: Callable[[], FileReport]) -> FileReport:
    source, output = _source_name(planned), _output_name(planned)
    if planned.skip:
        return FileReport(source, output, Status.SKIPPED)
    try:
        return work()
    except ClearfaceError as error:
        sentence = str(error)
        named = any(name in sentence for name in (source, output, planned.path.stem))
        return FileReport(source, output, Status.FAILED, error=sentence if named else f"{source}: {sentence}")
    except MemoryError:
        return FileReport(source, output, Status.FAILED, error=f"{source}: there is not enough memory for this photo")


def _source_bytes(planned: PlannedOutput) -> bytes:
    return read_standard_input() if planned.source.standard_stream else read_bytes(planned.source.path)


def _source_name(planned: PlannedOutput) -> str:
    return "standard input" if planned.source.standard_stream else shown(planned.source.path)


def _output_name(planned: PlannedOutput) -> str:
    return STANDARD_STREAM if planned.standard_stream else shown(planned.path)


def _kind(planned: PlannedOutput) -> str | None:
    return None if planned.standard_stream else kind_of_extension(planned.path)


def _write(planned: PlannedOutput, encoded: bytes, options: PhotoOptions) -> None:
    if planned.standard_stream:
        write_standard_output(encoded)
    else:
        write_atomically(planned.path, encoded, overwrite=options.overwrite)


def _write_extras(processed: ProcessedPhoto, output: Path, options: PhotoOptions) -> tuple[str, ...]:
    written = []
    for path, picture in _extra_pictures(processed, output, options.extras):
        if options.existing is ExistingPolicy.SKIP and path.exists():
            continue
        photo = Photo(frames=(Frame(picture),), kind="PNG", grey=False)
        write_atomically(path, encode_photo(photo, EncodeOptions("PNG")), overwrite=options.overwrite)
        written.append(shown(path))
    return tuple(written)


def _extra_pictures(processed: ProcessedPhoto, output: Path, extras: Extras) -> Iterator[tuple[Path, ByteImage]]:
    several = len(processed.frames) > 1
    for index, (source, frame) in enumerate(zip(processed.source.frames, processed.frames, strict=True), start=1):
        stem = f"{output.stem}_frame{index:04d}" if several else output.stem
        if extras.crops:
            for number, face in enumerate(frame.faces, start=1):
                yield output.with_name(f"{stem}_face{number}_before.png"), as_bytes(face.before)
                yield output.with_name(f"{stem}_face{number}_after.png"), as_bytes(face.after)
        if extras.comparison:
            yield output.with_name(f"{stem}_comparison.png"), comparison(byte_view(source.pixels), frame)
        if extras.boxes:
            faces = [restored.face for restored in frame.faces]
            yield output.with_name(f"{stem}_boxes.png"), draw_faces(byte_view(source.pixels), faces)
        if extras.kernels:
            for number, face in enumerate(frame.faces, start=1):
                if face.blur is not None:
                    yield output.with_name(f"{stem}_face{number}_kernel.png"), kernel_picture(face.blur.kernel)
        if extras.confidence:
            yield output.with_name(f"{stem}_confidence.png"), confidence_overlay(frame)
