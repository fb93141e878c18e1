from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage import data, restoration

from clearface import point_spread
from clearface.arrays import ByteImage, DoubleArray, FloatArray
from clearface.errors import UsageError
from clearface.restorers.base import Framing
from clearface.restorers.richardson_lucy import (
    RichardsonLucy,
    RichardsonLucyOptions,
    deconvolve,
    total_variation_divergence,
)

portrait: Callable[[], ByteImage] = data.astronaut
richardson_lucy: Callable[..., DoubleArray] = restoration.richardson_lucy


def astronaut(side: int = 96) -> DoubleArray:
    """The face, `(side, side, 3)` in [0, 1]."""
    top, left = 110 - side // 2, 225 - side // 2
    return portrait()[top : top + side, left : left + side].astype(np.float64) / 255


def decibels(face: FloatArray) -> float:
    """Peak signal-to-noise ratio of `(S, S, 3)` against the sharp face."""
    return float(-10 * np.log10(np.mean((face - astronaut(len(face))) ** 2)))


def blurred(kernel: DoubleArray, side: int = 96, noise: float = 0.0) -> FloatArray:
    """The face in 8 bits after a blur by light from outside the frame too, `(1, side, side, 3)`."""
    wide = astronaut(side + 80)
    spread = np.stack([ndimage.convolve(wide[..., channel], kernel) for channel in range(3)], -1)[40:-40, 40:-40]
    noisy = spread + np.random.default_rng(0).normal(0, noise, spread.shape)
    return (np.round(np.clip(noisy, 0, 1) * 255) / 255).astype(np.float32)[None]


def plain_richardson_lucy(picture: DoubleArray, kernel: DoubleArray, iterations: int) -> DoubleArray:
    """Written down from the formula, for kernels that are their own mirror image."""
    estimate = np.full(picture.shape, 0.5)
    for _ in range(iterations):
        ratio = picture / ndimage.convolve(estimate, kernel, mode="reflect")
        estimate = estimate * ndimage.correlate(ratio, kernel, mode="reflect")
    return estimate


@pytest.mark.parametrize(
    "kernel", [point_spread.box(5), point_spread.gaussian(1.5), point_spread.disc(2.2), point_spread.disc(4.7)]
)
def test_against_the_plain_formula(kernel: DoubleArray) -> None:
    face = blurred(point_spread.box(5))
    restored = RichardsonLucy(RichardsonLucyOptions(kernel)).restore(face).faces
    for channel in range(3):
        expected = plain_richardson_lucy(face[0, ..., channel].astype(np.float64), kernel, 30)
        np.testing.assert_allclose(restored[0, ..., channel], np.clip(expected, 0, 1), rtol=0, atol=1e-6)


def test_the_defaults_against_scikit_image() -> None:
    # What lies beyond a margin of 30 iterations times twice 2 pixels cannot be felt by the face itself.
    face, margin = blurred(point_spread.box(5), 64), 30 * 4
    restored = RichardsonLucy().restore(face).faces[0]
    for channel in range(3):
        mirrored = np.pad(face[0, ..., channel].astype(np.float64), margin, mode="symmetric")
        expected = richardson_lucy(mirrored, np.full((5, 5), 1 / 25), 30)[margin:-margin, margin:-margin]
        np.testing.assert_allclose(restored[..., channel], expected, rtol=0, atol=1e-6)


def test_a_lopsided_kernel_against_scikit_image_in_the_interior() -> None:
    kernel = point_spread.normalized(np.random.default_rng(0).random((5, 3)) ** 3)
    picture = blurred(kernel, 80)[0, ..., 1].astype(np.float64)
    inside = slice(10 * 4, -10 * 4)
    expected = richardson_lucy(picture, kernel, 10)
    np.testing.assert_allclose(
        deconvolve(picture, kernel, 10)[inside, inside], expected[inside, inside], rtol=0, atol=1e-9
    )


