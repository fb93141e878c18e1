from collections.abc import Callable

import numpy as np
import pytest
from scipy import fft, ndimage
from skimage import data

from clearface import point_spread
from clearface.arrays import ByteImage, DoubleArray, FloatArray
from clearface.errors import UsageError
from clearface.restorers.base import Framing
from clearface.restorers.wiener import UnsupervisedWiener, Wiener

portrait: Callable[[], ByteImage] = data.astronaut


def astronaut(side: int = 96) -> DoubleArray:
    """The face, `(side, side, 3)` in [0, 1]."""
    top, left = 110 - side // 2, 225 - side // 2
    return portrait()[top : top + side, left : left + side].astype(np.float64) / 255


def decibels(face: FloatArray) -> float:
    """Peak signal-to-noise ratio of `(S, S, 3)` against the sharp face."""
    return float(-10 * np.log10(np.mean((face - astronaut(len(face))) ** 2)))


def blurred(kernel: DoubleArray, noise: float = 0.005) -> FloatArray:
    """The face in 8 bits after a blur by light from outside the frame too, `(1, 96, 96, 3)`."""
    wide = astronaut(96 + 80)
    spread = np.stack([ndimage.convolve(wide[..., channel], kernel) for channel in range(3)], -1)[40:-40, 40:-40]
    noisy = spread + np.random.default_rng(0).normal(0, noise, spread.shape)
    return (np.round(np.clip(noisy, 0, 1) * 255) / 255).astype(np.float32)[None]


