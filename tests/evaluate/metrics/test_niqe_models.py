"""Pristine models in files."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from clearface.errors import ModelError
from clearface.evaluate.metrics.niqe import PristineModel
from clearface.evaluate.metrics.niqe_models import pristine_model_text, read_pristine_model, shipped_pristine_model


@pytest.fixture
def model() -> PristineModel:
    generator = np.random.default_rng(4)
    root = generator.normal(size=(36, 36))
    return PristineModel("drawn faces", generator.normal(size=36), root @ root.T / 3)


def test_a_model_comes_back_to_the_last_bit(model: PristineModel, tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(pristine_model_text(model, {"faces": 3}), encoding="utf-8")
    back = read_pristine_model(path)
    assert back.name == "drawn faces"
    assert np.array_equal(back.mean, model.mean)
    assert np.array_equal(back.covariance, model.covariance)
    assert json.loads(path.read_text(encoding="utf-8"))["faces"] == 3


@pytest.mark.parametrize("names", [("mu_prisparam", "cov_prisparam"), ("pop_mu", "pop_cov")])
def test_the_authors_matlab_file_is_read(names: tuple[str, str], model: PristineModel, tmp_path: Path) -> None:
    path = tmp_path / "modelparameters.mat"
    savemat(path, {names[0]: model.mean[None], names[1]: model.covariance})
    back = read_pristine_model(path)
    assert back.name == "modelparameters.mat"
    assert np.array_equal(back.mean, model.mean)
    assert np.array_equal(back.covariance, model.covariance)


def test_its_copy_for_numpy_is_read(model: PristineModel, tmp_path: Path) -> None:
    path = tmp_path / "niqe_pris_params.npz"
    np.savez(path, mu_pris_param=model.mean[None], cov_pris_param=model.covariance, gaussian_window=np.ones((7, 7)))
    assert np.array_equal(read_pristine_model(path).covariance, model.covariance)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("gone.json", None),
        ("gone.mat", None),
        ("text.json", b"no model"),
        ("list.json", b"[1, 2]"),
        ("other.json", b'{"format": "something else"}'),
        ("nothing.json", b'{"format": "clearface niqe 1", "patch": 96, "name": "x"}'),
        (
            "ragged.json",
            b'{"format": "clearface niqe 1", "patch": 96, "name": "x", "mean": [1, [2]], "covariance": []}',
        ),
        ("short.json", b'{"format": "clearface niqe 1", "patch": 96, "name": "x", "mean": [1], "covariance": [[1]]}'),
        ("text.mat", b"no MATLAB file at all, although it is long enough to hold the header of one" * 3),
        ("text.npz", b"no archive"),
    ],
)
def test_what_is_no_model_is_one_sentence(name: str, content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=name) as caught:
        read_pristine_model(path)
    assert "\n" not in str(caught.value)


def test_a_file_of_other_arrays_is_named(tmp_path: Path) -> None:
    path = tmp_path / "kernels.mat"
    savemat(path, {"kernels": np.ones((3, 3))})
    with pytest.raises(ModelError, match="holds no mu_prisparam"):
        read_pristine_model(path)


@pytest.mark.parametrize("spoil", ["nan", "asymmetric", "negative"])
def test_a_covariance_that_is_none_is_refused(spoil: str, model: PristineModel, tmp_path: Path) -> None:
    covariance = model.covariance.copy()
    if spoil == "negative":
        covariance[0, 0] = -1
    else:
        covariance[0, 1] = np.nan if spoil == "nan" else 77
    path = tmp_path / "model.mat"
    savemat(path, {"mu_prisparam": model.mean, "cov_prisparam": covariance})
    with pytest.raises(ModelError, match="finite, symmetric and not negative"):
        read_pristine_model(path)


def test_objects_are_never_loaded(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    np.savez(path, mu_pris_param=np.array([{"a": 1}], dtype=object), cov_pris_param=np.eye(36))
    with pytest.raises(ModelError, match="no NIQE model"):
        read_pristine_model(path)


def test_the_shipped_model_is_well_behaved() -> None:
    model = shipped_pristine_model()
    assert np.linalg.cond(model.covariance) < 1e7
    assert "clearface" in model.name
