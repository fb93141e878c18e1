"""Every family of blur kernels."""

from collections.abc import Callable

import numpy as np
import pytest
import scipy.signal
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from clearface import point_spread
from clearface.degrade import kernels
from clearface.degrade.blurs import BlurMix, draw_blur, render_blurs
from clearface.degrade.fields import FieldMix, draw_field, render_fields

TAPS = 41


def one(value: float) -> torch.Tensor:
    return torch.tensor([value], dtype=torch.float32)


lengths = st.floats(0.3, 30)
angles = st.floats(-360, 360)
families: st.SearchStrategy[torch.Tensor] = st.one_of(
    st.builds(lambda length, angle: kernels.linear_motion(one(length), one(angle), TAPS), lengths, angles),
    st.builds(
        lambda along, ratio, angle: kernels.gaussian(one(along), one(along * ratio), one(angle), TAPS),
        st.floats(0.3, 8),
        st.floats(0.2, 1),
        angles,
    ),
    st.builds(lambda radius, soft: kernels.disc(one(radius), one(soft), TAPS), st.floats(0.1, 15), st.floats(0.2, 4)),
    st.builds(lambda side: kernels.box(one(side), TAPS), st.floats(1, 30)),
)


def check(kernel: torch.Tensor) -> None:
    assert kernel.shape[-2:] == (TAPS, TAPS)
    assert kernel.dtype == torch.float32
    assert float(kernel.min()) >= 0
    np.testing.assert_allclose(kernel.sum((-1, -2)), 1, atol=1e-5)
    away = np.arange(TAPS) - TAPS // 2
    for profile in (kernel.sum(-1), kernel.sum(-2)):
        assert np.abs(profile.numpy() @ away).max() <= 0.5 + 2e-4


@settings(max_examples=80)
@given(families)
def test_every_family_sums_to_one_and_is_centred(kernel: torch.Tensor) -> None:
    check(kernel)


@settings(max_examples=40)
@given(families, families)
def test_products_sum_to_one_and_are_centred(first: torch.Tensor, second: torch.Tensor) -> None:
    check(kernels.product(first, second))


def test_products_are_convolutions() -> None:
    first, second = kernels.linear_motion(one(9), one(30), 21), kernels.gaussian(one(1.2), one(1.2), one(0), 21)
    direct = scipy.signal.convolve2d(first[0].numpy(), second[0].numpy(), mode="same")
    np.testing.assert_allclose(kernels.product(first, second)[0], direct / direct.sum(), atol=1e-6)


