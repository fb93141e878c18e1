import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from clearface.arrays import ByteImage, FloatArray
from clearface.errors import ModelError, UsageError
from clearface.faces import WORKING_SIZES
from clearface.point_spread import motion
from clearface.restorers.base import Framing, Tells, restore_checked
from clearface.restorers.smfd.description import DETAILED_FILE, FAITHFUL_FILE, READER_FILE
from clearface.restorers.smfd.estimator import resized
from clearface.restorers.smfd.smfd import Smfd, confidence_of
from clearface.verdicts import Verdict

POINT = np.zeros((37, 37))
POINT[18, 18] = 1
STRAIGHT = np.pad(motion(21, 0), 8)


@pytest.fixture(scope="module")
def faces(astronaut: ByteImage) -> FloatArray:
    """Three squares, `(3, 128, 128, 3)` in [0, 1]."""
    squares = [astronaut[top : top + 128, left : left + 128] for top, left in ((30, 150), (60, 160), (90, 100))]
    return np.stack(squares).astype(np.float32) / np.float32(255)


@pytest.fixture(scope="module")
def smfd(smfd_folder: Path) -> Smfd:
    return Smfd(smfd_folder)


@pytest.mark.parametrize("size", [96, 128, 160, 512])
def test_everything_has_the_size_of_the_faces(smfd: Smfd, faces: FloatArray, size: int) -> None:
    squares = resized(faces[:2], size)
    answer = restore_checked(smfd, squares)
    assert answer.faces.shape == squares.shape
    assert np.abs(answer.faces - squares).max() > 0.01
    assert answer.confidence is not None
    assert answer.error is not None
    assert answer.estimates is not None
    assert answer.confidence.shape == answer.error.shape == (2, size, size)
    assert len(answer.estimates) == 2
    assert answer.verdicts == (Verdict.RESTORED, Verdict.RESTORED)
    assert answer.left == (False, False)


def test_what_it_is(smfd: Smfd) -> None:
    assert smfd.name == "smfd"
    assert smfd.framing is Framing.TEMPLATE
    assert smfd.tells == Tells(confidence=True, kernel=True)
    assert smfd.working_size(140) in WORKING_SIZES


def test_a_face_does_not_depend_on_the_others_nor_on_batches(smfd: Smfd, faces: FloatArray) -> None:
    many = np.repeat(resized(faces, 320), 2, 0)
    together = smfd.restore(many)
    assert len(together.faces) == 6
    assert together.error is not None
    for place in (0, 5):
        alone = smfd.restore(many[place : place + 1])
        np.testing.assert_allclose(together.faces[place], alone.faces[0], atol=1e-4)
        assert alone.error is not None
        np.testing.assert_allclose(together.error[place], alone.error[0], atol=1e-4)


def test_the_input_stays_as_it_is(smfd: Smfd, faces: FloatArray) -> None:
    before = faces.copy()
    smfd.restore(faces)
    np.testing.assert_array_equal(faces, before)


def test_fidelity_goes_from_the_detailed_to_the_faithful_network(smfd_folder: Path, faces: FloatArray) -> None:
    detailed, between, faithful = (Smfd(smfd_folder, fidelity).restore(faces).faces for fidelity in (0.0, 0.25, 1.0))
    assert np.abs(detailed - faithful).max() > 0.01
    np.testing.assert_allclose(between, 0.25 * faithful + 0.75 * detailed, atol=1e-5)
    np.testing.assert_array_equal(Smfd(smfd_folder).restore(faces).faces, faithful)


