import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearface.arrays import ByteImage, FloatArray
from clearface.blur_estimates import BlurEstimate
from clearface.films.steady import SteadySquare
from clearface.films.steady_blur import SteadyBlur, detail_energies
from clearface.films.steady_motion import farthest, motion_between
from clearface.films.steady_tracks import FilmTrack
from clearface.point_spread import gaussian, motion
from clearface.squares import Square
from clearface.verdicts import Verdict

IDENTITY = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


@pytest.fixture(scope="module")
def portrait(astronaut: ByteImage) -> FloatArray:
    """A soft square `(160, 160, 3)` with room around it left out."""
    return square_of(astronaut, IDENTITY)


def square_of(astronaut: ByteImage, place: np.ndarray) -> FloatArray:
    """What lies at `place` of the astronaut, `(160, 160, 3)`, blurred."""
    soft = cv2.GaussianBlur(astronaut.astype(np.float32) / 255, (0, 0), 2)
    to_square = place @ np.vstack([[[0.9, 0, -122], [0, 0.9, -32]], [[0, 0, 1]]])
    taken = cv2.warpAffine(soft, to_square, (160, 160), flags=cv2.INTER_CUBIC)
    return np.clip(taken, 0, 1).astype(np.float32)


def similarity(scale: float, degrees: float, across: float, down: float) -> np.ndarray:
    place = np.asarray(cv2.getRotationMatrix2D((79.5, 79.5), degrees, scale), np.float64)
    place[:, 2] += np.array([across, down])
    return place


def grey(square: FloatArray) -> FloatArray:
    return np.asarray(square.mean(2), np.float32)


def with_noise(square: FloatArray, seed: int, deviation: float = 3) -> FloatArray:
    noise = np.random.default_rng(seed).normal(0, deviation / 255, square.shape)
    return np.clip(square + noise, 0, 1).astype(np.float32)


@settings(max_examples=25)
@given(st.floats(0.98, 1.02), st.floats(-2, 2), st.floats(-4, 4), st.floats(-4, 4), st.floats(-0.05, 0.05))
def test_motion_is_found_through_noise_and_another_light(
    scale: float, degrees: float, across: float, down: float, brighter: float
) -> None:
    import skimage.data

    astronaut = np.ascontiguousarray(skimage.data.astronaut())
    place = similarity(scale, degrees, across, down)
    first = with_noise(square_of(astronaut, IDENTITY), 1)
    second = with_noise(square_of(astronaut, place) + np.float32(brighter), 2)
    found = motion_between(grey(first), grey(second))
    assert found is not None
    inner = np.array([[40, 40], [120, 40], [80, 120]])
    apart = (inner @ found[:, :2].T + found[:, 2]) - (inner @ place[:, :2].T + place[:, 2])
    assert np.abs(apart).max() < 0.25


def test_what_is_too_far_away_is_no_motion(astronaut: ByteImage, portrait: FloatArray) -> None:
    elsewhere = square_of(astronaut, similarity(1, 0, 60, 40))
    found = motion_between(grey(portrait), grey(elsewhere))
    assert found is None or farthest(found, 160) <= 0.08 * 160
    assert motion_between(np.zeros((64, 64), np.float32), np.ones((64, 64), np.float32)) is not None


def test_farthest_of_a_shift_and_a_turn() -> None:
    assert farthest(np.array([[1.0, 0, 3], [0, 1, 4]]), 100) == pytest.approx(5)
    turned = np.asarray(cv2.getRotationMatrix2D((50, 50), 2, 1), np.float64)
    assert farthest(turned, 100) == pytest.approx(2 * np.sin(np.radians(1)) * np.hypot(25, 25))


def test_the_average_is_that_of_a_recursive_filter_where_nothing_moves(portrait: FloatArray) -> None:
    steady = SteadySquare()
    afters = [with_noise(portrait, seed, 1) for seed in range(14)]
    expected: np.ndarray = afters[0]
    for count, after in enumerate(afters):
        found = steady.steadied(portrait, after)
        expected = expected + (after - expected) / min(count + 1, 8)
        assert np.abs(found - expected).max() < 1e-4


def test_noise_goes_down_and_sharpness_stays(portrait: FloatArray) -> None:
    steady = SteadySquare()
    for seed in range(12):
        taken = with_noise(portrait, seed)
        found = steady.steadied(taken, taken)
    inner = (slice(30, 130), slice(30, 130))
    left = np.std(found[inner] - portrait[inner]) / np.std(taken[inner] - portrait[inner])
    assert left < 0.45  # an eighth of the frames' noise in a recursive average: 0.26


def test_a_moved_face_takes_what_is_known_of_it_along(astronaut: ByteImage) -> None:
    steady, inner = SteadySquare(), (slice(30, 130), slice(30, 130))
    for seed in range(8):
        place = similarity(1, 0, 1.3 * seed % 4, 0.8 * seed % 3)
        truth = square_of(astronaut, place)
        taken = with_noise(truth, seed, 5)
        found = steady.steadied(taken, taken)
    assert np.std(found[inner] - truth[inner]) < 0.8 * np.std(taken[inner] - truth[inner])


