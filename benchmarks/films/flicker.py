"""How much restoring makes films flicker, and how near it comes to the truth.

    python -m benchmarks.films.flicker

Blurred films of the public-domain astronaut are restored frame by frame, as photos are, and as films are. Their warped error
(`clearface.evaluate.metrics.warped_error`, times 10,000) is measured over the face along the flow of the sharp film, and so is
their PSNR. The faces are found in the sharp film, so that all are given the same; their landmarks then get an error of half a
pixel, as those of tracked faces have.
"""

import argparse
import io
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import av
import cv2
import numpy as np
import skimage.data

from clearface.api import default_pipeline
from clearface.arrays import ByteImage, DoubleArray, FloatArray
from clearface.evaluate.metrics.warped_error import flow_between, trusted_flow, warped_error
from clearface.faces import Box, Face, apply_transform, native_size
from clearface.films.array_canvas import ArrayCanvas
from clearface.films.base import FilmFrame
from clearface.films.restoring import FilmRestoring
from clearface.pipeline import Pipeline
from clearface.tracking.base import TrackedFace, TrackedFrame

_WIDTH, _HEIGHT = 360, 320
_RATE = 25
_LANDMARK_ERROR = 0.5
_INNER = 0.3
"""What is measured reaches so far from the middle of a face, in parts of its square."""

Pose = tuple[float, float, float, float]
"""Scale, degrees, pixels across and down."""


@dataclass(frozen=True)
class Case:
    """One film."""

    name: str
    pose: Callable[[int], Pose]
    noise: float
    """Deviation in levels of 255, anew in each frame."""

    quality: int | None = None
    """The constant rate factor of H.264; None where the film is not compressed."""

    talking: bool = False


@dataclass(frozen=True, eq=False)
class Film:
    sharp: list[ByteImage]
    seen: list[ByteImage]
    faces: list[Face]


def still(frame: int) -> Pose:
    return 1.0, 0.0, 0.0, 0.0


def moving(frame: int) -> Pose:
    return 1.0, 2 * float(np.sin(frame / 5)), 2.7 * frame - 30, 1.3 * frame - 15


def nearing(frame: int) -> Pose:
    return 0.9 + 0.012 * frame, 0.4 * frame, 0.8 * frame, 0.0