def test_without_the_detailed_network_fidelity_stays_at_one(smfd_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "faithful alone"
    shutil.copytree(smfd_folder, folder)
    (folder / DETAILED_FILE).unlink()
    assert Smfd(folder, 1.0).name == "smfd"
    with pytest.raises(UsageError, match=r"fidelity below 1 needs .*smfd-detailed\.onnx"):
        Smfd(folder, 0.9)


@pytest.mark.parametrize("fidelity", [-0.1, 1.1, float("nan")])
def test_a_fidelity_that_cannot_be(smfd_folder: Path, fidelity: float) -> None:
    with pytest.raises(UsageError, match="fidelity lies in 0 to 1"):
        Smfd(smfd_folder, fidelity)


class TestVerdicts:
    def test_a_sharp_face_is_left_exactly_as_it_was(self, smfd_saying: Callable[..., Path], faces: FloatArray) -> None:
        answer = Smfd(smfd_saying(kernel=POINT, still=True)).restore(faces)
        assert answer.verdicts == (Verdict.SHARP,) * 3
        assert answer.left == (True,) * 3
        np.testing.assert_array_equal(answer.faces, faces)

    def test_one_too_far_gone_too_and_its_error_covers_what_was_not_done(
        self, smfd_saying: Callable[..., Path], faces: FloatArray
    ) -> None:
        folder = smfd_saying(kernel=STRAIGHT, log_error=3.0)
        answer, anyway = Smfd(folder).restore(faces), Smfd(folder, restore_anyway=True).restore(faces)
        assert answer.verdicts == anyway.verdicts == (Verdict.TOO_FAR_GONE,) * 3
        assert (answer.left, anyway.left) == ((True,) * 3, (False,) * 3)
        np.testing.assert_array_equal(answer.faces, faces)
        assert np.abs(anyway.faces - faces).max() > 0.01
        assert answer.error is not None
        assert anyway.error is not None
        np.testing.assert_allclose(answer.error - anyway.error, np.abs(anyway.faces - faces).mean(-1), atol=1e-5)

    def test_an_uncertain_kernel_is_too_far_gone(self, smfd_saying: Callable[..., Path], faces: FloatArray) -> None:
        answer = Smfd(smfd_saying(kernel=STRAIGHT, certainty=0.0)).restore(faces)
        assert answer.verdicts == (Verdict.TOO_FAR_GONE,) * 3


def test_the_error_is_what_nine_of_ten_errors_of_a_laplacian_stay_below(
    smfd_saying: Callable[..., Path], faces: FloatArray
) -> None:
    answer = Smfd(smfd_saying(kernel=STRAIGHT, log_error=0.0)).restore(faces[:1])
    assert answer.error is not None
    np.testing.assert_allclose(answer.error, 2.5 * np.exp(-3.5), rtol=1e-4)


def test_confidence_is_the_chance_to_be_near() -> None:
    generator = np.random.default_rng(0)
    for scale in (0.01, 0.03, 0.2):
        errors = np.abs(generator.laplace(0, scale, 200_000))
        stated = np.quantile(errors, 0.9)
        told = confidence_of(np.array([stated], np.float32))[0]
        assert told == pytest.approx((errors <= 0.05).mean(), abs=0.005)
    assert confidence_of(np.zeros(1, np.float32))[0] == 1


@pytest.mark.parametrize("shape", [(1, 100, 100, 3), (1, 128, 96, 3)])
def test_other_sides_are_a_mistake_of_the_caller(smfd: Smfd, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="multiple of 16"):
        smfd.restore(np.zeros(shape, np.float32))


@pytest.mark.parametrize("file", [READER_FILE, FAITHFUL_FILE])
def test_a_damaged_file_is_named(smfd_folder: Path, tmp_path: Path, file: str) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(smfd_folder, folder)
    (folder / file).write_bytes((folder / file).read_bytes()[:1000])
    with pytest.raises(ModelError, match=file):
        Smfd(folder)


def test_a_network_that_answers_nan_is_named(smfd_saying: Callable[..., Path], faces: FloatArray) -> None:
    folder = smfd_saying(log_error=float("nan"))
    with pytest.raises(ModelError, match=r"smfd-faithful\.onnx: answered with error that are not finite"):
        Smfd(folder).restore(faces)


def test_of_a_face_too_far_gone_hardly_anything_counts_as_known(astronaut: ByteImage) -> None:
    """The networks take a smear for a smooth face, and are sure of it."""
    sharp = resized(astronaut[16:176, 144:304][None].astype(np.float32) / np.float32(255), 128)
    smear = cv2.GaussianBlur(sharp[0], (0, 0), 14)[None]
    answer = Smfd().restore(smear)
    assert answer.verdicts == (Verdict.TOO_FAR_GONE,)
    assert answer.confidence is not None
    assert answer.confidence.max() < 0.4
    assert answer.error is not None
    middle = (0, slice(32, 96), slice(32, 96))
    assert (np.abs(answer.faces - sharp).mean(-1) <= answer.error)[middle].mean() > 0.8
