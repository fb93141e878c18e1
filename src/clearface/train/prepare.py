"""Photos to wide aligned crops, in one array that loads at once: `python -m clearface.train.prepare FOLDER -o faces.npy`."""

import argparse
from pathlib import Path

import numpy as np

from clearface.arrays import ByteImage
from clearface.detectors.base import Detector
from clearface.detectors.centerface import CenterFace, CenterFaceOptions
from clearface.errors import PhotoError
from clearface.faces import TEMPLATE_SIZE, Face, compose_transforms, template_transform
from clearface.photos.decode import read_photo
from clearface.photos.photo import byte_view
from clearface.squares import Square, take_square
from clearface.train.samples import WIDE_FRAMING


def wide_crop(pixels: ByteImage, face: Face, side: int) -> ByteImage:
    """The FFHQ square of a face with its surroundings, `(side, side, 3)`: `WIDE_FRAMING` times the square itself."""
    scale = side / WIDE_FRAMING / TEMPLATE_SIZE
    shift = (side - 1) / 2 - scale * (TEMPLATE_SIZE - 1) / 2
    widen = np.array([[scale, 0.0, shift], [0.0, scale, shift]])
    crop = take_square(pixels, Square(compose_transforms(template_transform(face), widen), side))
    return np.rint(crop * 255).astype(np.uint8)


def prepare_folder(folder: Path, side: int, detector: Detector) -> tuple[ByteImage, list[str]]:
    """One crop a photo, of its largest face: `(N, side, side, 3)`, and a sentence for every photo left out."""
    crops, left_out = [], []
    for path in sorted(folder.iterdir()):
        try:
            pixels = byte_view(read_photo(path.read_bytes(), path.name).frames[0].pixels)
        except PhotoError as error:
            left_out.append(str(error))
            continue
        faces = detector.detect(pixels)
        if faces:
            crops.append(wide_crop(pixels, max(faces, key=lambda face: face.box.size), side))
        else:
            left_out.append(f"{path.name}: no face found")
    return (np.stack(crops) if crops else np.zeros((0, side, side, 3), np.uint8)), left_out


def main() -> None:
    parser = argparse.ArgumentParser(description="Turns a folder of portraits into one array of aligned faces.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--side", type=int, default=352, help="pixels; the FFHQ square takes 1/1.3 of it")
    arguments = parser.parse_args()
    crops, left_out = prepare_folder(arguments.folder, arguments.side, CenterFace(CenterFaceOptions(threshold=0.4)))
    np.save(arguments.output, crops)
    for sentence in left_out:
        print(sentence)
    print(f"{arguments.output}: {len(crops)} faces, {len(left_out)} photos left out")


if __name__ == "__main__":
    main()
