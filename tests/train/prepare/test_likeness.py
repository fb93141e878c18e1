"""Which faces count as one."""

import cv2
import numpy as np

from clearface.arrays import ByteImage
from clearface.faces import Face
from clearface.train.prepare.crops import thumbnail, wide_crop
from clearface.train.prepare.likeness import ALIKE, THUMBNAIL, find_duplicates


def test_the_preferred_of_several_stays_and_others_name_it() -> None:
    generator = np.random.default_rng(0)
    different = generator.random((5, THUMBNAIL, THUMBNAIL)).astype(np.float32) * 255
    thumbnails = np.concatenate([different, different[[1, 3]] * 0.8 + 20])
    repeats = find_duplicates(thumbnails, np.array([6, 0, 1, 2, 3, 4, 5]))
    assert repeats.tolist() == [-1, -1, -1, 6, -1, 1, -1]


def test_duplicates_are_found_across_blocks() -> None:
    generator = np.random.default_rng(1)
    thumbnails = generator.random((1300, 8, 8)).astype(np.float32)
    thumbnails[1250], thumbnails[700] = thumbnails[3], thumbnails[600]
    repeats = find_duplicates(thumbnails, np.arange(1300))
    assert {int(face): int(repeats[face]) for face in np.flatnonzero(repeats >= 0)} == {1250: 3, 700: 600}


def test_what_repeats_a_face_left_out_alone_is_kept() -> None:
    ramp, stripes = np.meshgrid(np.linspace(-1, 1, 24), np.tile([-1.0, 1.0], 12))
    first = ramp / np.linalg.norm(ramp)
    aside = stripes / np.linalg.norm(stripes)
    angles = np.arccos(ALIKE) * np.array([0, 0.9, 1.8])
    chain = np.array([np.cos(angle) * first + np.sin(angle) * aside for angle in angles], np.float32)
    assert find_duplicates(chain, np.arange(3)).tolist() == [-1, 0, -1]


def test_small_changes_to_a_photo_make_no_other_face(portrait_pixels: ByteImage, portrait_face: Face) -> None:
    brighter = np.clip(portrait_pixels * 1.15 + 10, 0, 255).astype(np.uint8)
    _, encoded = cv2.imencode(".jpg", portrait_pixels, [cv2.IMWRITE_JPEG_QUALITY, 40])
    saved_again = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
    mirrored = np.ascontiguousarray(portrait_pixels[:, ::-1])
    thumbnails = [
        thumbnail(wide_crop(pixels, portrait_face, 96), 96, THUMBNAIL)
        for pixels in (portrait_pixels, brighter, saved_again, mirrored)
    ]
    assert find_duplicates(np.stack(thumbnails), np.arange(4)).tolist() == [-1, 0, 0, -1]
