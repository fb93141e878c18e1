"""Makes the pictures of docs/benchmarks.md: twenty degraded faces, restored, with the truth and what the restorer is sure of.

    python benchmarks/make_comparison.py GRACE_HOPPER.jpg

The faces are of two public-domain portraits: the astronaut Eileen Collins (NASA, in scikit-image) and Rear Admiral Grace Hopper
(United States Navy; `matplotlib/mpl-data/sample_data/grace_hopper.jpg` in the package matplotlib). The restorer has seen neither.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from skimage import data

from clearface.arrays import ByteImage, FloatArray, as_bytes
from clearface.degrade.protocols import degrade_by_protocol
from clearface.detectors.centerface import CenterFace
from clearface.pictures_of_blur import confidence_laid
from clearface.restorers.smfd.smfd import Smfd
from clearface.squares import take_square, template_square

SIZE = 128
SHOWN = 160
GAP = 4


@dataclass(frozen=True)
class Row:
    """Ten of the faces."""

    protocol: str
    seeds: tuple[int, ...]


ROWS = (
    Row("shen", (1, 2, 3, 4)),
    Row("mixed", (1, 2, 3, 4)),
    Row("box5", (1,)),
    Row("mild", (1,)),
)


def sharp_face(picture: ByteImage, mirrored: bool) -> FloatArray:
    """The largest face of a portrait, `(SIZE, SIZE, 3)` in [0, 1]."""
    upright = np.ascontiguousarray(picture[:, ::-1]) if mirrored else picture
    face = max(CenterFace().detect(upright), key=lambda found: found.box.size)
    return take_square(upright, template_square(face, SIZE))


def degraded_faces(portraits: list[ByteImage]) -> tuple[FloatArray, FloatArray]:
    """Sharp and degraded, `(20, SIZE, SIZE, 3)` each: of every row's seeds the two portraits in turn, every other mirrored."""
    sharp, degraded = [], []
    for which, portrait in enumerate(portraits):
        for row in ROWS:
            for seed in row.seeds:
                face = sharp_face(portrait, mirrored=seed % 2 == 0)[None]
                sharp.append(face)
                degraded.append(degrade_by_protocol(face, row.protocol, 100 * which + seed).faces)
    return np.concatenate(sharp), np.concatenate(degraded)


def shown(face: ByteImage) -> ByteImage:
    """A face enlarged, with a rim."""
    enlarged = np.asarray(cv2.resize(face, (SHOWN, SHOWN), interpolation=cv2.INTER_CUBIC), np.uint8)
    return np.pad(enlarged, ((0, GAP), (0, GAP), (0, 0)), constant_values=255)


def four(before: FloatArray, after: FloatArray, truth: FloatArray, confidence: FloatArray) -> list[ByteImage]:
    """Input, result, truth, and the result with what is sure of it laid over."""
    result = as_bytes(after)
    return [as_bytes(before), result, as_bytes(truth), confidence_laid(result, confidence, np.ones_like(confidence))]


def main() -> None:
    parser = argparse.ArgumentParser(description="Twenty faces: input, result, truth, confidence.")
    parser.add_argument("hopper", type=Path, help="grace_hopper.jpg of the package matplotlib")
    arguments = parser.parse_args()
    with Image.open(arguments.hopper) as image:
        portraits = [data.astronaut(), np.asarray(image.convert("RGB"))]
    sharp, degraded = degraded_faces(portraits)
    answer = Smfd(restore_anyway=True).restore(degraded)
    assert answer.confidence is not None
    strips = [
        np.hstack([shown(picture) for picture in four(before, after, truth, confidence)])
        for before, after, truth, confidence in zip(degraded, answer.faces, sharp, answer.confidence, strict=True)
    ]
    half = len(strips) // 2
    sheet = np.vstack([np.hstack([left, right]) for left, right in zip(strips[:half], strips[half:], strict=True)])
    path = Path(__file__).parents[1] / "docs" / "pictures" / "restorations.jpg"
    Image.fromarray(sheet).save(path, quality=88)
    print(path)


if __name__ == "__main__":
    main()
