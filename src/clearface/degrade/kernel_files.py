"""Blur kernels that others measured, read from files."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from clearface.arrays import AnyArray, DoubleArray
from clearface.errors import ClearfaceError, DependencyError, PhotoError
from clearface.files.explanations import reason, shown
from clearface.point_spread import LARGEST_SIDE, centred, from_image

_HDF5 = "MATLAB 7.3"


def read_kernels(path: Path) -> tuple[DoubleArray, ...]:
    """The kernels of a file, each float64 with two odd sides, summing to 1, the tap nearest its centroid in the middle.

    Read are MATLAB files (older ones by SciPy, those of version 7.3 by h5py: a numeric array `(K, L)` or `(K, L, N)`, or a cell
    array of such), `.npy` files (`(K, L)` or `(N, K, L)`) and kernel images. Raises PhotoError where the file is missing or holds
    no kernel, DependencyError for MATLAB 7.3 without h5py.
    """
    if path.suffix.lower() not in (".mat", ".npy"):
        return (from_image(path),)
    try:
        kernels = tuple(_usable(array, path) for array in _arrays(path))
    except OSError as error:
        raise PhotoError(f"{shown(path)}: this file of kernels cannot be read ({reason(error)})") from error
    except ClearfaceError:
        raise
    except Exception as error:  # the parsers raise whatever they trip over
        raise PhotoError(f"{shown(path)}: this file of kernels cannot be read ({error})") from error
    if not kernels:
        raise PhotoError(f"{shown(path)}: there is no kernel in this file")
    return kernels


def _arrays(path: Path) -> Iterator[AnyArray]:
    if path.suffix.lower() == ".npy":
        stored = np.load(path, allow_pickle=False)
        yield from stored if stored.ndim == 3 else [stored]
        return
    with path.open("rb") as file:
        version = file.read(len(_HDF5))
    yield from _from_hdf5(path) if version == _HDF5.encode() else _from_older_matlab(path)


def _from_hdf5(path: Path) -> Iterator[AnyArray]:
    try:
        import h5py
    except ImportError as error:
        raise DependencyError(
            f"{shown(path)}: MATLAB 7.3 files are read with h5py: install it with `pip install 'clearface[train]'`"
        ) from error
    with h5py.File(path, "r") as file:
        for name, stored in file.items():
            if name.startswith("#") or not isinstance(stored, h5py.Dataset):
                continue
            cells = [stored] if stored.dtype != object else [file[cell] for cell in np.ravel(stored[()])]
            for cell in cells:
                yield from _slices(np.transpose(cell[()]))  # MATLAB writes columns first


def _from_older_matlab(path: Path) -> Iterator[AnyArray]:
    from scipy.io import loadmat

    for name, stored in loadmat(path).items():
        if not name.startswith("__"):
            for cell in np.ravel(stored) if stored.dtype == object else [stored]:
                yield from _slices(cell)


def _slices(array: AnyArray) -> Iterator[AnyArray]:
    yield from np.moveaxis(array, 2, 0) if array.ndim == 3 else [array]


def _usable(array: AnyArray, path: Path) -> DoubleArray:
    if array.ndim != 2 or not np.issubdtype(array.dtype, np.number) or np.iscomplexobj(array):
        raise PhotoError(
            f"{shown(path)}: a kernel is a table of real numbers, not an array {array.shape} of {array.dtype}"
        )
    kernel = array.astype(np.float64)
    if not kernel.size or not np.isfinite(kernel).all() or kernel.min() < 0 or kernel.sum() <= 0:
        raise PhotoError(f"{shown(path)}: a kernel is finite, non-negative and not empty")
    whole = centred(kernel)
    if max(whole.shape) > LARGEST_SIDE:
        raise PhotoError(f"{shown(path)}: a kernel spreads over more than {LARGEST_SIDE} pixels around its centre")
    return whole