def test_likelihood_never_falls() -> None:
    # Richardson-Lucy is expectation maximization: with an exact adjoint every round explains the photo better.
    kernel = point_spread.normalized(np.random.default_rng(1).random((9, 9)) ** 4)
    photo = blurred(kernel, 48)[0, ..., 0].astype(np.float64)
    divergences = []
    for iterations in range(1, 12):
        predicted = ndimage.convolve(deconvolve(photo, kernel, iterations), kernel, mode="reflect")
        divergences.append((predicted - photo * np.log(predicted)).sum())
    assert np.all(np.diff(divergences) < 0)


@pytest.mark.parametrize(
    ("kernel", "gain"),
    [
        (point_spread.box(5), 3.0),
        (point_spread.gaussian(1.5), 2.0),
        (point_spread.motion(9, 30), 2.5),
        (point_spread.disc(3), 2.5),
        (point_spread.gaussian(2, 1, 60), 1.5),
    ],
)
def test_faces_become_sharp(kernel: DoubleArray, gain: float) -> None:
    face = blurred(kernel)
    restored = RichardsonLucy(RichardsonLucyOptions(kernel)).restore(face).faces
    assert decibels(restored[0]) - decibels(face[0]) > gain


def test_the_frame_does_not_ring() -> None:
    kernel = point_spread.motion(9, 30)
    restored = RichardsonLucy(RichardsonLucyOptions(kernel)).restore(blurred(kernel)).faces[0]
    error = (restored - astronaut()) ** 2
    edge = np.ones(error.shape[:2], dtype=bool)
    edge[5:-5, 5:-5] = False
    assert error[edge].mean() < 4 * error[~edge].mean()


def test_total_variation_calms_noise() -> None:
    face = blurred(point_spread.box(5), noise=0.02)
    plain, damped = (
        decibels(RichardsonLucy(RichardsonLucyOptions(total_variation=weight)).restore(face).faces[0])
        for weight in (0.0, 0.005)
    )
    assert damped > plain + 1


def test_the_divergence_is_minus_the_gradient_of_the_total_variation() -> None:
    picture = np.random.default_rng(0).random((7, 6))

    def total_variation(values: DoubleArray) -> float:
        down = np.diff(values, axis=0, append=values[-1:])
        right = np.diff(values, axis=1, append=values[:, -1:])
        return float(np.hypot(down, right).sum())

    step = 1e-6
    numeric = np.zeros_like(picture)
    for place in np.ndindex(picture.shape):
        change = np.zeros_like(picture)
        change[place] = step
        numeric[place] = (total_variation(picture + change) - total_variation(picture - change)) / (2 * step)
    np.testing.assert_allclose(total_variation_divergence(picture), -numeric, atol=1e-4)


def test_total_variation_divides_as_published() -> None:
    # Dey et al. 2006: each round is divided by 1 - weight * div(grad x / |grad x|), x being the round's start.
    photo = blurred(point_spread.box(5), 40)[0, ..., 0].astype(np.float64)
    kernel, weight = point_spread.box(5), 0.1
    first = deconvolve(photo, kernel, 1)
    divergence = total_variation_divergence(first, 5 * weight)
    ratio = photo / ndimage.convolve(first, kernel, mode="reflect")
    second = first * ndimage.correlate(ratio, kernel, mode="reflect") / (1 - weight * divergence)
    np.testing.assert_allclose(deconvolve(photo, kernel, 2, weight), second, atol=1e-9)


def test_strong_damping_settles_instead_of_chattering() -> None:
    # Even areas, where the direction of the gradient is decided by rounding alone, stay even.
    photo = np.full((24, 24), 0.7)
    photo[:, 12:] = 0.2
    damped = deconvolve(photo, point_spread.box(3), 60, 0.2)
    assert np.abs(np.diff(damped, axis=0)).max() < 1e-9
    rounds = [
        deconvolve(blurred(point_spread.box(5), 48)[0, ..., 0].astype(np.float64), point_spread.box(5), n, 0.1)
        for n in (60, 61)
    ]
    assert np.abs(rounds[1] - rounds[0]).max() < 0.005


