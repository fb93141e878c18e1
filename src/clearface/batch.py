"""One photo file at a time through the pipeline: read, work, write, report. One bad photo never stops the others."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from clearface.arrays import ByteImage
from clearface.detectors.base import Detector
from clearface.detectors.selection import FaceSelection, select_faces
from clearface.errors import ClearfaceError, UsageError
from clearface.extras import Extras, extra_pictures, png_file
from clearface.files.atomic import write_atomically
from clearface.files.explanations import shown
from clearface.files.inputs import STANDARD_STREAM, read_bytes, read_standard_input
from clearface.files.outputs import ExistingPolicy, PlannedOutput
from clearface.files.standard_output import write_standard_output
from clearface.photos.decode import PhotoLimits, read_photo
from clearface.photos.encode import EncodeOptions, Gps, Metadata, encode_photo, losses
from clearface.photos.kinds import kind_of_extension
from clearface.photos.photo import Frame, Photo, byte_view
from clearface.pictures import draw_faces
from clearface.pipeline import Pipeline, RestoredFace, RestoredFrame, Timings
from clearface.point_spread_words import describe_kernel
from clearface.report import BlurReport, FaceReport, FileReport, Status
from clearface.restorers.base import Restorer
from clearface.sidecars import SidecarFace, SidecarFrame, SidecarHeader, sidecar_lines
from clearface.steps import Step, Watch, unwatched
from clearface.tracking.base import TrackedFace


@dataclass(frozen=True)
class PhotoOptions:
    """How photos are read, restored and written."""

    aligned: bool = False
    """Inputs are face crops already."""

    jpeg_quality: int = 95
    metadata: Metadata = "keep"
    gps: Gps | None = None
    """Whether results say where a photo was taken; None for what is usual: yes, but not where faces are hidden."""

    limits: PhotoLimits = field(default_factory=PhotoLimits)
    extras: Extras = field(default_factory=Extras)
    check: bool = False
    """Each result is blurred again, and the report tells how well it explains its input."""

    existing: ExistingPolicy = ExistingPolicy.FAIL

    @property
    def overwrite(self) -> bool:
        """Whether a result that exists is replaced."""
        return self.existing is ExistingPolicy.OVERWRITE


def refuse_untold(options: PhotoOptions, restorer: Restorer, before: str) -> None:
    """Raises UsageError for an option that needs what the restorer does not tell.

    before: what the names of options begin with where they are given, such as `--`.
    """
    asked = (
        ("confidence", options.extras.confidence, restorer.tells.confidence, "does not say how sure it is"),
        ("kernel", options.extras.kernels, restorer.tells.kernel, "names no blur"),
        ("check", options.check, restorer.tells.kernel, "names no blur to check its results with"),
    )
    for option, wanted, told, reason in asked:
        if wanted and not told:
            raise UsageError(f"{before}{option}: the restorer {restorer.name} {reason}; smfd does")


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

    def report(self, source: str, output: str | None, options: PhotoOptions) -> FileReport:
        """What became of it. source, output: what to call the photo and its result. Further files are not told."""
        return FileReport(
            source,
            output,
            self.status,
            self.report_faces(options.check, options.extras.kernels),
            self.seconds,
            self.notes,
            left_out=sum(frame.left_out for frame in self.frames),
        )


def process_photo(
    data: bytes, name: str, kind: str | None, pipeline: Pipeline, options: PhotoOptions, watch: Watch = unwatched
) -> ProcessedPhoto:
    """Restores the faces of an encoded photo and encodes it again.

    name: used in sentences about the photo. kind: of the result, such as "PNG"; None keeps the photo's own. watch: told how far
    it is. Where there is no face or all were left as they were, the metadata is kept and the kind is the same, the very bytes
    come back. Raises PhotoError, ModelError.
    """
    started = time.perf_counter()
    watch(Step.READING, 0.0)
    photo = read_photo(data, name, options.limits)
    read = time.perf_counter()
    frames = []
    for index, frame in enumerate(photo.frames):

        def of_all(step: Step, done: float, before: int = index) -> None:
            watch(step, (before + done) / len(photo.frames))

        if options.aligned:
            frames.append(pipeline.restore_aligned(frame.pixels, of_all))
        else:
            frames.append(pipeline.restore(frame.pixels, watch=of_all))
    timings = Timings()
    for restored in frames:
        timings = timings.plus(restored.timings)
    watch(Step.WRITING, 0.0)
    encoding = time.perf_counter()
    encoded, status, notes = encode_result(photo, frames, data, kind, options)
    seconds = {
        "read": read - started,
        "detect": timings.detect,
        "restore": timings.restore,
        "paste": timings.paste,
        "encode": time.perf_counter() - encoding,
    }
    return ProcessedPhoto(photo, tuple(frames), encoded, seconds, status, notes)


def encode_result(
    photo: Photo, frames: Sequence[RestoredFrame], data: bytes, kind: str | None, options: PhotoOptions
) -> tuple[bytes, Status, tuple[str, ...]]:
    """The file of a photo whose frames were restored, what became of it, and what it lost on the way.

    data: the file the photo was read from, which comes back where all faces were left, the kind stays and so does the metadata.
    """
    target = kind or photo.kind
    status, notes = Status.RESTORED, photo.notes
    kept = options.metadata == "keep" and options.gps != "drop"
    if all(face.left for frame in frames for face in frame.faces):
        status = Status.UNCHANGED if target == photo.kind and kept else Status.CONVERTED
    if status is Status.UNCHANGED:
        encoded = data
    else:
        notes += losses(photo, target)
        result = photo.with_pixels([frame.pixels for frame in frames])
        encoded = encode_photo(
            result, EncodeOptions(target, options.jpeg_quality, options.metadata, options.gps or "keep")
        )
    return encoded, status, notes


def restore_file(
    planned: PlannedOutput, pipeline: Pipeline, options: PhotoOptions, sidecar: Path | None = None
) -> FileReport:
    """Restores one input into its output, never half-written. sidecar: where to write a list of its faces.

    What goes wrong on purpose, or for want of memory, becomes a report of status FAILED.
    """

    def work() -> FileReport:
        if planned.standard_stream and options.extras != Extras():
            raise UsageError("pictures that explain a result need a place beside it: name an output file with -o")
        processed = process_photo(source_bytes(planned), source_name(planned), result_kind(planned), pipeline, options)
        writing = time.perf_counter()
        extras = _write_extras(processed, planned.path, options)
        extras += write_faces_list(sidecar, source_name(planned), processed.source, processed.report_faces(), options)
        write_result(planned, processed.encoded, options)
        report = processed.report(source_name(planned), output_name(planned), options)
        seconds = processed.seconds | {"write": time.perf_counter() - writing}
        return replace(report, seconds=seconds, extras=extras)

    return reported(planned, work)


@dataclass(frozen=True, eq=False)
class DetectedPhoto:
    """A photo whose faces were found."""

    source: Photo
    faces: tuple[FaceReport, ...]
    seconds: dict[str, float]


def detect_photo(
    data: bytes,
    name: str,
    detector: Detector,
    selection: FaceSelection,
    options: PhotoOptions,
    watch: Watch = unwatched,
) -> DetectedPhoto:
    """Finds the faces of an encoded photo. Raises PhotoError, ModelError."""
    started = time.perf_counter()
    watch(Step.READING, 0.0)
    photo = read_photo(data, name, options.limits)
    read = time.perf_counter()
    faces: list[FaceReport] = []
    for index, frame in enumerate(photo.frames, start=1):
        watch(Step.FINDING, (index - 1) / len(photo.frames))
        found = select_faces(detector.detect(byte_view(frame.pixels)), frame.pixels.shape, selection)
        faces += [FaceReport(index, number, face) for number, face in enumerate(found, start=1)]
    return DetectedPhoto(photo, tuple(faces), {"read": read - started, "detect": time.perf_counter() - read})


def encode_marked(detected: DetectedPhoto, kind: str | None, options: PhotoOptions) -> bytes:
    """A photo with its faces marked, as a file of that kind; None keeps the photo's own."""

    def draw(picture: ByteImage, index: int) -> ByteImage:
        return draw_faces(picture, [found.face for found in detected.faces if found.frame == index])

    return encode_drawn(detected.source, draw, kind, options)