CASES = (
    Case("still", still, 2),
    Case("still", still, 5),
    Case("still, talking", still, 2, talking=True),
    Case("moving", moving, 2),
    Case("moving", moving, 5),
    Case("moving, talking", moving, 2, talking=True),
    Case("coming nearer", nearing, 2),
    Case("still, H.264 at 23", still, 3, 23),
    Case("still, H.264 at 32", still, 3, 32),
    Case("moving, H.264 at 23", moving, 3, 23),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--blur", type=float, default=2.0, help="deviation of the Gaussian, in pixels")
    arguments = parser.parse_args()
    pipeline = default_pipeline()
    print("| film | noise | flicker: input | frame by frame | as a film | PSNR: input | frame by frame | as a film |")
    print("|---|---|---|---|---|---|---|---|")
    for case in CASES:
        film = made(case, arguments.frames, arguments.blur, pipeline)
        frame_by_frame = [
            np.asarray(pipeline.restore(frame, [face]).pixels, np.uint8)
            for frame, face in zip(film.seen, film.faces, strict=True)
        ]
        results = (film.seen, frame_by_frame, restored(film, pipeline))
        errors = " | ".join(f"{flicker(result, film):.2f}" for result in results)
        quality = " | ".join(f"{psnr(result, film):.2f}" for result in results)
        print(f"| {case.name} | {case.noise:g} | {errors} | {quality} |", flush=True)


def made(case: Case, count: int, blur: float, pipeline: Pipeline) -> Film:
    """A film with its truth."""
    random = np.random.default_rng(0)
    portrait = np.ascontiguousarray(skimage.data.astronaut())
    face = pipeline.detector.detect(portrait)[0]
    film = Film([], [], [])
    for frame in range(count):
        picture = talking(portrait, face, frame) if case.talking else portrait
        place = placed(face, case.pose(frame))
        shown = cv2.warpAffine(picture, place, (_WIDTH, _HEIGHT), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        blurred = cv2.GaussianBlur(shown.astype(np.float32), (0, 0), blur)
        noisy = np.rint(np.clip(blurred + random.normal(0, case.noise, blurred.shape), 0, 255))
        film.sharp.append(np.asarray(shown, np.uint8))
        film.seen.append(noisy.astype(np.uint8))
        corners = apply_transform(place, np.array([[face.box.left, face.box.top], [face.box.right, face.box.bottom]]))
        landmarks = apply_transform(place, face.landmarks) + random.normal(0, _LANDMARK_ERROR, (5, 2))
        film.faces.append(Face(Box(*corners[0], *corners[1]), face.score, landmarks))
    return film if case.quality is None else Film(film.sharp, compressed(film.seen, case.quality), film.faces)


def placed(face: Face, pose: Pose) -> DoubleArray:
    """From the portrait into the film."""
    scale, degrees, across, down = pose
    x, y = face.box.centre
    place = np.asarray(cv2.getRotationMatrix2D((x, y), degrees, scale), np.float64)
    place[:, 2] += [_WIDTH / 2 - x + across, _HEIGHT / 2 - y + down]
    return place


def talking(portrait: ByteImage, face: Face, frame: int) -> ByteImage:
    """With a mouth that opens and closes."""
    picture = portrait.copy()
    x, y = face.landmarks[3:].mean(0)
    middle, axes = (round(x * 16), round(y * 16)), (9 * 16, round((3 + 3 * np.sin(0.9 * frame)) * 16))
    cv2.ellipse(picture, middle, axes, 0, 0, 360, (64, 13, 20), -1, cv2.LINE_AA, 4)
    return picture


def compressed(frames: list[ByteImage], quality: int) -> list[ByteImage]:
    """What H.264 leaves of them."""
    file = io.BytesIO()
    with av.open(file, mode="w", format="mp4") as film:
        options = {"crf": str(quality), "preset": "medium", "g": "12"}
        video = film.add_stream("libx264", rate=Fraction(_RATE), options=options)
        video.width, video.height, video.pix_fmt = _WIDTH, _HEIGHT, "yuv420p"
        for frame in frames:
            film.mux(video.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        film.mux(video.encode())
    file.seek(0)
    with av.open(file, mode="r") as read:
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in read.decode(video=0)]


def restored(film: Film, pipeline: Pipeline) -> list[ByteImage]:
    """As a film."""
    transform = FilmRestoring(pipeline)
    results = [frame.copy() for frame in film.seen]
    frames = [
        (
            FilmFrame(index + 1, index / _RATE, index, ArrayCanvas(picture)),
            TrackedFrame(index + 1, index / _RATE, (TrackedFace(1, face),)),
        )
        for index, (picture, face) in enumerate(zip(results, film.faces, strict=True))
    ]
    for start in range(0, len(frames), transform.together):
        transform.apply(frames[start : start + transform.together])
    return results


def flicker(frames: list[ByteImage], film: Film) -> float:
    """The warped error over the face, times 10,000."""
    errors = []
    for index in range(len(frames) - 1):
        inner = within(film.faces[index])
        sharp = [film.sharp[index][inner], film.sharp[index + 1][inner]]
        forward, backward = flow_between(sharp[0], sharp[1]), flow_between(sharp[1], sharp[0])
        pair = [as_floats(frames[index][inner]), as_floats(frames[index + 1][inner])]
        errors.append(warped_error(pair[0], pair[1], forward, trusted_flow(forward, backward)))
    return 1e4 * float(np.nanmean(errors))


def psnr(frames: list[ByteImage], film: Film) -> float:
    """Mean over the frames, over the face, in decibels."""
    values = []
    for frame, sharp, face in zip(frames, film.sharp, film.faces, strict=True):
        inner = within(face)
        values.append(-10 * np.log10(np.mean((as_floats(frame[inner]) - as_floats(sharp[inner])) ** 2)))
    return float(np.mean(values))


def within(face: Face) -> tuple[slice, slice]:
    """Rows and columns of what is measured."""
    reach = _INNER * native_size(face)
    x, y = face.box.centre
    return slice(round(y - reach), round(y + reach)), slice(round(x - reach), round(x + reach))


def as_floats(picture: ByteImage) -> FloatArray:
    return picture.astype(np.float32) / np.float32(255)


if __name__ == "__main__":
    main()
