"""Camera shake."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearface.degrade.trajectories import (
    Shake,
    ShakeParameters,
    draw_shake,
    exposed_paths,
    lingering,
    shake_kernel,
    shake_paths,
    splat_paths,
)
from clearface.point_spread import splat


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(1, 31))
def test_shake_kernels_sum_to_one_and_are_centred(seed: int, size: int) -> None:
    kernel = shake_kernel(np.random.default_rng(seed), size)
    assert kernel.sum() == pytest.approx(1)
    assert kernel.min() >= 0
    rows, columns = np.indices(kernel.shape)
    middle = (np.array(kernel.shape) - 1) / 2
    assert abs((kernel * rows).sum() - middle[0]) < 1e-6
    assert abs((kernel * columns).sum() - middle[1]) < 1e-6


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(5, 31))
def test_shake_kernels_span_their_size(seed: int, size: int) -> None:
    kernel = shake_kernel(np.random.default_rng(seed), size)
    extents = [np.ptp(np.flatnonzero(kernel.sum(axis) > 1e-12)) + 1 for axis in (0, 1)]
    assert size <= max(extents) <= size + 2


def test_a_kernel_is_at_least_a_tap() -> None:
    with pytest.raises(ValueError, match="one tap"):
        shake_kernel(np.random.default_rng(0), 0)


def test_the_hand_moves_at_constant_speed() -> None:
    generator = np.random.default_rng(3)
    paths = shake_paths([draw_shake(generator) for _ in range(3)], [generator] * 3)
    np.testing.assert_allclose(np.abs(np.diff(paths)), 60 / 1999, rtol=1e-9)


def test_a_path_does_not_depend_on_the_others() -> None:
    shakes = [draw_shake(np.random.default_rng(seed)) for seed in range(5)]
    together = shake_paths(shakes, [np.random.default_rng(seed) for seed in range(5)])
    alone = shake_paths(shakes[3:4], [np.random.default_rng(3)])
    np.testing.assert_allclose(together[3], alone[0], atol=1e-12)


def test_each_hand_needs_its_generator() -> None:
    with pytest.raises(ValueError, match="zip"):
        shake_paths([draw_shake(np.random.default_rng(0))] * 2, [np.random.default_rng(0)])


def test_a_calm_hand_goes_straight_where_it_set_out_to() -> None:
    path = shake_paths([Shake(0.0, 1.0, 1.0, 1.0, 30.0)], [np.random.default_rng(0)], ShakeParameters(steps=100))[0]
    np.testing.assert_allclose(np.angle(path[1:]), np.radians(30), atol=1e-9)
    assert abs(path[-1]) == pytest.approx(60)


def test_walking_equals_walking_step_by_step() -> None:
    settings_ = ShakeParameters(steps=60)
    hand, generator = Shake(1.0, 0.8, 0.9, 1.0, 70.0), np.random.default_rng(8)
    path = shake_paths([hand], [generator], settings_)[0]
    generator = np.random.default_rng(8)
    pushes = generator.standard_normal((2, 60))
    jerky = np.flatnonzero(generator.random(60) < 0.2 * 0.005)
    turns = dict(zip(jerky, np.pi + generator.random(len(jerky)) - 0.5, strict=True))
    speed = 60 / 59
    position, velocity = 0j, speed * np.exp(1j * np.radians(70))
    for step in range(1, 60):
        jerk = 2 * velocity * np.exp(1j * turns[step]) if step in turns else 0
        push = 10 * 0.005 * 0.9 * (pushes[0, step] + 1j * pushes[1, step])
        velocity = velocity + jerk + speed * (push - 0.7 * 0.8 * 0.005 * position)
        velocity = velocity / abs(velocity) * speed
        position = position + velocity
        assert path[step] == pytest.approx(position, abs=1e-9)


def test_splatting_a_batch_equals_splatting_each() -> None:
    generators = [np.random.default_rng(seed) for seed in range(4)]
    paths = shake_paths([draw_shake(generator) for generator in generators], generators)
    points, weights = exposed_paths(paths, np.array([0.1, 0.5, 0.7, 1.0]), np.array([5.0, 17.0, 20.0, 25.0]))
    for path, weight, kernel in zip(points, weights, splat_paths(points, weights, 61), strict=True):
        single = splat(path.real, path.imag, weight)
        rim = (61 - len(single)) // 2
        np.testing.assert_allclose(kernel, np.pad(single, rim), atol=1e-6)


def test_what_falls_outside_the_taps_is_lost() -> None:
    points = np.array([[0.0 + 0.0j, 30.0 + 0.0j, -30.0 - 30.0j]])
    kernel = splat_paths(points, np.full((1, 3), 1 / 3), 9)[0]
    assert kernel[4, 4] == 1


def test_lingering_deviates_as_it_says() -> None:
    strengths = np.array([0.0, 0.5, 1.0])
    times = lingering(strengths, [np.random.default_rng(0)] * 3, 500)
    np.testing.assert_allclose(np.log(times).std(1), strengths, atol=1e-9)
