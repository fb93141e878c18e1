"""Opening networks."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from clearface.errors import ModelError, UsageError
from clearface.sessions import open_session
from clearface.weights import weight_path


def test_a_network_runs_the_same_on_one_thread_and_on_all() -> None:
    picture = np.random.default_rng(0).uniform(0, 255, (1, 3, 64, 96)).astype(np.float32)
    answers = [
        open_session(weight_path("centerface.onnx"), threads).run(None, {"input.1": picture}) for threads in (1, None)
    ]
    for one, other in zip(*answers, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_opening_a_network_tells_nobody(tmp_path: Path) -> None:
    """ONNX Runtime reports home by default, and to that end leaves an identifier and a store of events in these folders."""
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    home.mkdir()
    temporary.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_"))}
    program = (
        "from clearface.sessions import open_session; from clearface.weights import weight_path; "
        "open_session(weight_path('centerface.onnx'))"
    )
    subprocess.run(
        [sys.executable, "-c", program], check=True, env=kept | {"HOME": str(home), "TMPDIR": str(temporary)}
    )
    assert [*home.rglob("*"), *temporary.rglob("*")] == []


def test_the_environment_says_how_many_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEARFACE_THREADS", "1")
    assert open_session(weight_path("centerface.onnx")).get_session_options().intra_op_num_threads == 1
    assert open_session(weight_path("centerface.onnx"), 2).get_session_options().intra_op_num_threads == 2
    for wrong in ("0", "-1", "many"):
        monkeypatch.setenv("CLEARFACE_THREADS", wrong)
        with pytest.raises(UsageError, match="CLEARFACE_THREADS is a number of threads from 1 up"):
            open_session(weight_path("centerface.onnx"))


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
