"""Degradations with a name."""

from pathlib import Path

import numpy as np
import pytest
import scipy.ndimage
import skimage.data
import skimage.transform

from clearface.arrays import FloatArray
from clearface.degrade.protocols import PROTOCOLS, degrade_by_protocol, protocol_named
from clearface.errors import PhotoError, UsageError


@pytest.fixture(scope="module")
def faces() -> FloatArray:
    face = skimage.transform.resize(skimage.data.astronaut()[0:256, 100:356] / 255, (128, 128), anti_aliasing=True)
    return np.repeat((np.rint(face * 255) / 255).astype(np.float32)[None], 12, 0)


@pytest.fixture(scope="module")
def kernel_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kernels") / "kernels.npy"
    stack = np.zeros((3, 9, 9))
    stack[0, 4, 2:7] = stack[1, 2:7, 4] = 1
    stack[2, 4, 4] = 1
    np.save(path, stack)
    return path


def psnr(first: FloatArray, second: FloatArray) -> np.ndarray:
    squares = ((first - second) ** 2).mean((1, 2, 3))
    return np.asarray(-10 * np.log10(np.maximum(squares, 1e-12)))


@pytest.mark.parametrize("name", [protocol.name for protocol in PROTOCOLS])
def test_every_protocol(name: str, faces: FloatArray, kernel_file: Path) -> None:
    kernels = kernel_file if name == "levin" else None
    answer = degrade_by_protocol(faces, name, 7, kernels)
    assert answer.faces.shape == faces.shape
    assert answer.faces.dtype == np.float32
    np.testing.assert_array_equal(answer.faces, (np.rint(answer.faces * 255) / 255).astype(np.float32))
    np.testing.assert_allclose(answer.kernels.sum((1, 2)), 1, atol=1e-5)
    assert len(answer.descriptions) == len(answer.kernels) == 12
    again = degrade_by_protocol(faces, name, 7, kernels)
    np.testing.assert_array_equal(answer.faces, again.faces)
    first = degrade_by_protocol(faces[:3], name, 7, kernels)
    assert np.abs(first.faces - answer.faces[:3]).max() < 0.0041
    np.testing.assert_allclose(first.kernels, answer.kernels[:3], atol=1e-7)
    assert first.descriptions == answer.descriptions[:3]
    if name not in ("box5", "sharp"):
        assert not np.array_equal(answer.faces, degrade_by_protocol(faces, name, 8, kernels).faces)


def test_shen_is_motion_over_13_to_27_pixels_with_noise(faces: FloatArray) -> None:
    answer = degrade_by_protocol(np.repeat(faces, 5, 0), "shen", 3)
    spans = []
    for face, kernel, steps in zip(answer.faces, answer.kernels, answer.descriptions, strict=True):
        assert [step["step"] for step in steps] == ["blur", "noise"]
        assert steps[0]["light"] == "srgb"
        assert not steps[0]["varying"]
        assert (steps[1]["read"], steps[1]["shot"]) == (0.01, 0.0)
        spans.append(max(np.ptp(np.flatnonzero(kernel.sum(axis) > 1e-9)) + 1 for axis in (0, 1)))
        blurred = scipy.ndimage.convolve(faces[0, :, :, 1], kernel, mode="mirror")
        assert (face[:, :, 1] - blurred)[20:-20, 20:-20].std() == pytest.approx(0.01, rel=0.1)
    assert min(spans) >= 12
    assert max(spans) <= 29
    assert len(set(spans)) > 8


def test_box5_is_an_average_without_noise(faces: FloatArray) -> None:
    answer = degrade_by_protocol(faces[:1], "box5", 0)
    expected = scipy.ndimage.uniform_filter(faces[0], (5, 5, 1), mode="mirror")
    np.testing.assert_allclose(answer.faces[0], np.rint(expected * 255) / 255, atol=0.0041)
    assert np.abs(answer.faces[0] - expected).max() < 0.00205


def test_levin_takes_its_kernels_from_the_file(faces: FloatArray, kernel_file: Path) -> None:
    answer = degrade_by_protocol(np.repeat(faces, 3, 0), "levin", 1, kernel_file)
    names = {steps[0]["kernel"] for steps in answer.descriptions}
    assert names == {f"kernel {number} of the file" for number in (1, 2, 3)}
    for kernel, steps in zip(answer.kernels, answer.descriptions, strict=True):
        number = int(steps[0]["kernel"].split()[1])
        np.testing.assert_allclose(kernel, np.load(kernel_file)[number - 1] / np.load(kernel_file)[number - 1].sum())


def test_sharp_is_left_alone(faces: FloatArray) -> None:
    np.testing.assert_array_equal(degrade_by_protocol(faces, "sharp", 0).faces, faces)


def test_mild_is_milder_than_mixed(faces: FloatArray) -> None:
    many = np.repeat(faces, 4, 0)
    mild, mixed = (psnr(degrade_by_protocol(many, name, 5).faces, many) for name in ("mild", "mixed"))
    assert mixed.mean() + 2 < mild.mean()
    kinds = {step["step"] for steps in degrade_by_protocol(many, "mixed", 5).descriptions for step in steps}
    assert kinds == {"blur", "noise", "reduce", "compress"}


def test_lengths_grow_with_the_face_or_stay(faces: FloatArray) -> None:
    def width(name: str, face_size: float) -> float:
        kernels = degrade_by_protocol(np.repeat(faces, 2, 0), name, 5, None, face_size).kernels
        away = np.arange(kernels.shape[-1]) - kernels.shape[-1] // 2
        return float(np.sqrt((kernels.sum(1) * away**2).sum(1)).mean())

    assert width("mixed", 256) / width("mixed", 128) == pytest.approx(2, rel=0.1)
    assert width("mild", 64) < width("mild", 128)
    assert width("shen", 256) == width("shen", 128)


@pytest.mark.parametrize("name", ["mixed", "levin", "sharp"])
def test_no_faces_is_no_error(name: str, kernel_file: Path) -> None:
    kernels = kernel_file if name == "levin" else None
    answer = degrade_by_protocol(np.zeros((0, 64, 64, 3), np.float32), name, 0, kernels)
    assert answer.faces.shape == (0, 64, 64, 3)
    assert answer.descriptions == ()


def test_what_cannot_be_meant_is_refused(faces: FloatArray, kernel_file: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match='did you mean "levin"'):
        protocol_named("levine")
    with pytest.raises(UsageError, match="needs a file"):
        degrade_by_protocol(faces, "levin", 0)
    with pytest.raises(UsageError, match="makes its own kernels"):
        degrade_by_protocol(faces, "shen", 0, kernel_file)
    with pytest.raises(UsageError, match="0 or more"):
        degrade_by_protocol(faces, "shen", -1)
    for size in (0.0, -5.0, float("nan"), float("inf")):
        with pytest.raises(UsageError, match="above 0"):
            degrade_by_protocol(faces, "mixed", 0, None, size)
    with pytest.raises(PhotoError, match=r"missing\.mat"):
        degrade_by_protocol(faces, "levin", 0, tmp_path / "missing.mat")