@pytest.mark.parametrize(
    ("batched", "reference"),
    [
        (kernels.linear_motion(one(13), one(35), TAPS), point_spread.motion(13, 35)),
        (kernels.gaussian(one(3), one(1.5), one(20), TAPS), point_spread.gaussian(3, 1.5, 20)),
        (kernels.box(one(5), TAPS), point_spread.box(5)),
        (kernels.box(one(4), TAPS), point_spread.box(4)),
        (kernels.disc(one(5), one(1), TAPS), point_spread.disc(5)),
    ],
)
def test_families_agree_with_point_spread_functions(batched: torch.Tensor, reference: np.ndarray) -> None:
    rim = (TAPS - reference.shape[0]) // 2
    whole = np.pad(reference, ((rim, rim), ((TAPS - reference.shape[1]) // 2,) * 2))
    assert np.abs(batched[0].numpy() - whole).sum() < 0.03


def test_batches_hold_what_single_kernels_hold() -> None:
    several, turned = torch.tensor([4.0, 17.0, 9.5]), torch.tensor([10.0, 80.0, 170.0])
    batch = kernels.linear_motion(several, turned, TAPS)
    for length, angle, kernel in zip(several, turned, batch, strict=True):
        alone = kernels.linear_motion(length[None], angle[None], TAPS)[0]
        assert float((alone - kernel).abs().sum()) < 0.02  # sampled more coarsely alone


def test_a_soft_edge_is_as_wide_as_it_says() -> None:
    profile = kernels.disc(one(8), one(4), TAPS)[0, TAPS // 2, TAPS // 2 :]
    assert torch.all(profile[:7] == profile[0])
    np.testing.assert_allclose(profile[7:10] / profile[0], [0.75, 0.5, 0.25], atol=1e-5)
    assert torch.all(profile[10:] == 0)


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(-12, 12), st.integers(-12, 12))
def test_centring_rolls_by_whole_taps(seed: int, down: int, across: int) -> None:
    blob = np.zeros((1, TAPS, TAPS), np.float32)
    blob[0, 15:26, 15:26] = np.random.default_rng(seed).random((11, 11))
    rolled = kernels.centred(torch.from_numpy(np.roll(blob, (down, across), (1, 2))))
    check(rolled)
    expected = kernels.centred(torch.from_numpy(blob))
    torch.testing.assert_close(rolled, expected, atol=1e-6, rtol=0)


def test_centring_wraps_nothing_around() -> None:
    lopsided = torch.zeros(1, 9, 9)
    lopsided[0, 4, 8], lopsided[0, 4, 0] = 0.9, 0.1
    answer = kernels.centred(lopsided)
    assert float(answer[0, 4, 4]) == 1  # the faint tap left the frame, and did not come back at the other side


@pytest.mark.parametrize("make", [kernels.box, lambda side, taps: kernels.linear_motion(side, side, taps)])
def test_even_taps_are_refused(make: Callable[[torch.Tensor, int], torch.Tensor]) -> None:
    with pytest.raises(ValueError, match="odd"):
        make(one(3), 30)


def test_kernels_without_light_are_refused() -> None:
    with pytest.raises(ValueError, match="light"):
        kernels.normalized(torch.zeros(1, 3, 3))


def test_everything_a_mix_draws_is_a_kernel() -> None:
    generator = np.random.default_rng(4)
    blurs = [draw_blur(generator, BlurMix()) for _ in range(400)]
    assert {blur.kind for blur in blurs} == {"shake", "line", "gaussian", "disc", "box", "product", "spline"}
    check(render_blurs(blurs, [generator] * 400, TAPS))


def test_a_mix_grows_with_the_face() -> None:
    generator = np.random.default_rng(4)
    grown = BlurMix(
        shake=0, line=0, gaussian=1, disc=0, box=0, product=0, spline=0, sigmas=(2.0,), ratios=(1.0,)
    ).scaled(2)
    kernel = render_blurs([draw_blur(generator, grown)], [generator], 81)[0]
    away = torch.arange(81) - 40.0
    assert float((kernel.sum(0) * away**2).sum()) == pytest.approx(16, rel=0.01)


def test_fields_are_smooth_kernels() -> None:
    generator = np.random.default_rng(4)
    fields = [draw_field(generator, FieldMix(), BlurMix()) for _ in range(60)]
    rendered = render_fields(fields, [generator] * 60, TAPS)
    assert rendered.shape == (60, 3, 3, TAPS, TAPS)
    check(rendered.flatten(0, 2))
    spread = (rendered.sum(-1) * (torch.arange(TAPS) - 20.0) ** 2).sum(-1)
    for kind in ("turning", "tilted"):
        chosen = [index for index, field in enumerate(fields) if field.kind == kind]
        near = (spread[chosen, 0, 0] - spread[chosen, 0, 1]).abs().mean()
        far = (spread[chosen, 0, 0] - spread[chosen, 2, 2]).abs().mean()
        assert 0 < near < far


def test_a_plane_of_focus_tilts_as_it_says() -> None:
    mix = FieldMix(turning=0, near_radii=(0.5,), far_radii=(5.0,), tilt_directions=(0.0,))
    generator = np.random.default_rng(0)
    field = render_fields([draw_field(generator, mix, BlurMix())], [generator], TAPS)[0]
    widths = (field.amax(-2) > 0).sum(-1)
    assert torch.equal(widths, widths[:1].expand(3, 3))  # along x alone
    assert widths[0, 0] < widths[0, 1] < widths[0, 2]
