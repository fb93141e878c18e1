"""Fitted embedders: what is written is read back to the last bit, and nothing else is read."""

import io
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from clearface.arrays import FloatArray
from clearface.embedders.face_vectors import face_vectors
from clearface.embedders.fitted import FittedEmbedder, FittedKind, read_fitted_model
from clearface.embedders.fitting import fit_embedder, fit_projection
from clearface.embedders.photometry import Photometry
from clearface.embedders.registry import EmbedderOptions, build_embedder
from clearface.errors import ClearfaceError, ModelError, PhotoError, UsageError
from clearface.weights import checksum

OWNERS = np.repeat(np.arange(4), 5)


def faces(seed: int = 0) -> FloatArray:
    """Four people, five photos each: smooth patches of their own, under light that changes."""
    generator = np.random.default_rng(seed)
    own = np.random.default_rng(99).random((4, 16, 16, 3))
    light = generator.uniform(0.5, 1, (20, 1, 1, 1))
    pictures = own[OWNERS] * light * 0.8 + 0.02 * generator.normal(size=(20, 16, 16, 3))
    return np.asarray(np.clip(np.kron(pictures, np.ones((1, 6, 6, 1))), 0, 1), np.float32)


@pytest.mark.parametrize("kind", list(FittedKind))
def test_people_are_told_apart_by_what_was_read_back(tmp_path: Path, kind: FittedKind) -> None:
    path = tmp_path / "own.npz"
    fitted = fit_embedder(kind, faces(), OWNERS, path)
    opened = build_embedder(kind, EmbedderOptions(model=path))
    probes = faces(1)
    vectors = opened.embed(probes)
    assert np.array_equal(vectors, fitted.embed(probes))
    assert vectors.shape == (20, opened.dimension)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    known = opened.embed(faces())
    assert (OWNERS[(vectors @ known.T).argmax(1)] == OWNERS).all()
    assert np.array_equal(opened.embed(probes[3:4])[0], vectors[3])
    assert opened.checksum == checksum(path)
    assert opened.name == f"own.npz ({checksum(path)[:8]})"


@pytest.mark.parametrize("photometry", list(Photometry))
def test_the_file_holds_every_bit(tmp_path: Path, photometry: Photometry) -> None:
    path = tmp_path / "own.npz"
    fit_embedder("lpp", faces(), OWNERS, path, photometry=photometry)
    model = read_fitted_model(path)
    expected = fit_projection(FittedKind.LPP, face_vectors(faces(), photometry), OWNERS)
    assert np.array_equal(model.projection.axes, expected.axes)
    assert np.array_equal(model.projection.mean, expected.mean)
    assert (model.kind, model.photometry) == (FittedKind.LPP, photometry)
    again = tmp_path / "again.npz"
    fit_embedder("lpp", faces(), OWNERS, again, photometry=photometry)
    assert again.read_bytes() == path.read_bytes()


def test_what_cannot_be_fitted_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    with pytest.raises(UsageError, match="fisherfaces cannot be fitted on these 20 faces: discriminants take two"):
        fit_embedder("fisherfaces", faces(), np.zeros(20, np.intp), path)
    with pytest.raises(UsageError, match="eigenfaces cannot be fitted on these 4 faces: vectors that are all the same"):
        fit_embedder("eigenfaces", np.full((4, 32, 32, 3), 0.5, np.float32), np.arange(4), path)
    with pytest.raises(UsageError, match='did you mean "fisherfaces"'):
        fit_embedder("fisherface", faces(), OWNERS, path)
    assert not list(tmp_path.iterdir())
    path.write_bytes(b"mine")
    with pytest.raises(PhotoError, match="exists already"):
        fit_embedder("lpp", faces(), OWNERS, path)
    assert path.read_bytes() == b"mine"


def test_another_method_is_named(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    fit_embedder("eigenfaces", faces(), OWNERS, path)
    with pytest.raises(ModelError, match=r"own\.npz: this is a model of eigenfaces, and one of lpp is wanted"):
        FittedEmbedder(path, FittedKind.LPP)
    with pytest.raises(ModelError, match=r"none\.npz: there is no such file"):
        FittedEmbedder(tmp_path / "none.npz", FittedKind.LPP)


def test_damage_is_found_wherever_it_is(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    fit_embedder("eigenfaces", faces(), OWNERS, path)
    whole, axes = path.read_bytes(), read_fitted_model(path).projection.axes
    generator = np.random.default_rng(0)
    for place in generator.integers(0, len(whole), 40):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        path.write_bytes(bytes(damaged))
        with suppress(ModelError):  # a bit that the format does not use, such as a time, is passed over
            assert np.array_equal(read_fitted_model(path).projection.axes, axes)
    for size in (0, 10, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(ModelError, match=r"own\.npz"):
            read_fitted_model(path)


@pytest.mark.parametrize(
    "change",
    [
        {"format": np.array("another 1")},
        {"format": np.array(3)},
        {"kind": np.array("pca")},
        {"photometry": np.array("bright")},
        {"mean": np.zeros(9)},
        {"axes": np.zeros((0, 4096))},
        {"axes": np.full((2, 4096), np.nan)},
        {"axes": np.zeros((2, 4096), np.float32)},
        {"axes": None},
        {"mean": np.array([{}], dtype=object)},
    ],
    ids=str,
)
def test_foreign_files_are_refused(tmp_path: Path, change: dict[str, np.ndarray | None]) -> None:
    arrays: dict[str, np.ndarray | None] = {
        "format": np.array("clearface fitted embedder 1"),
        "kind": np.array("lpp"),
        "photometry": np.array("none"),
        "mean": np.zeros(4096),
        "axes": np.eye(2, 4096),
    }
    path = tmp_path / "foreign.npz"
    stream = io.BytesIO()
    np.savez(stream, **{name: values for name, values in arrays.items() if values is not None})  # type: ignore[arg-type]
    path.write_bytes(stream.getvalue())
    assert read_fitted_model(path).kind is FittedKind.LPP
    held = {name: values for name, values in (arrays | change).items() if values is not None}
    np.savez(path, **held)  # type: ignore[arg-type]
    with pytest.raises(ClearfaceError, match=r"foreign\.npz: ") as refused:
        read_fitted_model(path)
    assert "\n" not in str(refused.value)
