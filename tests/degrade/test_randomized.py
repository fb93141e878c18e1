"""The randomized degradation."""

import io

import numpy as np
import pytest
import skimage.data
import skimage.transform
import torch
from PIL import Image

from clearface.degrade.bank import KernelBank, make_bank
from clearface.degrade.blurring import blur_field, blur_within, mirrored
from clearface.degrade.kernels import centred, unblurred
from clearface.degrade.plans import STEPS, DegradationMix, DegradationPlan, draw_plan
from clearface.degrade.randomized import apply_plan, compressed, degrade_batch
from clearface.degrade.resampling import resample
from clearface.degrade.transfer import from_linear_light, to_linear_light
from clearface.light import from_linear_light as exact_from_linear_light
from clearface.light import to_linear_light as exact_to_linear_light

STILL = DegradationMix(unblurred=0, varying=0, linear_light=0, reduced=0, noisy=0, compressed=0, shuffled=0)
TAPS = 15


@pytest.fixture(scope="module")
def bank() -> KernelBank:
    return make_bank(np.random.default_rng(1), 40, TAPS, fields=6)


@pytest.fixture(scope="module")
def faces() -> torch.Tensor:
    """Twelve wide copies of the astronaut's face, `(12, 3, 110, 110)`."""
    face = skimage.data.astronaut()[20:212, 130:322] / 255
    small = skimage.transform.resize(face, (96, 96), anti_aliasing=True)
    wide = mirrored(torch.from_numpy(small.astype(np.float32)).permute(2, 0, 1)[None], TAPS // 2)
    return wide.repeat(12, 1, 1, 1)


def delta() -> KernelBank:
    return KernelBank(unblurred(1, TAPS), torch.zeros(0, 3, 3, TAPS, TAPS), ("none",))


def rounded(faces: torch.Tensor) -> torch.Tensor:
    return (faces.clamp(0, 1) * 255).round() / 255


def one_step(mix: DegradationMix, count: int = 1) -> DegradationPlan:
    return draw_plan(np.random.default_rng(0), count, 1, 0, mix)


def test_nothing_happens_without_blur_noise_or_loss(faces: torch.Tensor) -> None:
    photos = rounded(faces)
    answer = degrade_batch(photos, delta(), np.random.default_rng(0), STILL)
    torch.testing.assert_close(answer.faces, photos[..., 7:-7, 7:-7], atol=1e-6, rtol=0)


def test_the_sharp_are_left_alone(faces: torch.Tensor, bank: KernelBank) -> None:
    mix = DegradationMix(unblurred=1, untouched=1)
    answer = degrade_batch(faces, bank, np.random.default_rng(0), mix)
    assert torch.equal(answer.faces, rounded(faces[..., 7:-7, 7:-7]))
    assert torch.equal(answer.kernels, unblurred(12, TAPS))


def test_the_kernels_told_are_those_used(faces: torch.Tensor, bank: KernelBank) -> None:
    mix = DegradationMix(unblurred=0.2, varying=0.4, linear_light=0, reduced=0, noisy=0, compressed=0)
    answer = degrade_batch(faces, bank, np.random.default_rng(2), mix)
    assert 0 < int(answer.varying.sum()) < 12
    for index in range(12):
        if answer.varying[index]:
            field = bank.fields[answer.plan.varying[index]][None]
            expected = blur_field(faces[index : index + 1], field)
            torch.testing.assert_close(answer.kernels[index], centred(field.mean((1, 2)))[0])
        else:
            expected = blur_within(faces[index : index + 1], answer.kernels[index : index + 1])
        torch.testing.assert_close(answer.faces[index], rounded(expected)[0], atol=0.0041, rtol=0)


def test_brightness_is_kept(bank: KernelBank) -> None:
    for level in (0.05, 0.4, 0.9):
        answer = degrade_batch(torch.full((60, 3, 78, 78), level), bank, np.random.default_rng(0))
        assert float((answer.faces.mean((1, 2, 3)) - level).abs().max()) < 0.004  # a level of 255


def test_faces_keep_their_brightness(faces: torch.Tensor, bank: KernelBank) -> None:
    sharp = faces[..., 7:-7, 7:-7]
    for linear in (0, 1):
        mix = DegradationMix(linear_light=linear, shuffled=0.5)
        answer = degrade_batch(faces.repeat(5, 1, 1, 1), bank, np.random.default_rng(4), mix).faces
        first, second = (to_linear_light(part) for part in (answer, sharp[:1])) if linear else (answer, sharp[:1])
        assert float((first.mean((1, 2, 3)) - second.mean()).abs().max()) < 0.012
        assert float((first.mean((1, 2, 3)) - second.mean()).mean().abs()) < 0.003


def test_read_noise_has_the_strength_asked_for() -> None:
    mix = DegradationMix(
        unblurred=0, varying=0, linear_light=0, reduced=0, noisy=1, read_noise=(0.02,), shot_noise=(0.0,), compressed=0
    )
    answer = degrade_batch(torch.full((4, 3, 142, 142), 0.5), delta(), np.random.default_rng(0), mix).faces
    assert float(answer.std()) == pytest.approx(0.02, rel=0.02)
    assert float((answer[0] * answer[1]).mean() - answer[0].mean() * answer[1].mean()) == pytest.approx(0, abs=1e-5)


def test_shot_noise_grows_with_brightness() -> None:
    mix = DegradationMix(
        unblurred=0,
        varying=0,
        linear_light=0,
        reduced=0,
        noisy=1,
        read_noise=(0.0,),
        shot_noise=(0.0005,),
        compressed=0,
    )
    for level in (0.2, 0.8):
        answer = degrade_batch(torch.full((4, 3, 142, 142), level), delta(), np.random.default_rng(0), mix).faces
        assert float(answer.var()) == pytest.approx(0.0005 * level, rel=0.05)


def test_light_and_not_brightness_is_averaged_in_linear_light() -> None:
    halves = torch.zeros(1, 3, 8 + TAPS - 1, 8 + TAPS - 1)
    halves[..., ::2] = 1
    kernels = torch.zeros(1, TAPS, TAPS)
    kernels[0, 7, 6:9] = torch.tensor([0.25, 0.5, 0.25])
    bank = KernelBank(kernels, torch.zeros(0, 3, 3, TAPS, TAPS), ("three taps",))
    mix = DegradationMix(unblurred=0, varying=0, linear_light=1, reduced=0, noisy=0, compressed=0)
    answer = degrade_batch(halves, bank, np.random.default_rng(0), mix).faces
    expected = float(exact_from_linear_light(np.array([0.5]))[0])
    torch.testing.assert_close(answer, torch.full_like(answer, expected), atol=0.003, rtol=0)


def test_light_is_what_it_is_elsewhere() -> None:
    values = np.linspace(0, 1, 500)
    tensor = torch.from_numpy(values)
    np.testing.assert_allclose(to_linear_light(tensor), exact_to_linear_light(values), atol=1e-12)
    np.testing.assert_allclose(from_linear_light(tensor), exact_from_linear_light(values), atol=1e-12)


@pytest.mark.parametrize(("codec", "kind"), [("jpeg", "JPEG"), ("webp", "WEBP")])
def test_codecs_are_the_real_ones(faces: torch.Tensor, codec: str, kind: str) -> None:
    picture = faces[0]
    ours = (compressed(picture, codec, 40, "4:2:0").permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
    pixels = (picture.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, quality=40)
    theirs = np.asarray(Image.open(buffer))
    assert np.abs(ours.astype(int) - theirs).mean() < 0.8
    assert np.abs(ours.astype(int) - pixels).mean() > 1


def test_subsampling_blurs_colours(faces: torch.Tensor) -> None:
    off = [
        float((compressed(faces[0], "jpeg", 95, kind) - faces[0]).square().mean())
        for kind in ("4:2:0", "4:2:2", "4:4:4")
    ]
    assert off[0] > off[1] > off[2]


def test_resolution_is_lost_by_the_filters_named(faces: torch.Tensor) -> None:
    mix = DegradationMix(
        unblurred=0, varying=0, linear_light=0, reduced=1, factors=(3.0,), reducing=("area",), enlarging=("lanczos",),
        noisy=0, compressed=0, shuffled=0,
    )  # fmt: skip
    answer = degrade_batch(faces[:2], delta(), np.random.default_rng(0), mix).faces
    small = resample(faces[:2, :, 7:-7, 7:-7], 32, 32, "area")
    torch.testing.assert_close(answer, rounded(resample(small, 96, 96, "lanczos")), atol=0.0041, rtol=0)


def test_late_enlarging_smooths_the_noise_of_the_small_face() -> None:
    mix = DegradationMix(
        unblurred=0, varying=0, linear_light=0, reduced=1, factors=(4.0,), enlarging=("bilinear",), noisy=1,
        read_noise=(0.02,), shot_noise=(0.0,), compressed=0,
    )  # fmt: skip
    level = torch.full((1, 3, 142, 142), 0.5)
    order = np.array([[STEPS.index(step) for step in ("blur", "reduce", "noise", "compress")]])
    deviations = []
    for late in (True, False):
        plan = one_step(mix)
        changed = DegradationPlan(
            **{name: getattr(plan, name) for name in plan.__dataclass_fields__}
            | {"order": order, "late": np.array([late])}
        )
        answer = apply_plan(level, delta(), changed).faces
        deviations.append(float((answer[..., 1:] - answer[..., :-1]).std()))
    assert deviations[0] < 0.4 * deviations[1]


def test_a_step_before_the_blur_is_blurred(bank: KernelBank) -> None:
    mix = DegradationMix(
        unblurred=0, varying=0, linear_light=0, reduced=0, noisy=1, read_noise=(0.02,), shot_noise=(0.0,), compressed=0
    )
    box = KernelBank(torch.full((1, TAPS, TAPS), 1 / TAPS**2), torch.zeros(0, 3, 3, TAPS, TAPS), ("box",))
    level = torch.full((1, 3, 142, 142), 0.5)
    deviations = []
    for steps in (("blur", "noise", "reduce", "compress"), ("noise", "blur", "reduce", "compress")):
        plan = one_step(mix)
        order = np.array([[STEPS.index(step) for step in steps]])
        changed = DegradationPlan(
            **{name: getattr(plan, name) for name in plan.__dataclass_fields__} | {"order": order}
        )
        deviations.append(float(apply_plan(level, box, changed).faces.std()))
    assert deviations[0] == pytest.approx(0.02, rel=0.05)
    assert deviations[1] < 0.005


def test_the_same_seed_gives_the_same_faces(faces: torch.Tensor, bank: KernelBank) -> None:
    first, second, other = (degrade_batch(faces, bank, np.random.default_rng(seed)).faces for seed in (1, 1, 2))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


def test_a_face_does_not_depend_on_its_neighbours(faces: torch.Tensor, bank: KernelBank) -> None:
    plan = draw_plan(np.random.default_rng(7), 12, 40, 6)
    together = apply_plan(faces, bank, plan)
    for index in range(12):
        alone = apply_plan(faces[index : index + 1], bank, plan.chosen(np.array([index])))
        off = (alone.faces[0] - together.faces[index]).abs()
        assert float(off.max()) < 0.004  # one level, where the last bit decided how it was rounded
        assert float((off > 0).float().mean()) < 0.001
        torch.testing.assert_close(alone.kernels[0], together.kernels[index])


def test_the_input_is_left_as_it_was(faces: torch.Tensor, bank: KernelBank) -> None:
    before = faces.clone()
    degrade_batch(faces, bank, np.random.default_rng(1))
    assert torch.equal(before, faces)


def test_faces_without_room_for_the_kernel_are_refused(bank: KernelBank) -> None:
    with pytest.raises(ValueError, match="no room"):
        degrade_batch(torch.zeros(1, 3, 14, 40), bank, np.random.default_rng(0))