def encode_drawn(
    photo: Photo, draw: Callable[[ByteImage, int], ByteImage], kind: str | None, options: PhotoOptions
) -> bytes:
    """A photo as a file of that kind, None for its own, with something drawn on it.

    draw: gives each frame, RGB uint8 `(H, W, 3)` and its number from 1, as it is to be.
    """
    marked = tuple(
        Frame(draw(byte_view(frame.pixels), index), None, frame.duration)
        for index, frame in enumerate(photo.frames, start=1)
    )
    coloured = Photo(marked, photo.kind, grey=False, loop=photo.loop)
    return encode_photo(
        coloured, EncodeOptions(kind or photo.kind, options.jpeg_quality, options.metadata, options.gps or "keep")
    )


def detect_file(
    planned: PlannedOutput,
    draw: bool,
    detector: Detector,
    selection: FaceSelection,
    options: PhotoOptions,
    sidecar: Path | None = None,
) -> FileReport:
    """Finds the faces of one input and, with `draw`, writes the photo with its faces marked.

    Takes a sidecar and fails as `restore_file` does.
    """

    def work() -> FileReport:
        source = source_name(planned)
        detected = detect_photo(source_bytes(planned), source, detector, selection, options)
        if draw:
            write_result(planned, encode_marked(detected, result_kind(planned), options), options)
        output = output_name(planned) if draw else None
        notes = detected.source.notes
        extras = write_faces_list(sidecar, source, detected.source, detected.faces, options)
        return FileReport(source, output, Status.DETECTED, detected.faces, detected.seconds, notes, extras)

    return reported(planned, work)


