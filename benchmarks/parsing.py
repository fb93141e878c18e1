"""How well the parts of a face are told apart, sharp and blurred: intersection over union by class.

    python benchmarks/parsing.py PHOTOS --masks MASKS --skip 950

PHOTOS and MASKS are a folder of CelebAMask-HQ and its palette masks, paired by name. Faces are aligned to the FFHQ square at 128
pixels; what lies beyond the photo does not count. Blurred are they by the protocols `mixed` and `shen` of `clearface degrade`.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from clearface.arrays import FloatArray
from clearface.degrade.protocols import degrade_by_protocol
from clearface.detectors.centerface import CenterFace
from clearface.masks import CLASS_COUNT, MASK_SCHEMES, UNKNOWN, ByteMask, FaceClass
from clearface.photos.decode import read_photo
from clearface.photos.photo import byte_view
from clearface.restorers.smfd.description import READER_FILE
from clearface.restorers.smfd.networks import Reader
from clearface.squares import take_square, template_square
from clearface.weights import weight_path

SIZE = 128


def labelled_faces(photos: Path, masks: Path, skip: int) -> tuple[FloatArray, ByteMask]:
    """Aligned faces `(N, SIZE, SIZE, 3)` in [0, 1] and their classes `(N, SIZE, SIZE)`."""
    detector, faces, classes = CenterFace(), [], []
    for path in sorted(photos.iterdir())[skip:]:
        pixels = byte_view(read_photo(path.read_bytes(), path.name).frames[0].pixels)
        found = detector.detect(pixels)
        if not found:
            continue
        square = template_square(max(found, key=lambda face: face.box.size), SIZE)
        with Image.open(masks / f"{path.stem}.png") as image:
            mask = MASK_SCHEMES["celebamask-hq"][np.asarray(image)]
        faces.append(take_square(pixels, square))
        classes.append(
            cv2.warpAffine(mask, square.to_square, (SIZE, SIZE), flags=cv2.INTER_NEAREST, borderValue=UNKNOWN)
        )
    return np.stack(faces), np.stack(classes).astype(np.uint8)


def intersections_over_unions(found: ByteMask, true: ByteMask) -> list[float]:
    """Of each class, over all faces; NaN for one that is not there."""
    known = true != UNKNOWN
    values = []
    for which in range(CLASS_COUNT):
        one, other = (found == which) & known, (true == which) & known
        values.append(float((one & other).sum() / (one | other).sum()) if other.any() else float("nan"))
    return values


def main() -> None:
    parser = argparse.ArgumentParser(description="Intersection over union of face masks, sharp and blurred.")
    parser.add_argument("photos", type=Path)
    parser.add_argument("--masks", type=Path, required=True)
    parser.add_argument("--skip", type=int, default=0, help="leave out this many photos first")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    faces, classes = labelled_faces(arguments.photos, arguments.masks, arguments.skip)
    reader = Reader(weight_path(READER_FILE))
    print(f"{len(faces)} faces at {SIZE}x{SIZE}, seed {arguments.seed}\n")
    print(f"| faces | mean | {' | '.join(which.name.lower().replace('_', ' ') for which in FaceClass)} |")
    print(f"|---|---|{'---|' * CLASS_COUNT}")
    for name in ("sharp", "mixed", "shen"):
        shown = degrade_by_protocol(faces, name, arguments.seed).faces
        masks, _ = reader.read(np.ascontiguousarray(shown.transpose(0, 3, 1, 2)))
        values = intersections_over_unions(masks.argmax(1).astype(np.uint8), classes)
        print(f"| {name} | {np.nanmean(values):.3f} | {' | '.join(f'{value:.2f}' for value in values)} |", flush=True)


if __name__ == "__main__":
    main()