def test_what_moves_within_the_face_comes_as_it_is_and_the_rest_stays_steady(portrait: FloatArray) -> None:
    steady = SteadySquare()
    for seed in range(8):
        taken = with_noise(portrait, seed)
        steady.steadied(taken, taken)
    opened = portrait.copy()
    cv2.ellipse(opened, (82, 105), (14, 7), 0, 0, 360, (0.2, 0.05, 0.05), -1)
    taken = with_noise(opened, 99)
    found = steady.steadied(taken, taken)
    mouth, brow = (slice(100, 110), slice(72, 92)), (slice(40, 60), slice(60, 100))
    assert np.abs(found[mouth] - taken[mouth]).max() < 0.01
    assert np.std(found[brow] - portrait[brow]) < 0.5 * np.std(taken[brow] - portrait[brow])


def test_another_picture_is_not_mixed_in(portrait: FloatArray) -> None:
    steady, other = SteadySquare(), np.ascontiguousarray(1 - portrait[:, ::-1])
    steady.steadied(portrait, portrait)
    found = steady.steadied(other, other)
    assert np.abs(found - other).mean() < 0.01


def test_another_size_is_carried_over_and_what_is_forgotten_is_not(portrait: FloatArray) -> None:
    steady = SteadySquare()
    for seed in range(5):
        steady.steadied(with_noise(portrait, seed), with_noise(portrait, seed))
    smaller = np.asarray(cv2.resize(portrait, (112, 112), interpolation=cv2.INTER_AREA), np.float32)
    taken = with_noise(smaller, 7)
    found = steady.steadied(taken, taken)
    inner = (slice(20, 90), slice(20, 90))
    assert found.shape == taken.shape
    assert np.std(found[inner] - smaller[inner]) < 0.9 * np.std(taken[inner] - smaller[inner])
    steady.forget()
    assert np.array_equal(steady.steadied(taken, taken), taken)


def test_energies_tell_one_blur_from_another_and_not_one_place_from_another(astronaut: ByteImage) -> None:
    portrait = square_of(astronaut, IDENTITY)

    def change(other: FloatArray) -> float:
        return float(
            np.abs(np.log(detail_energies(with_noise(other, 1, 2)) / detail_energies(with_noise(portrait, 0, 2)))).max()
        )

    assert change(portrait) < 0.03
    assert change(square_of(astronaut, similarity(1, 0, 1.5, 1))) < 0.12
    assert change(portrait * np.float32(0.8)) < 0.2
    assert change(np.asarray(cv2.GaussianBlur(portrait, (0, 0), 2), np.float32)) > 0.12
    assert change(np.asarray(cv2.blur(portrait, (9, 1)), np.float32)) > 0.12


def test_a_blur_is_averaged_and_turned_along_with_the_square() -> None:
    blur, square = SteadyBlur(), Square(IDENTITY, 128)
    first, second = (BlurEstimate(gaussian(sigma, 15), certainty) for sigma, certainty in ((1.5, 0.6), (2.5, 0.8)))
    blur.looked(first, square, 1)
    assert blur.within(square) is first
    blur.looked(second, square, 0.5)
    known = blur.within(square)
    assert known.kernel == pytest.approx((first.kernel + second.kernel) / 2)
    assert known.certainty == pytest.approx(0.7)
    along = np.asarray(motion(9, 0))
    kernel = np.zeros((15, 15))
    rows, columns = along.shape
    kernel[7 - rows // 2 : 8 + rows // 2, 7 - columns // 2 : 8 + columns // 2] = along
    blur.looked(BlurEstimate(kernel), square, 1)
    quarter_turn = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 127.0]])
    assert blur.within(Square(quarter_turn, 128)).kernel == pytest.approx(kernel.T, abs=1e-6)


def test_before_the_first_look_no_blur_is_known() -> None:
    with pytest.raises(ValueError, match="never"):
        SteadyBlur().within(Square(IDENTITY, 128))


@given(st.lists(st.sampled_from([Verdict.RESTORED, Verdict.SHARP, Verdict.TOO_FAR_GONE]), min_size=1, max_size=120))
def test_verdicts_change_seldom_and_strength_slowly(said: list[Verdict]) -> None:
    track = FilmTrack(appearing=False)
    verdicts, strengths = [], []
    for verdict in said:
        track.judge(verdict)
        verdicts.append(track.verdict)
        strengths.append(track.step(anyway=False))
    assert verdicts[0] is said[0]
    changes = [index for index in range(1, len(said)) if verdicts[index] is not verdicts[index - 1]]
    assert all(later - earlier >= 4 for earlier, later in zip(changes, changes[1:], strict=False))
    assert np.abs(np.diff(strengths)).max(initial=0) < 0.2
    assert strengths[0] == (said[0] is Verdict.RESTORED)


def test_an_even_doubt_changes_no_verdict() -> None:
    track = FilmTrack(appearing=False)
    for index in range(200):
        track.judge(Verdict.SHARP if index % 2 else Verdict.RESTORED)
        assert track.verdict is Verdict.RESTORED
