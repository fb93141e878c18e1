from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from clearface.arrays import ByteImage, DoubleArray, FloatArray
from clearface.errors import ModelError
from clearface.point_spread import gaussian, motion
from clearface.restorers.smfd.description import KERNEL_FILE, READER_FILE
from clearface.restorers.smfd.estimator import CLEARLY, BlurEstimator, quarter_windows, resized, varies


def framed(kernel: DoubleArray, taps: int = 37) -> DoubleArray:
    down, across = ((taps - side) // 2 for side in kernel.shape)
    return np.pad(kernel, ((down, down), (across, across)))


@pytest.fixture(scope="module")
def estimator(smfd_folder: Path) -> BlurEstimator:
    return BlurEstimator.from_folder(smfd_folder)


@pytest.fixture
def faces(astronaut: ByteImage) -> FloatArray:
    """Two squares, `(2, 128, 128, 3)` in [0, 1]."""
    return np.stack([astronaut[30:158, 150:278], astronaut[60:188, 160:288]]).astype(np.float32) / np.float32(255)


@pytest.mark.parametrize("size", [41, 96, 128, 200, 512])
def test_kernels_are_point_spread_functions_at_any_size(estimator: BlurEstimator, faces: FloatArray, size: int) -> None:
    for estimate in estimator.estimate(resized(faces, size)):
        assert estimate.kernel.shape[0] == estimate.kernel.shape[1]
        assert estimate.kernel.shape[0] % 2 == 1
        assert estimate.kernel.shape[0] >= 37 * size / 128
        assert estimate.kernel.min() >= 0
        assert estimate.kernel.sum() == pytest.approx(1)
        assert 0 <= estimate.certainty <= 1


def test_a_face_does_not_depend_on_the_others(estimator: BlurEstimator, faces: FloatArray) -> None:
    together = estimator.estimate(np.repeat(faces, 10, 0))
    assert len(together) == 20
    for place, face in ((0, faces[:1]), (19, faces[1:])):
        np.testing.assert_allclose(together[place].kernel, estimator.estimate(face)[0].kernel, atol=1e-6)


def test_different_faces_have_different_evidence(estimator: BlurEstimator, faces: FloatArray) -> None:
    first, second = estimator.estimate(faces)
    assert np.abs(first.kernel - second.kernel).max() > 1e-6


@pytest.mark.parametrize("size", [96, 128, 256])
def test_a_kernel_grows_with_the_face(smfd_saying: Callable[..., Path], faces: FloatArray, size: int) -> None:
    told = (
        BlurEstimator.from_folder(smfd_saying(kernel=framed(motion(20, 30)))).estimate(resized(faces, size))[0].kernel
    )
    rows, columns = (np.arange(side) - side // 2 for side in told.shape)
    x, y = told.sum(0) @ columns, told.sum(1) @ rows
    assert np.hypot(x, y) < 0.1
    # The way itself is 19 taps between the centres of its ends.
    spread = np.sqrt(told.sum(0) @ columns**2 + told.sum(1) @ rows**2)
    assert spread == pytest.approx(np.sqrt(19**2 / 12) * size / 128, rel=0.05)


class TestLookingCloser:
    """A small blur of a large face is looked at again, larger."""

    @staticmethod
    def spread(kernel: DoubleArray) -> float:
        """Standard deviation across, in taps."""
        columns = np.arange(kernel.shape[1]) - kernel.shape[1] // 2
        return float(np.sqrt(kernel.sum(0) @ columns**2))

    @pytest.mark.parametrize("size", [160, 256, 512])
    def test_what_is_seen_there_counts_in_pixels_of_the_face(
        self, smfd_saying: Callable[..., Path], faces: FloatArray, size: int
    ) -> None:
        """The same taps are named whatever is looked at: those of the closest look are those of the face itself."""
        estimator = BlurEstimator.from_folder(smfd_saying(kernel=framed(gaussian(1.5)), certainty=0.9))
        (estimate, _) = estimator.estimate(resized(faces, size))
        assert self.spread(estimate.kernel) == pytest.approx(1.5, rel=0.01)
        assert estimate.kernel.shape[0] >= 37 * size / 128
        assert estimate.kernel.sum() == pytest.approx(1)
        assert estimate.resolution == 1
        assert estimate.certainty == pytest.approx(0.9)

    def test_a_far_reaching_blur_is_not_looked_at_again(
        self, smfd_saying: Callable[..., Path], faces: FloatArray
    ) -> None:
        kernel = framed(motion(30, 0))
        (estimate, _) = BlurEstimator.from_folder(smfd_saying(kernel=kernel)).estimate(resized(faces, 256))
        assert self.spread(estimate.kernel) == pytest.approx(2 * self.spread(kernel), rel=0.02)
        assert estimate.resolution == 2

    def test_nor_does_a_look_count_that_is_much_less_certain(self, smfd_folder: Path, faces: FloatArray) -> None:
        estimator = BlurEstimator.from_folder(smfd_folder)

        class Doubtful:
            """Less certain with every look."""

            settings = estimator._network.settings
            certainty = 0.9

            def name_kernels(self, evidence: FloatArray) -> tuple[FloatArray, FloatArray]:
                kernels = np.stack([framed(gaussian(1.5))] * len(evidence)).astype(np.float32)
                certainty = np.full(len(evidence), self.certainty, np.float32)
                self.certainty -= 0.2
                return kernels, certainty

        estimator._network = Doubtful()  # type: ignore[assignment]
        (estimate, _) = estimator.estimate(resized(faces, 256))
        assert self.spread(estimate.kernel) == pytest.approx(3, rel=0.02)
        assert estimate.certainty == pytest.approx(0.9)


def test_four_quarters_cover_the_face_and_overlap() -> None:
    windows = quarter_windows(128)
    assert windows.shape == (4, 128, 128)
    assert windows.sum(0)[8:-8, 8:-8].min() > 0.01
    for window, corner in zip(windows, np.ndindex(2, 2), strict=True):
        rows, columns = np.nonzero(window > 0.99 * window.max())
        assert (rows.mean() > 64, columns.mean() > 64) == tuple(bool(side) for side in corner)


class TestVarying:
    """When the kernels of the quarters are taken for more than one."""

    turning = np.stack([framed(motion(15, angle)) for angle in (0, 45, 90, 135)])

    def test_a_turning_blur_varies_where_it_is_certain(self) -> None:
        assert varies(self.turning, np.full(4, 0.9))

    def test_not_where_nothing_is_certain(self) -> None:
        assert not varies(self.turning, np.full(4, 0.5))

    def test_one_kernel_does_not(self) -> None:
        assert not varies(np.stack([framed(motion(15, 20))] * 4), np.ones(4))

    def test_nor_does_one_kernel_a_tap_aside(self) -> None:
        kernel = framed(gaussian(2.5))
        moved = [np.roll(kernel, shift, (0, 1)) for shift in ((0, 0), (0, 1), (1, 0), (0, 0))]
        assert not varies(np.stack(moved), np.full(4, 0.95))

    @pytest.mark.parametrize("wrong", [0.05, 0.2, 0.4])
    def test_nor_does_one_kernel_with_as_much_error_as_was_stated(self, wrong: float) -> None:
        """Each quarter has `wrong` of its light somewhere else, and says so."""
        generator = np.random.default_rng(3)
        kernels = []
        for _ in range(4):
            elsewhere = np.zeros((37, 37))
            elsewhere[tuple(generator.integers(0, 37, 2))] = 1
            kernels.append((1 - wrong) * framed(motion(15, 20)) + wrong * elsewhere)
        assert not varies(np.stack(kernels), np.full(4, 1 - wrong))
        assert varies(np.stack(kernels), np.ones(4)) == (wrong > CLEARLY)

    def test_a_varying_blur_becomes_a_field_of_the_faces_size(self, smfd_folder: Path, faces: FloatArray) -> None:
        """The evidence of each quarter has its own picture of the kernel: what is told here is where it is greatest."""
        estimator = BlurEstimator.from_folder(smfd_folder)

        class Sure:
            settings = estimator._network.settings

            def name_kernels(self, evidence: FloatArray) -> tuple[FloatArray, FloatArray]:
                order = np.arange(len(evidence)) // len(faces)
                told = np.stack([TestVarying.turning[window % 4] for window in order]).astype(np.float32)
                return told, np.full(len(evidence), 0.95, np.float32)

        estimator._network = Sure()  # type: ignore[assignment]
        for size, least in ((128, 37), (256, 74)):
            estimate = estimator.estimate(resized(faces, size))[1]
            assert estimate.field is not None
            assert estimate.field.shape[:2] == (2, 2)
            assert estimate.field.shape[2] == estimate.field.shape[3] >= least
            np.testing.assert_allclose(estimate.field.sum((2, 3)), 1)
            # Windows are told by whole face first, so the upper left quarter is the second of the four.
            rows, columns = (np.arange(side) - side // 2 for side in estimate.field.shape[2:])
            upright = estimate.field[0, 1].sum(1) @ rows**2
            assert upright > 10 * (estimate.field[0, 1].sum(0) @ columns**2)


def test_a_missing_or_wrong_file_is_one_sentence(smfd_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"smfd-reader\.onnx: there is no such network file"):
        BlurEstimator.from_folder(tmp_path)
    (tmp_path / READER_FILE).write_bytes((smfd_folder / READER_FILE).read_bytes())
    (tmp_path / KERNEL_FILE).write_bytes((smfd_folder / READER_FILE).read_bytes())
    with pytest.raises(ModelError, match=r'smfd-kernel\.onnx: its metadata: this does not describe .*"smfd-kernel"'):
        BlurEstimator.from_folder(tmp_path)