def test_linear_light_restores_what_a_lens_blurred() -> None:
    # White on black: in light, half of it is 188 of 255.
    sharp = np.zeros((1, 48, 48, 3), np.float32)
    sharp[:, 20:28, 20:28] = 1
    kernel = point_spread.box(5)
    light = ndimage.convolve(sharp[0, ..., 0].astype(np.float64), kernel)
    photo = np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)
    face = np.repeat(photo[None, ..., None], 3, axis=3).astype(np.float32)
    errors = [
        float(
            np.abs(RichardsonLucy(RichardsonLucyOptions(kernel, linear_light=mode)).restore(face).faces - sharp).mean()
        )
        for mode in (False, True)
    ]
    assert errors[1] < errors[0] / 3


KERNELS = st.sampled_from(
    [
        np.ones((1, 1)),
        point_spread.box(5),
        point_spread.motion(21, 40),
        point_spread.disc(6),
        # All light arrives far to one side: some pixels' light never does.
        np.eye(1, 15, 14),
    ]
)


@settings(max_examples=40)
@given(
    KERNELS,
    st.integers(1, 24),
    st.sampled_from(["black", "white", "step", "spark", "noise"]),
    st.sampled_from([0.0, 0.02, 0.25]),
    st.booleans(),
)
def test_anything_stays_finite(kernel: DoubleArray, side: int, content: str, damping: float, light: bool) -> None:
    face = np.zeros((1, side, side, 3), np.float32)
    if content == "white":
        face[:] = 1
    elif content == "step":
        face[:, side // 2 :] = 1
    elif content == "spark":
        face[:, side // 2, side // 2] = 1
    elif content == "noise":
        face[:] = np.random.default_rng(0).random(face.shape)
    before = face.copy()
    restored = RichardsonLucy(RichardsonLucyOptions(kernel, 40, damping, light)).restore(face).faces
    assert restored.dtype == np.float32
    assert np.isfinite(restored).all()
    assert restored.min() >= 0
    assert restored.max() <= 1
    np.testing.assert_array_equal(face, before)
    if content == "black":
        assert not restored.any()
    if content == "white" and kernel.shape != (1, 15):
        np.testing.assert_allclose(restored, 1, atol=1e-6)


def test_black_parts_stay_black() -> None:
    face = blurred(point_spread.box(5))
    face[:, :40] = 0
    for kernel in (point_spread.box(5), point_spread.motion(15, 30)):
        restored = RichardsonLucy(RichardsonLucyOptions(kernel)).restore(face).faces
        assert restored[:, :20].max() < 1e-6


def test_one_tap_changes_nothing() -> None:
    face = blurred(point_spread.box(5))
    restored = RichardsonLucy(RichardsonLucyOptions(np.ones((1, 1)))).restore(face).faces
    np.testing.assert_allclose(restored, face, atol=1e-7)


def test_a_face_does_not_depend_on_its_company() -> None:
    first, second = blurred(point_spread.box(5)), blurred(point_spread.disc(3))
    restorer = RichardsonLucy()
    together = restorer.restore(np.concatenate([first, second])).faces
    np.testing.assert_array_equal(together[0], restorer.restore(first).faces[0])
    np.testing.assert_array_equal(together[1], restorer.restore(second).faces[0])


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: RichardsonLucyOptions(iterations=0), "1 to 1000 iterations"),
        (lambda: RichardsonLucyOptions(total_variation=-0.1), "total variation"),
        (lambda: RichardsonLucyOptions(total_variation=0.3), "total variation"),
        (lambda: RichardsonLucyOptions(total_variation=float("nan")), "total variation"),
        (lambda: RichardsonLucyOptions(np.ones((3, 3))), "sums to 1"),
        (lambda: RichardsonLucyOptions(np.full((2, 2), 0.25)), "odd sides"),
    ],
)
def test_impossible_options_are_refused(make: object, said: str) -> None:
    assert callable(make)
    with pytest.raises(UsageError, match=said):
        make()


def test_framing_is_the_photos_own() -> None:
    restorer = RichardsonLucy()
    assert restorer.framing is Framing.PHOTO
    assert restorer.working_size(333.4) == 333
