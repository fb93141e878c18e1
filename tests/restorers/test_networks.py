"""What restorers say of their networks, held against what they run."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clearface.arrays import ByteImage, FloatArray
from clearface.point_spread import box
from clearface.restorers.base import Restorer
from clearface.restorers.network_description import NetworkDescription
from clearface.restorers.onnx_network import OnnxNetwork
from clearface.restorers.registry import RestorerOptions, build_restorer
from clearface.restorers.smfd.description import DETAILED_FILE, FAITHFUL_FILE, KERNEL_FILE, READER_FILE
from clearface.restorers.smfd.estimator import resized
from clearface.restorers.smfd.smfd import Smfd
from clearface.sessions import run_session

Runs = Counter[tuple[str, str, tuple[int, ...]]]
"""How often which input of which file was fed which shape; what one face is fed in one go counts face by face."""

SMALL = np.pad(box(3), 17)
"""A blur that is looked at more closely wherever the face is larger."""


def told(restorer: Restorer, side: int) -> Runs:
    runs: Runs = Counter()
    for use in restorer.networks(side):
        for name, shape in use.inputs.items():
            runs[use.path.name, name, shape] += use.times
    return runs


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[[Restorer, FloatArray], Runs]:
    """Restores a face and tells what its networks were fed."""
    runs: Runs = Counter()

    def watched(session: Any, path: Path, outputs: list[str], feed: dict[str, Any]) -> Any:
        for name, values in feed.items():
            runs[path.name, name, (1, *values.shape[1:])] += len(values)
        return run_session(session, path, outputs, feed)

    monkeypatch.setattr("clearface.restorers.smfd.networks.run_session", watched)
    monkeypatch.setattr("clearface.restorers.onnx_network.run_session", watched)

    def restore(restorer: Restorer, face: FloatArray) -> Runs:
        runs.clear()
        restorer.restore(face)
        return runs

    return restore


@pytest.fixture
def face(astronaut: ByteImage) -> FloatArray:
    return astronaut[None, 30:158, 150:278].astype(np.float32) / np.float32(255)


@pytest.mark.parametrize("side", [96, 128, 256, 320])
def test_smfd_runs_what_it_tells(
    side: int, smfd_saying: Callable[..., Path], face: FloatArray, run: Callable[[Restorer, FloatArray], Runs]
) -> None:
    smfd = Smfd(smfd_saying(kernel=SMALL), fidelity=0.5)
    assert run(smfd, resized(face, side)) == told(smfd, side)


def test_smfd_runs_no_more_than_it_tells(
    smfd_saying: Callable[..., Path], face: FloatArray, run: Callable[[Restorer, FloatArray], Runs]
) -> None:
    """A large blur is not looked at more closely."""
    smfd = Smfd(smfd_saying(kernel=np.pad(box(21), 8)))
    done = run(smfd, resized(face, 256))
    assert done < told(smfd, 256)
    assert {name for name, _, _ in done} == {READER_FILE, KERNEL_FILE, FAITHFUL_FILE}


def test_only_a_mixture_needs_both_sets_of_weights(smfd_folder: Path) -> None:
    for fidelity, files in (
        (1.0, {FAITHFUL_FILE}),
        (0.0, {DETAILED_FILE}),
        (0.5, {FAITHFUL_FILE, DETAILED_FILE}),
    ):
        used = {use.path.name for use in Smfd(smfd_folder, fidelity).networks(128)}
        assert used == files | {READER_FILE, KERNEL_FILE}


@pytest.mark.parametrize("name", ["richardson-lucy", "wiener", "unsupervised-wiener"])
def test_deconvolution_has_the_networks_of_its_estimator(
    name: str,
    smfd_saying: Callable[..., Path],
    shipped_smfd: Callable[[Path], None],
    face: FloatArray,
    run: Callable[[Restorer, FloatArray], Runs],
) -> None:
    shipped_smfd(smfd_saying(kernel=SMALL))
    estimating = build_restorer(name, RestorerOptions(point_spread_function="estimated"))
    assert run(estimating, face) == told(estimating, 128) != Counter()
    assert build_restorer(name, RestorerOptions("box:5")).networks(128) == ()


def test_nothing_is_done_without_networks() -> None:
    assert build_restorer("identity").networks(256) == ()


@pytest.mark.parametrize(
    ("network", "description", "side"),
    [
        ({}, NetworkDescription(stride=32), 100),
        ({"shape": (1, 3, 64, 64), "weight_name": "weight"}, NetworkDescription(size=64, weight=0.5), 64),
        ({"shape": ("batch", "height", "width", 3)}, NetworkDescription(layout="nhwc"), 48),
    ],
)
def test_a_network_file_is_run_once_on_what_it_takes(
    network: dict[str, Any],
    description: NetworkDescription,
    side: int,
    tiny_network: Callable[..., Any],
    tmp_path: Path,
    face: FloatArray,
    run: Callable[[Restorer, FloatArray], Runs],
) -> None:
    restorer = OnnxNetwork(tiny_network(**network).save(tmp_path / "net.onnx"), description)
    assert run(restorer, resized(face, side)) == told(restorer, side) != Counter()


def test_a_fixed_batch_is_fed_whole(tiny_network: Callable[..., Any], tmp_path: Path) -> None:
    path = tiny_network(shape=(4, 3, 32, 32)).save(tmp_path / "net.onnx")
    (use,) = OnnxNetwork(path, NetworkDescription()).networks(32)
    assert use.inputs == {"input": (4, 3, 32, 32)}