def _report_blur(restored: RestoredFace) -> BlurReport | None:
    blur = restored.blur
    if blur is None:
        return None
    return BlurReport(describe_kernel(blur.kernel, blur.resolution), blur.certainty, blur.field is not None)


def reported(planned: PlannedOutput, work: Callable[[], FileReport]) -> FileReport:
    """What `work` reports of one input; SKIPPED where there is nothing to do, FAILED where it raises or memory runs out."""
    source, output = source_name(planned), output_name(planned)
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


def source_bytes(planned: PlannedOutput) -> bytes:
    """The input itself. Raises PhotoError where it cannot be read."""
    return read_standard_input() if planned.source.standard_stream else read_bytes(planned.source.path)


def source_name(planned: PlannedOutput) -> str:
    """What to call the input in sentences."""
    return "standard input" if planned.source.standard_stream else shown(planned.source.path)


def output_name(planned: PlannedOutput) -> str:
    """What to call the result."""
    return STANDARD_STREAM if planned.standard_stream else shown(planned.path)


def result_kind(planned: PlannedOutput) -> str | None:
    """The kind of photo that the name of the result asks for; None keeps the photo's own."""
    return None if planned.standard_stream else kind_of_extension(planned.path)


def write_result(planned: PlannedOutput, encoded: bytes, options: PhotoOptions) -> None:
    """Writes the result where it was planned, whole or not at all. Raises PhotoError."""
    if planned.standard_stream:
        write_standard_output(encoded)
    else:
        write_atomically(planned.path, encoded, overwrite=options.overwrite)


def write_faces_list(
    path: Path | None, name: str, photo: Photo, faces: Sequence[FaceReport], options: PhotoOptions
) -> tuple[str, ...]:
    """Writes where the faces of a photo are, where that was asked; says which file was written."""
    if path is None:
        return ()
    if options.existing is ExistingPolicy.SKIP and path.exists():
        return ()
    width, height = photo.size
    frames, seconds = [], 0.0
    for index, frame in enumerate(photo.frames, start=1):
        told = [SidecarFace(TrackedFace(face.number, face.face)) for face in faces if face.frame == index]
        frames.append(SidecarFrame(index, seconds, tuple(told)))
        seconds += (frame.duration or 0.0) / 1000
    write_atomically(path, sidecar_lines(SidecarHeader(name, width, height), frames), overwrite=options.overwrite)
    return (shown(path),)


def _write_extras(processed: ProcessedPhoto, output: Path, options: PhotoOptions) -> tuple[str, ...]:
    written = []
    for ending, picture in extra_pictures(processed.source, processed.frames, options.extras):
        path = output.with_name(f"{output.stem}{ending}")
        if options.existing is ExistingPolicy.SKIP and path.exists():
            continue
        write_atomically(path, png_file(picture), overwrite=options.overwrite)
        written.append(shown(path))
    return tuple(written)
