"""A film whose faces are known: where each is in every frame, and how much of it shows.

python -m benchmarks.films.clip FOLDER                     the astronaut, in all the parts
python -m benchmarks.films.clip FOLDER --faces PORTRAITS   more people

FOLDER then holds clip.mp4 (1080p, H.264, with a tone) and truth.jsonl, a line of JSON for each frame
(`benchmarks/films/truth.py`).
"""

import argparse
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import skimage.data
from benchmarks.films.heads import Head, Pose, lay_over, placed, read_heads
from benchmarks.films.scenes import HEIGHT, WIDTH, Scene, scenes, shown
from benchmarks.films.truth import TrueFace, TrueFrame, line, owners

from clearface.arrays import ByteImage, DoubleArray, FloatArray
from clearface.faces import apply_transform

_TONE = 440.0
_SOUND_RATE = 48000
_INNER_GROWTH = 1.25
"""The hull of the five landmarks is enlarged by this factor."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--faces", type=Path, help="folder of portraits; the astronaut without one")
    parser.add_argument("--people", type=int, default=24, help="portraits taken, evenly over the folder")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rate", type=int, default=30, help="frames a second")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each of the five scenes")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    heads = read_heads(arguments.faces, arguments.people)
    make(arguments.folder, heads, np.random.default_rng(arguments.seed), arguments.rate, arguments.seconds)


def make(folder: Path, heads: list[Head], random: np.random.Generator, rate: int, seconds: float) -> None:
    """Writes both files."""
    frames = round(rate * seconds)
    script = scenes(random)
    number, person = 0, 0
    with av.open(str(folder / "clip.mp4"), "w") as film, (folder / "truth.jsonl").open("w") as truth:
        video = film.add_stream("libx264", rate=rate, options={"crf": "20", "preset": "veryfast"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        sound = film.add_stream("aac", rate=_SOUND_RATE, layout="mono")
        for scene in script:
            texture = background(scene.texture)
            cast = [heads[(person + index) % len(heads)] for index in range(len(scene.walks))]
            for step in range(frames):
                number += 1
                poses = [shown(walk, step / rate, 0.5 / rate) for walk in scene.walks]
                picture = rendered(scene, texture, cast, poses, step / rate, random)
                film.mux(video.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
                truth.write(line(true_frame(number, scene, cast, poses, person + 1)) + "\n")
            person += len(scene.walks)
        film.mux(video.encode(None))
        for packet_frame in tone(number / rate):
            film.mux(sound.encode(packet_frame))
        film.mux(sound.encode(None))


def background(texture: str) -> ByteImage:
    """Larger than the frame, in one colour."""
    plane = cv2.GaussianBlur(getattr(skimage.data, texture)(), (0, 0), 1.0)
    plane = cv2.resize(plane, None, fx=2.5, fy=2.5, interpolation=cv2.INTER_CUBIC)
    tiled = np.pad(plane, ((0, 600), (0, 1700)), mode="reflect")
    tint = {"gravel": (0.9, 0.85, 0.8), "brick": (0.8, 0.6, 0.5), "grass": (0.6, 0.8, 0.5)}[texture]
    return np.asarray(np.clip(tiled[..., None] * np.array(tint), 0, 255), np.uint8)


def rendered(
    scene: Scene, texture: ByteImage, cast: list[Head], poses: list[Pose], seconds: float, random: np.random.Generator
) -> ByteImage:
    """One frame."""
    room = (texture.shape[1] - WIDTH, texture.shape[0] - HEIGHT)
    left, top = (room[axis] / 2 + scene.pan[axis] * (seconds - 2.5) for axis in (0, 1))
    shift = np.array([[1.0, 0.0, -float(np.clip(left, 0, room[0]))], [0.0, 1.0, -float(np.clip(top, 0, room[1]))]])
    frame: FloatArray = np.asarray(cv2.warpAffine(texture, shift, (WIDTH, HEIGHT)), np.float32)
    for head, pose in zip(cast, poses, strict=True):
        lay_over(frame, head, pose)
    for bar in scene.bars:
        frame[:, bar.left : bar.right] = np.array([70.0, 60.0, 50.0], np.float32)
    frame *= scene.light(seconds)
    noise = np.empty((HEIGHT, WIDTH), np.float32)
    cv2.setRNGSeed(int(random.integers(2**31)))
    cv2.randn(noise, 0, scene.noise)  # type: ignore[call-overload]
    return np.asarray(np.clip(frame + noise[..., None], 0, 255), np.uint8)


def true_frame(number: int, scene: Scene, cast: list[Head], poses: list[Pose], first: int) -> TrueFrame:
    """Where the faces of a frame are, and how much shows of the inner part of each; `first` is the number of the first person."""
    faces = [
        _hidden_face(head, pose, first + index) for index, (head, pose) in enumerate(zip(cast, poses, strict=True))
    ]
    frame = TrueFrame(number, scene.name, [(bar.left, bar.right) for bar in scene.bars], tuple(faces))
    counts = np.bincount(owners(frame, (HEIGHT, WIDTH)).ravel(), minlength=len(faces) + 1)
    areas = [max(cv2.contourArea(np.array(face.inner, np.float32)), 1.0) for face in faces]
    shares = [round(min(1.0, float(count) / area), 3) for count, area in zip(counts[1:], areas, strict=True)]
    seen = [replace(face, visible=share) for face, share in zip(faces, shares, strict=True)]
    return replace(frame, faces=tuple(seen))


def _hidden_face(head: Head, pose: Pose, person: int) -> TrueFace:
    box, scale = head.face.box, pose.size / head.face.box.size
    half_width, half_height = box.width * scale / 2, box.height * scale / 2
    corners = (pose.x - half_width, pose.y - half_height, pose.x + half_width, pose.y + half_height)
    left, top, right, bottom = (round(float(corner), 2) for corner in corners)
    outline = inner_outline(apply_transform(placed(head, pose), head.face.landmarks))
    angle = round(float(pose.angle), 2)
    return TrueFace(person, (left, top, right, bottom), angle, np.round(outline, 2).tolist(), 0.0)


def inner_outline(landmarks: DoubleArray) -> DoubleArray:
    """A convex polygon `(N, 2)` around eyes, nose and mouth."""
    hull = np.asarray(cv2.convexHull(landmarks.astype(np.float32))[:, 0], np.float64)
    centre = hull.mean(0)
    return np.asarray(centre + _INNER_GROWTH * (hull - centre), np.float64)


def tone(seconds: float) -> list[av.AudioFrame]:
    """A sine, in frames of 1024 samples."""
    wave = 0.1 * np.sin(2 * np.pi * _TONE * np.arange(round(seconds * _SOUND_RATE)) / _SOUND_RATE)
    frames = []
    for start in range(0, len(wave) - 1023, 1024):
        frame = av.AudioFrame.from_ndarray(wave[None, start : start + 1024].astype(np.float32), "fltp", "mono")
        frame.sample_rate, frame.pts, frame.time_base = _SOUND_RATE, start, Fraction(1, _SOUND_RATE)
        frames.append(frame)
    return frames


if __name__ == "__main__":
    main()
