"""Opening networks."""

from pathlib import Path

import numpy as np
import pytest

from clearface.errors import ModelError
from clearface.sessions import open_session
from clearface.weights import weight_path


def test_a_network_runs_the_same_on_one_thread_and_on_all() -> None:
    picture = np.random.default_rng(0).uniform(0, 255, (1, 3, 64, 96)).astype(np.float32)
    answers = [
        open_session(weight_path("centerface.onnx"), threads).run(None, {"input.1": picture}) for threads in (1, None)
    ]
    for one, other in zip(*answers, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"gone\.onnx: there is no such network file"):
        open_session(tmp_path / "gone.onnx")


@pytest.mark.parametrize("content", [b"", b"not a network", weight_path("centerface.onnx").read_bytes()[:5000]])
def test_a_damaged_file_is_named_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "damaged.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"damaged\.onnx: not an ONNX network that can be run here") as caught:
        open_session(path)
    assert "\n" not in str(caught.value)
