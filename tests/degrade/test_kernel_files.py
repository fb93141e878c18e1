"""Kernels read from files of every kind."""

from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io
from PIL import Image

from clearface.degrade.kernel_files import read_kernels
from clearface.errors import PhotoError
from clearface.point_spread import check

STROKE = np.array([[0.0, 0.0, 0.0], [0.0, 0.5, 0.25], [0.0, 0.25, 0.0]])
COLUMN = np.array([[0.25], [0.5], [0.25]])


def write_matlab_73(path: Path, arrays: list[np.ndarray]) -> None:
    """As MATLAB writes a cell array: a user block with the version, references, columns first."""
    with h5py.File(path, "w", userblock_size=512) as file:
        cells = file.create_dataset("kernels", (len(arrays), 1), dtype=h5py.ref_dtype)
        for number, array in enumerate(arrays):
            cells[number, 0] = file.create_dataset(f"#refs#/{number}", data=array.T).ref
    with path.open("r+b") as stream:
        stream.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(128))


def test_matlab_73(tmp_path: Path) -> None:
    write_matlab_73(tmp_path / "k.mat", [STROKE, COLUMN])
    first, second = read_kernels(tmp_path / "k.mat")
    np.testing.assert_allclose(first, STROKE)
    np.testing.assert_allclose(second, COLUMN)


@pytest.mark.parametrize("stacked", [False, True])
def test_older_matlab(tmp_path: Path, stacked: bool) -> None:
    cells = np.empty((1, 2), object)
    cells[0, 0], cells[0, 1] = STROKE, 2 * STROKE
    scipy.io.savemat(tmp_path / "k.mat", {"kernels": np.stack([STROKE, STROKE], 2) if stacked else cells})
    kernels = read_kernels(tmp_path / "k.mat")
    assert len(kernels) == 2
    for kernel in kernels:
        np.testing.assert_allclose(kernel, STROKE)


def test_numpy(tmp_path: Path) -> None:
    np.save(tmp_path / "one.npy", STROKE.astype(np.float32))
    np.save(tmp_path / "two.npy", np.stack([STROKE, STROKE.T]))
    (one,) = read_kernels(tmp_path / "one.npy")
    np.testing.assert_allclose(one, STROKE)
    assert len(read_kernels(tmp_path / "two.npy")) == 2


def test_an_image(tmp_path: Path) -> None:
    Image.fromarray((STROKE * 255 * 2).astype(np.uint8)).save(tmp_path / "k.png")
    (kernel,) = read_kernels(tmp_path / "k.png")
    np.testing.assert_allclose(kernel, STROKE, atol=0.003)


def test_kernels_are_centred_and_sum_to_one(tmp_path: Path) -> None:
    shifted = np.zeros((8, 11))
    shifted[1, 2] = 7
    shifted[1, 3] = 2
    np.save(tmp_path / "k.npy", shifted)
    (kernel,) = read_kernels(tmp_path / "k.npy")
    check(kernel)
    middle = kernel[kernel.shape[0] // 2, kernel.shape[1] // 2 :]
    np.testing.assert_allclose(middle[:2], [7 / 9, 2 / 9])


@pytest.mark.parametrize(
    "array",
    [np.zeros((3, 3)), -STROKE, np.full((3, 3), np.nan), np.ones((2, 2, 2, 2)), STROKE * 1j, np.zeros((0, 0))],
)
def test_what_is_no_kernel_is_refused(tmp_path: Path, array: np.ndarray) -> None:
    np.save(tmp_path / "k.npy", array)
    with pytest.raises(PhotoError, match="a kernel is"):
        read_kernels(tmp_path / "k.npy")


def test_nothing_executes_on_load(tmp_path: Path) -> None:
    np.save(tmp_path / "k.npy", np.array([STROKE, "text"], object), allow_pickle=True)
    with pytest.raises(PhotoError, match="cannot be read"):
        read_kernels(tmp_path / "k.npy")


@pytest.mark.parametrize("name", ["k.mat", "k.npy", "k.png"])
@pytest.mark.parametrize("data", [None, b"", b"MATLAB 7.3 MAT-file", b"something else that is no kernel at all" * 9])
def test_damaged_and_missing_files_are_named(tmp_path: Path, name: str, data: bytes | None) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(PhotoError, match=name):
        read_kernels(tmp_path / name)


def test_a_file_without_kernels(tmp_path: Path) -> None:
    scipy.io.savemat(tmp_path / "k.mat", {})
    with pytest.raises(PhotoError, match="no kernel"):
        read_kernels(tmp_path / "k.mat")
