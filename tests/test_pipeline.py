"""The way through for one frame, with real detection."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from clearface.arrays import ByteImage, FloatArray
from clearface.blending import face_mask
from clearface.blur_estimates import BlurEstimate
from clearface.detectors.centerface import CenterFace
from clearface.detectors.selection import FaceSelection
from clearface.errors import ModelError, PhotoError
from clearface.pipeline import Pipeline, estimate_in_photo
from clearface.point_spread import motion
from clearface.point_spread_words import describe_kernel
from clearface.restorers.base import Framing, NetworkUse, Restored, Tells
from clearface.restorers.identity import Identity
from clearface.restorers.registry import RestorerOptions, build_restorer
from clearface.restorers.smfd.smfd import Smfd
from clearface.squares import Change, Square, carry_mask, template_square
from clearface.verdicts import Verdict


class Brightener:
    """Adds a checkerboard of one level in ten: a change without a slow part, easy to see."""

    name = "brightener"
    framing = Framing.TEMPLATE
    tells = Tells()

    def __init__(self) -> None:
        self.batches: list[tuple[int, ...]] = []

    def working_size(self, native_size: float) -> int:
        from clearface.faces import nearest_working_size

        return nearest_working_size(native_size)

    def networks(self, side: int) -> tuple[NetworkUse, ...]:
        return ()

    def restore(self, faces: FloatArray) -> Restored:
        self.batches.append(faces.shape)
        board = (np.indices(faces.shape[1:3]).sum(0) // 4 % 2 * 0.2 - 0.1).astype(np.float32)
        return Restored(np.clip(faces + board[None, :, :, None], 0, 1))


class Broken(Brightener):
    def restore(self, faces: FloatArray) -> Restored:
        return Restored(np.full_like(faces, np.nan))


@pytest.fixture(scope="module")
def detector() -> CenterFace:
    return CenterFace()


@pytest.fixture
def crowd(astronaut: ByteImage) -> ByteImage:
    """Four portraits of one size and a smaller one."""
    person = astronaut[:260, 100:360]
    row = np.concatenate([person, person, person, person], axis=1)
    below = np.full((180, row.shape[1], 3), 127, np.uint8)
    below[10:140, 20:150] = person[::2, ::2]
    return np.concatenate([row, below])


def test_every_face_is_restored_in_batches_of_one_size(detector: CenterFace, crowd: ByteImage) -> None:
    restorer = Brightener()
    result = Pipeline(detector, restorer).restore(crowd)
    assert len(result.faces) == 5
    assert sum(shape[0] for shape in restorer.batches) == 5
    assert max(shape[0] for shape in restorer.batches) == 4
    assert all(np.abs(face.after - face.before).max() > 0.05 for face in result.faces)


def test_outside_the_masks_nothing_changes(detector: CenterFace, crowd: ByteImage) -> None:
    result = Pipeline(detector, Brightener()).restore(crowd)
    reached = np.zeros(crowd.shape[:2], bool)
    for face in result.faces:
        square = template_square(face.face, face.working_size)
        reached |= carry_mask(Change(square, face.after - face.before, face_mask(square.size)), crowd.shape) > 0
    np.testing.assert_array_equal(result.pixels[~reached], crowd[~reached])
    assert 0.1 < reached.mean() < 0.9
    assert (result.pixels[reached] != crowd[reached]).any(axis=1).mean() > 0.5


def test_an_identity_changes_nothing_at_8_and_16_bits(detector: CenterFace, crowd: ByteImage) -> None:
    pipeline = Pipeline(detector, Identity())
    np.testing.assert_array_equal(pipeline.restore(crowd).pixels, crowd)
    deep = crowd.astype(np.uint16) * 257 + 3
    result = pipeline.restore(deep)
    assert len(result.faces) == 5
    np.testing.assert_array_equal(result.pixels, deep)


def test_selection_reaches_the_pipeline(detector: CenterFace, crowd: ByteImage) -> None:
    largest = Pipeline(detector, Identity(), FaceSelection(largest_only=True)).restore(crowd)
    assert len(largest.faces) == 1
    large_enough = Pipeline(detector, Identity(), FaceSelection(minimum_size=60)).restore(crowd)
    assert len(large_enough.faces) == 4


def test_the_mean_colour_of_a_face_stays(detector: CenterFace, astronaut: ByteImage) -> None:
    class Tinted(Brightener):
        def restore(self, faces: FloatArray) -> Restored:
            return Restored(np.clip(faces + np.array([0.1, 0, -0.1], np.float32), 0, 1))

    face = Pipeline(detector, Tinted()).restore(astronaut).faces[0]
    assert np.abs((face.after - face.before).mean((0, 1))).max() < 1 / 255


def test_nonsense_from_a_network_is_an_error(detector: CenterFace, astronaut: ByteImage) -> None:
    with pytest.raises(ModelError, match="finite"):
        Pipeline(detector, Broken()).restore(astronaut)


@pytest.mark.parametrize("shape", [(128, 128), (97, 131), (20, 300), (700, 640), (1, 1)])
def test_aligned_crops_of_any_size_come_back_in_their_size(detector: CenterFace, shape: tuple[int, int]) -> None:
    crop = np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype(np.uint8)
    pipeline = Pipeline(detector, Identity())
    np.testing.assert_array_equal(pipeline.restore_aligned(crop).pixels, crop)


def test_a_strip_is_no_face_crop(detector: CenterFace) -> None:
    with pytest.raises(PhotoError, match="330 x 20 pixels are a strip, and no face crop"):
        Pipeline(detector, Identity()).restore_aligned(np.zeros((20, 330, 3), np.uint8))


def test_aligned_crops_change_up_to_their_rim(detector: CenterFace) -> None:
    crop = np.full((160, 128, 3), 128, np.uint8)
    result = Pipeline(detector, Brightener()).restore_aligned(crop).pixels
    for edge in (result[0], result[-1], result[:, 0], result[:, -1]):
        assert (edge != 128).all(axis=1).mean() > 0.8


@pytest.mark.parametrize("wrong", [np.zeros((8, 8), np.uint8), np.zeros((8, 8, 4), np.uint8), np.zeros((8, 8, 3))])
def test_what_is_no_frame_is_refused(detector: CenterFace, wrong: np.ndarray) -> None:
    pipeline = Pipeline(detector, Identity())
    for use in (pipeline.restore, pipeline.restore_aligned, pipeline.detect):
        with pytest.raises(PhotoError, match="RGB array"):
            use(wrong)


def test_restoring_twice_gives_the_same_bits(detector: CenterFace, crowd: ByteImage) -> None:
    pipeline = Pipeline(detector, build_restorer("richardson-lucy", RestorerOptions()))
    np.testing.assert_array_equal(pipeline.restore(crowd).pixels, pipeline.restore(crowd).pixels)


@pytest.mark.parametrize(("degrees", "scale"), [(0, 1.0), (25, 1.0), (-40, 0.5), (110, 1.6)])
def test_a_blur_in_a_square_is_told_in_pixels_of_the_photo(degrees: float, scale: float) -> None:
    """scale: pixels of the square for one of the photo. degrees: by which the photo is turned, counter-clockwise."""
    cosine, sine = scale * np.cos(np.radians(degrees)), scale * np.sin(np.radians(degrees))
    square = Square(np.array([[cosine, -sine, 3.0], [sine, cosine, -5.0]]), 128)
    kernel = np.pad(motion(21, 10), 4)
    field = np.broadcast_to(kernel, (2, 2, *kernel.shape)).copy()
    in_photo = estimate_in_photo(BlurEstimate(kernel, 0.6, field), square)
    told = describe_kernel(in_photo.kernel, in_photo.resolution)
    assert told.length == pytest.approx(21 / scale, rel=0.08)
    assert told.angle is not None
    assert abs((told.angle - 10 - degrees + 90) % 180 - 90) < 2
    assert in_photo.certainty == 0.6
    assert in_photo.resolution == pytest.approx(1 / scale)
    assert in_photo.field is not None
    np.testing.assert_allclose(in_photo.field[1, 0], in_photo.kernel)


def test_faces_left_as_they_were_change_no_pixel(
    detector: CenterFace, crowd: ByteImage, smfd_saying: Callable[..., Path]
) -> None:
    folder = smfd_saying(certainty=0.0, kernel=np.pad(motion(21, 0), 8))
    result = Pipeline(detector, Smfd(folder)).restore(crowd)
    assert [face.verdict for face in result.faces] == [Verdict.TOO_FAR_GONE] * 5
    assert all(face.left and face.explained is None for face in result.faces)
    np.testing.assert_array_equal(result.pixels, crowd)


def test_results_do_not_depend_on_the_other_faces(detector: CenterFace, crowd: ByteImage, smfd_folder: Path) -> None:
    pipeline = Pipeline(detector, Smfd(smfd_folder))
    for face in pipeline.restore(crowd).faces:
        alone = pipeline.restore(crowd, [face.face]).faces[0]
        np.testing.assert_allclose(alone.after, face.after, atol=1e-5)
        assert face.estimate is not None
        assert alone.estimate is not None
        np.testing.assert_allclose(face.estimate.kernel, alone.estimate.kernel, atol=1e-5)
        assert face.error is not None
        assert alone.error is not None
        np.testing.assert_allclose(face.error, alone.error, atol=1e-4)
        assert face.explained == pytest.approx(alone.explained, abs=1e-3)
