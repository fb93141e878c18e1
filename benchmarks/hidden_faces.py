"""How many small faces the search for hiding finds, and what it takes for faces.

python benchmarks/hidden_faces.py                       the astronaut's face, reduced, in photos of 12 megapixels
python benchmarks/hidden_faces.py --portraits FOLDER    faces of portraits of one face each instead
"""

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
import skimage.data
import skimage.io

from clearface.arrays import ByteImage
from clearface.detectors.base import Detector
from clearface.detectors.centerface import CenterFace, CenterFaceOptions
from clearface.detectors.registry import DetectorOptions
from clearface.detectors.thorough import build_thorough_detector
from clearface.faces import Box, Face

HEIGHT, WIDTH = 3000, 4000
FACES, CUT_FACES = 100, 24
SIZES = (8, 10, 12, 16, 40)
THRESHOLDS = (0.1, 0.15, 0.2, 0.25, 0.3)
OVERLAP = 0.35
TEXTURES = ("gravel", "grass", "brick", "coffee", "rocket")
WITHOUT_FACES = (
    *("brick", "grass", "gravel", "coffee", "rocket", "chelsea", "coins", "moon", "page", "text", "clock", "horse"),
    *("hubble_deep_field", "immunohistochemistry", "retina", "colorwheel", "logo", "cell"),
    *("cat", "checkerboard", "microaneurysms"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--portraits", type=Path, help="folder of portraits of one face each")
    parser.add_argument("--count", type=int, default=40, help="portraits taken, evenly over the folder")
    arguments = parser.parse_args()
    print_false_alarms()
    heads = [skimage.data.astronaut()]
    if arguments.portraits:
        paths = sorted(arguments.portraits.iterdir())
        chosen = np.linspace(0, len(paths) - 1, min(arguments.count, len(paths)))
        heads = [skimage.io.imread(paths[round(index)]) for index in chosen]
    print_recall(heads)


def print_false_alarms() -> None:
    """Answers in pictures without faces."""
    pictures = [rgb(getattr(skimage.data, name)()) for name in WITHOUT_FACES]
    print("| search | " + " | ".join(f"at {threshold}" for threshold in THRESHOLDS) + " |")
    print("|---|" + "---|" * len(THRESHOLDS))
    for name in ("usual", "thorough"):
        counts = [
            sum(len(detector(name, threshold).detect(picture)) for picture in pictures) for threshold in THRESHOLDS
        ]
        print(f"| {name} | " + " | ".join(map(str, counts)) + " |", flush=True)


def print_recall(heads: list[ByteImage]) -> None:
    """Recall of whole faces, of those the edge cuts by a third, and answers elsewhere."""
    sharp = CenterFace()
    found = [(head, faces[0]) for head in heads if (faces := sharp.detect(head))]
    print("\n| size | search | threshold | whole | cut by the edge | elsewhere | processor seconds |")
    print("|---|---|---|---|---|---|---|")
    for size in SIZES:
        photo, whole, cut = crowd(found, size)
        for name in ("usual", "thorough"):
            for threshold in THRESHOLDS:
                started = time.process_time()
                faces = detector(name, threshold).detect(photo)
                seconds = time.process_time() - started
                shares = [np.mean([hit(box, faces) for box in boxes]) for boxes in (whole, cut)]
                elsewhere = sum(not any(face.box.overlap(box) > 0.1 for box in whole + cut) for face in faces)
                row = f"{shares[0]:.0%} | {shares[1]:.0%} | {elsewhere} | {seconds:.1f}"
                print(f"| {size} | {name} | {threshold} | {row} |", flush=True)


def detector(name: str, threshold: float) -> Detector:
    if name == "usual":
        return CenterFace(CenterFaceOptions(threshold))
    return build_thorough_detector("centerface", DetectorOptions(threshold))


def crowd(heads: list[tuple[ByteImage, Face]], size: int) -> tuple[ByteImage, list[Box], list[Box]]:
    """A photo of textures with heads in it, and the boxes of the faces that lie in it and that its edges cut."""
    generator = np.random.default_rng(size)
    photo = textures()
    whole, cut = [], []
    for place in generator.permutation(35 * 25)[:FACES]:
        x, y = 100 + (place % 35) * 105, 100 + (place // 35) * 110
        head, box = reduced(*heads[generator.integers(len(heads))], size)
        whole.append(paste(photo, head, box, x, y))
    for index in range(CUT_FACES):
        head, box = reduced(*heads[generator.integers(len(heads))], size)
        along = 150 + index // 4 * 450
        across, down = (round(-box.left), along), (along, round(-box.top))
        x, y = (
            (across[0] - round(box.width / 3), across[1]),
            (WIDTH - round(box.left + box.width * 2 / 3), along),
            (down[0], down[1] - round(box.height / 3)),
            (along, HEIGHT - round(box.top + box.height * 2 / 3)),
        )[index % 4]
        cut.append(paste(photo, head, box, x, y))
    return photo, whole, cut


def textures() -> ByteImage:
    """Twelve fields of texture and detail."""
    photo = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    down, across = HEIGHT // 3, WIDTH // 4
    for index in range(12):
        picture = rgb(getattr(skimage.data, TEXTURES[index % len(TEXTURES)])())
        tiled = np.tile(picture, (-(-down // picture.shape[0]), -(-across // picture.shape[1]), 1))
        row, column = index // 4 * down, index % 4 * across
        photo[row : row + down, column : column + across] = tiled[:down, :across]
    return photo


def reduced(head: ByteImage, face: Face, size: int) -> tuple[ByteImage, Box]:
    """The surroundings of a face by area averaging, its box `size` pixels large."""
    (x, y), reach, scale = face.box.centre, face.box.size, size / face.box.size
    left, top = max(0, int(x - reach)), max(0, int(y - reach))
    crop = head[top : int(y + reach), left : int(x + reach)]
    shape = (max(1, round(crop.shape[1] * scale)), max(1, round(crop.shape[0] * scale)))
    small = np.asarray(cv2.resize(crop, shape, interpolation=cv2.INTER_AREA), np.uint8)
    box = face.box
    return small, Box(
        (box.left - left) * scale, (box.top - top) * scale, (box.right - left) * scale, (box.bottom - top) * scale
    )


def paste(photo: ByteImage, head: ByteImage, box: Box, x: int, y: int) -> Box:
    left, top = max(0, x), max(0, y)
    right, bottom = min(WIDTH, x + head.shape[1]), min(HEIGHT, y + head.shape[0])
    photo[top:bottom, left:right] = head[top - y : bottom - y, left - x : right - x]
    return Box(box.left + x, box.top + y, box.right + x, box.bottom + y)


def hit(box: Box, faces: list[Face]) -> bool:
    """Whether an answer covers what the photo shows of a face."""
    return any(inside(face.box).overlap(inside(box)) > OVERLAP for face in faces)


def inside(box: Box) -> Box:
    return Box(max(box.left, 0), max(box.top, 0), min(box.right, WIDTH), min(box.bottom, HEIGHT))


def rgb(picture: np.ndarray) -> ByteImage:
    values = picture.astype(np.uint8) * 255 if picture.dtype == bool else picture
    return np.ascontiguousarray(np.repeat(values[..., None], 3, axis=2) if values.ndim == 2 else values[..., :3])


if __name__ == "__main__":
    main()