def cosine_wiener(plane: DoubleArray, kernel: DoubleArray, balance: float) -> DoubleArray:
    """The Wiener filter for a plane mirrored beyond its edges and a symmetric kernel: diagonal in the cosine domain."""

    def eigenvalues(taps: DoubleArray) -> DoubleArray:
        side = plane.shape[0]
        angles = np.pi * np.arange(side) / side
        rows, columns = (np.arange(length) - length // 2 for length in taps.shape)
        cosines: DoubleArray = np.cos(np.outer(angles, rows)) @ taps @ np.cos(np.outer(columns, angles))
        return cosines

    blur = eigenvalues(kernel)
    roughness = eigenvalues(np.array([[0.0, -1, 0], [-1, 4, -1], [0, -1, 0]]))
    spectrum = fft.dctn(plane, norm="ortho") * blur / (blur**2 + balance * roughness**2)
    restored: DoubleArray = fft.idctn(spectrum, norm="ortho")
    return restored


@pytest.mark.parametrize("kernel", [point_spread.box(5), point_spread.gaussian(1.3), point_spread.disc(3)])
def test_against_the_cosine_domain(kernel: DoubleArray) -> None:
    # Blurred inside its own mirror image: then what surrounds the face is known, and both must agree on all of it.
    sharp = ndimage.gaussian_filter(astronaut(), (1, 1, 0), mode="reflect") * 0.8 + 0.1
    face = np.stack([ndimage.convolve(sharp[..., channel], kernel, mode="reflect") for channel in range(3)], -1)
    restored = Wiener(kernel, 0.02).restore(face[None].astype(np.float32)).faces[0]
    for channel in range(3):
        expected = cosine_wiener(face[..., channel], kernel, 0.02)
        np.testing.assert_allclose(restored[..., channel], expected, rtol=0, atol=0.02)
        np.testing.assert_allclose(restored[16:-16, 16:-16, channel], expected[16:-16, 16:-16], rtol=0, atol=0.001)


@pytest.mark.parametrize(
    ("kernel", "gain"),
    [
        (point_spread.box(5), 2.5),
        (point_spread.gaussian(1.5), 2.0),
        (point_spread.motion(11, 30), 2.0),
        (point_spread.disc(3), 2.0),
    ],
)
@pytest.mark.parametrize("method", [Wiener, UnsupervisedWiener])
def test_faces_become_sharp(method: type[Wiener] | type[UnsupervisedWiener], kernel: DoubleArray, gain: float) -> None:
    face = blurred(kernel)
    restored = method(kernel).restore(face).faces
    assert decibels(restored[0]) - decibels(face[0]) > gain


@pytest.mark.parametrize("method", [Wiener, UnsupervisedWiener])
def test_the_frame_does_not_ring(method: type[Wiener] | type[UnsupervisedWiener]) -> None:
    kernel = point_spread.motion(11, 30)
    error = (method(kernel).restore(blurred(kernel)).faces[0] - astronaut()) ** 2
    edge = np.ones(error.shape[:2], dtype=bool)
    edge[6:-6, 6:-6] = False
    assert error[edge].mean() < 6 * error[~edge].mean()


def test_more_balance_is_smoother() -> None:
    face = blurred(point_spread.box(5), noise=0.02)
    roughness = [np.abs(ndimage.laplace(Wiener(balance=b).restore(face).faces[0, ..., 0])).mean() for b in (0.001, 0.1)]
    assert roughness[1] < roughness[0] / 3


@pytest.mark.parametrize("method", [Wiener, UnsupervisedWiener])
@pytest.mark.parametrize("side", [1, 2, 3, 7, 32])
@pytest.mark.parametrize("content", ["black", "white", "grey", "one level", "step", "noise"])
def test_anything_stays_finite(method: type[Wiener] | type[UnsupervisedWiener], side: int, content: str) -> None:
    face = np.zeros((1, side, side, 3), np.float32)
    if content == "white":
        face[:] = 1
    elif content == "grey":
        face[:] = 0.3
    elif content == "one level":
        face[:, 0, 0] = 1 / 255
    elif content == "step":
        face[:, side // 2 :] = 1
    elif content == "noise":
        face[:] = np.random.default_rng(0).random(face.shape)
    restored = method(point_spread.motion(15, 30)).restore(face).faces
    assert restored.dtype == np.float32
    assert np.isfinite(restored).all()
    assert restored.min() >= 0
    assert restored.max() <= 1
    if content in ("black", "white", "grey"):
        np.testing.assert_array_equal(restored, face)


@pytest.mark.parametrize("method", [Wiener, UnsupervisedWiener])
def test_a_face_does_not_depend_on_its_company(method: type[Wiener] | type[UnsupervisedWiener]) -> None:
    first, second = blurred(point_spread.box(5)), blurred(point_spread.disc(3))
    together = method().restore(np.concatenate([first, second])).faces
    np.testing.assert_array_equal(together[0], method().restore(first).faces[0])
    np.testing.assert_array_equal(together[1], method().restore(second).faces[0])


def test_the_seed_is_an_argument() -> None:
    face = blurred(point_spread.box(5))
    answers = [UnsupervisedWiener(seed=seed).restore(face).faces for seed in (0, 0, 1)]
    np.testing.assert_array_equal(answers[0], answers[1])
    assert np.abs(answers[0] - answers[2]).max() > 0


@pytest.mark.parametrize("balance", [0.0, -1.0, float("nan"), float("inf")])
def test_impossible_balances_are_refused(balance: float) -> None:
    with pytest.raises(UsageError, match="balance"):
        Wiener(balance=balance)


@pytest.mark.parametrize("method", [Wiener, UnsupervisedWiener])
def test_what_is_no_kernel_is_refused(method: type[Wiener] | type[UnsupervisedWiener]) -> None:
    with pytest.raises(UsageError, match="point spread function"):
        method(np.ones((5, 5)))


def test_names_and_framing() -> None:
    assert (Wiener().name, UnsupervisedWiener().name) == ("wiener", "unsupervised-wiener")
    assert Wiener().framing is UnsupervisedWiener().framing is Framing.PHOTO
    assert Wiener().working_size(99.6) == UnsupervisedWiener().working_size(99.6) == 100
